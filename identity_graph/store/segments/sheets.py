"""The facts of customers that rules of segments look at, each kind for many customers at once."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class KnownCustomer(NamedTuple):
    """A customer, and when it was first seen."""

    customer_id: str
    first_seen: Instant


class SeenIdentifier(NamedTuple):
    """An identifier of a customer, and when it was first seen."""

    customer_id: str
    key: str
    first_seen: Instant


class JoinedNamespaces(NamedTuple):
    """The namespaces of the two ends of a link inside a customer."""

    customer_id: str
    a: str
    b: str


class ToldTrait(NamedTuple):
    """What an identifier of a customer keeps of a trait; ``value`` and ``state`` are JSON."""

    customer_id: str
    identifier_key: str
    name: str
    value: str
    observed_at: Instant
    source: str
    message_id: str
    policy: str | None
    state: str | None


class OrderFact(NamedTuple):
    """An order of a customer. Amounts are decimals as text, ``lines`` is JSON."""

    customer_id: str
    id: str
    state: str
    placed_at: Instant | None
    at: Instant
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None


class SeenChannel(NamedTuple):
    """When a customer was seen on a channel."""

    customer_id: str
    channel: str
    at: Instant


class VisitStart(NamedTuple):
    """When a visit of a customer began."""

    customer_id: str
    started_at: Instant


@query("segments/list_known_customers")
async def list_known_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[KnownCustomer]: ...


@query("segments/list_sightings_of_customers")
async def list_sightings_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SeenIdentifier]: ...


@query("segments/list_joined_namespaces")
async def list_joined_namespaces(tx: ReadTransaction, *, customer_ids: list[str]) -> list[JoinedNamespaces]: ...


@query("segments/list_told_of_customers")
async def list_told_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str] | None
) -> list[ToldTrait]: ...


@query("segments/list_orders_of_customers")
async def list_orders_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[OrderFact]: ...


@query("segments/list_seen_channels")
async def list_seen_channels(
    tx: ReadTransaction, *, customer_ids: list[str], channels: list[str], now: str
) -> list[SeenChannel]: ...


@query("segments/list_visits_of_customers")
async def list_visits_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[VisitStart]: ...
