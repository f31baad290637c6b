"""Reading identifiers, alone and of customers and touchpoints."""

from typing import NamedTuple

from identity_graph.domain.identity.read_models import CustomerIdentifier, OwnedIdentifier, TouchpointIdentifier
from identity_graph.store.driver.query import ReadTransaction, query


class UndeclaredRow(NamedTuple):
    """An identifier of a namespace that the rules do not declare."""

    key: str


@query("customers/find_identifiers")
async def find_identifiers(tx: ReadTransaction, *, keys: list[str]) -> list[OwnedIdentifier]: ...


@query("customers/find_undeclared")
async def find_undeclared(tx: ReadTransaction, *, value: str, declared: list[str]) -> list[UndeclaredRow]: ...


@query("customers/list_identifiers_of_customers")
async def list_identifiers_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str]
) -> list[CustomerIdentifier]: ...


@query("customers/list_identifiers_of_touchpoints")
async def list_identifiers_of_touchpoints(
    tx: ReadTransaction, *, event_ids: list[str]
) -> list[TouchpointIdentifier]: ...
