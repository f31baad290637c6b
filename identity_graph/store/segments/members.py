"""Reading members, transitions, sizes and pins; moments in parameters of pages are ISO 8601 texts."""

from typing import NamedTuple

from identity_graph.domain.segments.read_models import Member, SizeAt
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.segments.evaluation import Deleted


class StoredTransition(NamedTuple):
    """A transition, and its place among all."""

    position: int
    segment_id: str
    customer_id: str
    number: int
    entered: bool
    at: Instant
    occurred_at: Instant
    cause: str
    reason: str


class PagedPin(NamedTuple):
    """What a person decided; ``key`` is its place in the list."""

    key: str
    segment_id: str
    customer_id: str
    member: bool
    reason: str
    actor: str
    at: Instant


class LastTransition(NamedTuple):
    """The position of the latest transition."""

    position: int


class Oldest(NamedTuple):
    """Since when somebody waits to be evaluated, and since when a membership has been due."""

    waiting_since: Instant | None
    due_at: Instant | None


@query("segments/page_members")
async def page_members(
    tx: ReadTransaction, *, edition: str, before: str, before_id: str, limit: int
) -> list[Member]: ...


@query("segments/page_transitions")
async def page_transitions(
    tx: ReadTransaction, *, segment_id: str | None, after: int, limit: int
) -> list[StoredTransition]: ...


@query("segments/page_transitions_back")
async def page_transitions_back(
    tx: ReadTransaction, *, segment_id: str, before: int, limit: int
) -> list[StoredTransition]: ...


@query("segments/page_transitions_of_customer")
async def page_transitions_of_customer(
    tx: ReadTransaction, *, customer_id: str, before: int, limit: int
) -> list[StoredTransition]: ...


@query("segments/find_last_transition")
async def find_last_transition(tx: ReadTransaction) -> list[LastTransition]: ...


@query("segments/list_sizes")
async def list_sizes(tx: ReadTransaction, *, segment_id: str, from_s: int, to_s: int) -> list[SizeAt]: ...


@query("segments/find_oldest")
async def find_oldest(tx: ReadTransaction, *, now_s: int, now_ns: int) -> list[Oldest]: ...


@query("segments/save_pin")
async def save_pin(
    tx: WriteTransaction,
    *,
    key: str,
    segment_id: str,
    identifier: str,
    member: bool,
    reason: str,
    actor: str,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("segments/delete_pins")
async def delete_pins(tx: WriteTransaction, *, segment_id: str, customer_id: str) -> list[Deleted]: ...


@query("segments/page_pins")
async def page_pins(tx: ReadTransaction, *, segment_id: str, after: str, limit: int) -> list[PagedPin]: ...
