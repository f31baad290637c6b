"""The facts of customers that are evaluated, many at once; each query reads one kind of them."""

from typing import Any, NamedTuple

from identity_graph.domain.segments.read_models import PinView
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class Subject(NamedTuple):
    """A customer: identifiers are pairs of key and when it was first seen. ``merged_into`` is where one that is no more went."""

    customer_id: str
    is_former: bool
    first_seen: Instant | None
    mark: int
    identifiers: list[list[Any]]
    merged_into: str | None


class SubjectEvent(NamedTuple):
    """An event of a customer; ``properties`` is JSON."""

    customer_id: str
    occurred_at: Instant
    source: str
    message_id: str
    name: str
    channel: str
    properties: str | None


class SubjectChannel(NamedTuple):
    """A moment at which a customer was on a channel."""

    customer_id: str
    channel: str
    occurred_at: Instant


class SubjectOrder(NamedTuple):
    """An order of a customer. Amounts are decimals as text, ``lines`` is JSON."""

    customer_id: str
    id: str
    state: str
    at: Instant
    is_placed: bool
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None


class SubjectSession(NamedTuple):
    """A visit of a customer."""

    customer_id: str
    started_at: Instant


class SubjectLink(NamedTuple):
    """The namespaces of the ends of a link inside a customer."""

    customer_id: str
    a: str
    b: str


class EarlyTrait(NamedTuple):
    """A trait of which something is said of a time to come."""

    customer_id: str
    name: str


@query("segments/find_subjects")
async def find_subjects(tx: ReadTransaction, *, customer_ids: list[str]) -> list[Subject]: ...


@query("segments/list_subject_events")
async def list_subject_events(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str]
) -> list[SubjectEvent]: ...


@query("segments/list_subject_channels")
async def list_subject_channels(
    tx: ReadTransaction, *, customer_ids: list[str], channels: list[str], now: int
) -> list[SubjectChannel]: ...


@query("segments/list_subject_orders")
async def list_subject_orders(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SubjectOrder]: ...


@query("segments/list_subject_sessions")
async def list_subject_sessions(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SubjectSession]: ...


@query("segments/list_subject_links")
async def list_subject_links(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SubjectLink]: ...


@query("segments/list_early_traits")
async def list_early_traits(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str] | None, now_s: int, now_ns: int
) -> list[EarlyTrait]: ...


@query("segments/list_subject_pins")
async def list_subject_pins(tx: ReadTransaction, *, customer_ids: list[str]) -> list[PinView]: ...
