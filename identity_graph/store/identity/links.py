"""What was observed: events, identifiers, links and traits.

A ``ref`` is what Neo4j calls an element id. It is good for the transaction that read it, and quicker than a key.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class KnownEvent(NamedTuple):
    """An event that was taken in before."""

    id: str


class LockedIdentifier(NamedTuple):
    """An identifier as stored. ``partners`` is JSON: partners per namespace and scope."""

    key: str
    ref: str
    first_seen: Instant
    last_seen: Instant
    partners: str
    quarantined: bool
    ambiguous: bool
    judged: bool
    overruled: bool
    customer_id: str
    customer_updated_at: Instant


class CreatedIdentifier(NamedTuple):
    """An identifier that was just written."""

    key: str
    ref: str


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


@query("events/find_events")
async def find_events(tx: Transaction, *, ids: list[str]) -> list[KnownEvent]: ...


@query("events/create_events")
async def create_events(tx: Transaction, *, rows: Rows) -> None: ...


@query("identifiers/lock_identifiers")
async def lock_identifiers(tx: Transaction, *, keys: list[str]) -> list[LockedIdentifier]: ...


@query("identifiers/create_identifiers")
async def create_identifiers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> list[CreatedIdentifier]: ...


@query("identifiers/update_identifiers")
async def update_identifiers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identifiers/touch_identifiers")
async def touch_identifiers(tx: Transaction, *, rows: Rows) -> None: ...


@query("links/find_links")
async def find_links(tx: Transaction, *, pairs: list[list[str]]) -> list[KnownLink]: ...


@query("links/find_link")
async def find_link(tx: Transaction, *, a: str, b: str) -> list[FoundLink]: ...


@query("links/list_links")
async def list_links(tx: Transaction, *, ids: list[str], released: list[str]) -> list[RegionLink]: ...


@query("links/list_neighbours")
async def list_neighbours(tx: Transaction, *, keys: list[str]) -> list[NeighbourCustomer]: ...


@query("links/create_links")
async def create_links(tx: Transaction, *, rows: Rows) -> None: ...


@query("links/update_links")
async def update_links(tx: Transaction, *, rows: Rows) -> None: ...


@query("links/set_witnesses")
async def set_witnesses(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("links/drop_witnesses_of")
async def drop_witnesses_of(tx: Transaction, *, keys: list[str]) -> None: ...


@query("links/delete_links")
async def delete_links(tx: Transaction, *, refs: list[str]) -> None: ...


@query("identifiers/retire_identifiers")
async def retire_identifiers(tx: Transaction, *, refs: list[str], at_s: int, at_ns: int) -> None: ...


class DroppedTraits(NamedTuple):
    """How many traits were dropped."""

    dropped: int


@query("traits/drop_surplus")
async def drop_surplus(tx: Transaction, *, identifiers: list[str], most: int) -> list[DroppedTraits]: ...


@query("traits/put_traits")
async def put_traits(tx: Transaction, *, rows: Rows) -> None: ...
