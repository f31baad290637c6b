"""What was observed: events, identifiers, links and traits.

A ``ref`` is what Neo4j calls an element id. It is good for the transaction that read it, and quicker than a key.
"""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.driver.rows import Span


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
async def find_links(tx: ReadTransaction, *, pairs: list[list[str]]) -> list[KnownLink]: ...


@query("identity/find_link")
async def find_link(tx: ReadTransaction, *, a: str, b: str) -> list[FoundLink]: ...


@query("identity/lock_links")
async def lock_links(tx: WriteTransaction, *, ids: list[str], released: list[str]) -> list[RegionLink]: ...


@query("identity/list_neighbours")
async def list_neighbours(tx: ReadTransaction, *, keys: list[str]) -> list[NeighbourCustomer]: ...


class NewLink(Span):
    """A link to create between two identifiers, named by their refs."""

    a: str
    b: str
    count: int
    sources: list[str]


@query("identity/create_links")
async def create_links(tx: WriteTransaction, *, rows: list[NewLink]) -> None: ...


class ChangedLink(Span):
    """A link as it is from now on."""

    ref: str
    count: int
    sources: list[str]


@query("identity/update_links")
async def update_links(tx: WriteTransaction, *, rows: list[ChangedLink]) -> None: ...


class NewWitness(TypedDict):
    """Why a link is refused; None when it holds."""

    a: str
    b: str
    witness: str | None


@query("identity/set_witnesses")
async def set_witnesses(tx: WriteTransaction, *, rows: list[NewWitness], at_s: int, at_ns: int) -> None: ...


@query("identity/drop_witnesses_of")
async def drop_witnesses_of(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("identity/delete_links")
async def delete_links(tx: WriteTransaction, *, refs: list[str]) -> None: ...


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


class CountedPair(TypedDict):
    """A pair whose evidence is counted, and until when it was unlinked."""

    a: str
    b: str
    until_s: int | None
    until_ns: int | None


@query("identity/count_evidence")
async def count_evidence(tx: ReadTransaction, *, rows: list[CountedPair]) -> list[PairEvidence]: ...


@query("identity/list_partners")
async def list_partners(tx: ReadTransaction, *, keys: list[str]) -> list[Partner]: ...
