"""What the quality of a customer's profile is rated by, beside its traits."""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, query


class CustomerNamespace(NamedTuple):
    """A namespace of which a customer has an identifier."""

    customer_id: str
    namespace: str


class RecentClaims(NamedTuple):
    """What a touchpoint of a customer says of traits, as JSON."""

    customer_id: str
    type: str
    traits: str


@query("profiles/list_namespaces_of_customers")
async def list_namespaces_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[CustomerNamespace]: ...


@query("profiles/list_recent_claims")
async def list_recent_claims(
    tx: ReadTransaction, *, customer_ids: list[str], identifiers: int, touchpoints: int
) -> list[RecentClaims]: ...
