"""Reading links: those that hold a customer together, and those that were refused at its border."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query


class LinkRow(NamedTuple):
    """A link inside a customer; ``a`` and ``b`` are keys, ``a`` the smaller."""

    customer_id: str
    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]


class RefusedLinkRow(NamedTuple):
    """A link from a customer to another one; ``refused`` is the code of the refusal."""

    customer_id: str
    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]
    refused: str


@query("customers/list_links_of_customers")
async def list_links_of_customers(tx: Transaction, *, customer_ids: list[str]) -> list[LinkRow]: ...


@query("customers/page_refused_links")
async def page_refused_links(
    tx: Transaction, *, customer_ids: list[str], after_a: str, after_b: str, limit: int, max_identifiers: int
) -> list[RefusedLinkRow]: ...
