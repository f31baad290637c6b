"""What was observed: events, identifiers, links and traits.

A ``ref`` is what Neo4j calls an element id. It is good for the transaction that read it, and quicker than a key.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class KnownLink(NamedTuple):
    """A link as stored, without its refusal."""

    a: str
    b: str
    ref: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]


class FoundLink(NamedTuple):
    """When a pair was first observed together, None when no evidence links it."""

    first_seen: Instant | None


class RegionLink(NamedTuple):
    """A link of a customer, seen from its identifier ``key``."""

    key: str
    other_key: str
    other_customer_id: str
    other_rule_version: int
    outgoing: bool
    first_seen: Instant
    last_seen: Instant
    witness: str | None


class NeighbourCustomer(NamedTuple):
    """A customer that an identifier was observed with."""

    customer_id: str


@query("identity/find_links")
async def find_links(tx: Transaction, *, pairs: list[list[str]]) -> list[KnownLink]: ...


@query("identity/find_link")
async def find_link(tx: Transaction, *, a: str, b: str) -> list[FoundLink]: ...


@query("identity/list_links")
async def list_links(tx: Transaction, *, ids: list[str], released: list[str]) -> list[RegionLink]: ...


@query("identity/list_neighbours")
async def list_neighbours(tx: Transaction, *, keys: list[str]) -> list[NeighbourCustomer]: ...


@query("identity/create_links")
async def create_links(tx: Transaction, *, rows: Rows) -> None: ...


@query("identity/update_links")
async def update_links(tx: Transaction, *, rows: Rows) -> None: ...


@query("identity/set_witnesses")
async def set_witnesses(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/drop_witnesses_of")
async def drop_witnesses_of(tx: Transaction, *, keys: list[str]) -> None: ...


@query("identity/delete_links")
async def delete_links(tx: Transaction, *, refs: list[str]) -> None: ...


class DroppedTraits(NamedTuple):
    """How many traits were dropped."""

    dropped: int


@query("identity/drop_surplus")
async def drop_surplus(tx: Transaction, *, identifiers: list[str], most: int) -> list[DroppedTraits]: ...


class PairEvidence(NamedTuple):
    """What events say of a pair."""

    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]


class Partner(NamedTuple):
    """An identifier and one that it was observed together with."""

    key: str
    other_key: str


@query("identity/count_evidence")
async def count_evidence(tx: Transaction, *, rows: Rows) -> list[PairEvidence]: ...


@query("identity/list_partners")
async def list_partners(tx: Transaction, *, keys: list[str]) -> list[Partner]: ...
