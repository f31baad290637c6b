"""What is read and written when evidence is taken back or read anew."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class LockedEvent(NamedTuple):
    """An event as stored. ``keys`` are those of the identifiers seen in it; ``visitor`` is that of its session, if any."""

    id: str
    source: str
    message_id: str
    occurred_at: Instant
    is_retracted: bool
    traits: str | None
    keys: list[str]
    visitor: str | None


class Sighting(NamedTuple):
    """When an identifier was observed."""

    key: str
    first_seen: Instant
    last_seen: Instant


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


class Reading(NamedTuple):
    """An event as it came (``identifiers``: ``namespace:value``) and as it is read: what was seen in it, what links nothing."""

    id: str
    source: str
    message_id: str
    occurred_at: Instant
    identifiers: list[str]
    ignored: list[str]
    has_traits: bool
    keys: list[str]
    visitor: str | None


class RawEvent(NamedTuple):
    """An event with its identifiers as they came."""

    id: str
    identifiers: list[str]


class TraitClaim(NamedTuple):
    """An event that has traits, seen from one of its identifiers. ``traits`` is JSON."""

    key: str
    observed_at: Instant
    source: str
    message_id: str
    traits: str
    keys: list[str]


class StoredTrait(NamedTuple):
    """A trait of an identifier, and the event that it is from."""

    key: str
    trait: str
    name: str
    observed_at: Instant
    source: str
    message_id: str


@query("events/lock_event")
async def lock_event(tx: Transaction, *, id: str) -> list[LockedEvent]: ...


@query("events/mark_events")
async def mark_events(tx: Transaction, *, ids: list[str]) -> None: ...


@query("events/retract_event")
async def retract_event(tx: Transaction, *, id: str, actor: str, at_s: int, at_ns: int) -> None: ...


@query("identifiers/count_sightings")
async def count_sightings(tx: Transaction, *, keys: list[str]) -> list[Sighting]: ...


@query("links/count_evidence")
async def count_evidence(tx: Transaction, *, rows: Rows) -> list[PairEvidence]: ...


@query("links/list_partners")
async def list_partners(tx: Transaction, *, keys: list[str]) -> list[Partner]: ...


@query("events/list_readings")
async def list_readings(tx: Transaction, *, keys: list[str]) -> list[Reading]: ...


@query("events/find_readings")
async def find_readings(tx: Transaction, *, ids: list[str]) -> list[Reading]: ...


@query("events/page_events")
async def page_events(tx: Transaction, *, after: str, limit: int) -> list[RawEvent]: ...


@query("events/replace_readings")
async def replace_readings(tx: Transaction, *, rows: Rows) -> None: ...


@query("traits/list_claims")
async def list_claims(tx: Transaction, *, keys: list[str]) -> list[TraitClaim]: ...


@query("traits/list_traits")
async def list_traits(tx: Transaction, *, keys: list[str]) -> list[StoredTrait]: ...


@query("traits/set_traits")
async def set_traits(tx: Transaction, *, rows: Rows) -> None: ...


@query("traits/delete_traits")
async def delete_traits(tx: Transaction, *, keys: list[str]) -> None: ...
