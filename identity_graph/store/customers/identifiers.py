"""Reading identifiers, alone and of customers and touchpoints."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query


class OwnedIdentifierRow(NamedTuple):
    """An identifier with the customer that it belongs to."""

    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool
    customer_id: str
    customer_created_at: Instant
    customer_first_seen: Instant
    customer_last_seen: Instant


class UndeclaredRow(NamedTuple):
    """An identifier of a namespace that the rules do not declare."""

    key: str


class CustomerIdentifierRow(NamedTuple):
    """One identifier of a customer."""

    customer_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool


class TouchpointIdentifierRow(NamedTuple):
    """One identifier that a touchpoint observed."""

    event_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool


@query("customers/find_identifiers")
async def find_identifiers(tx: Transaction, *, keys: list[str]) -> list[OwnedIdentifierRow]: ...


@query("customers/find_undeclared")
async def find_undeclared(tx: Transaction, *, value: str, declared: list[str]) -> list[UndeclaredRow]: ...


@query("customers/list_identifiers_of_customers")
async def list_identifiers_of_customers(tx: Transaction, *, customer_ids: list[str]) -> list[CustomerIdentifierRow]: ...


@query("customers/list_identifiers_of_touchpoints")
async def list_identifiers_of_touchpoints(
    tx: Transaction, *, event_ids: list[str]
) -> list[TouchpointIdentifierRow]: ...
