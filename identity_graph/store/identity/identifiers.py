"""Identifiers: locked, created, changed and written off."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.driver.rows import Span


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


@query("identity/lock_identifiers")
async def lock_identifiers(tx: WriteTransaction, *, keys: list[str]) -> list[LockedIdentifier]: ...


class NewIdentifier(Span):
    """An identifier to create; ``partners`` is JSON, ``crowding`` the share of its limit that they take up."""

    key: str
    label: str
    namespace: str
    value: str
    partners: str
    crowding: float | None
    quarantined: bool | None
    ambiguous: bool | None
    judged: bool | None
    overruled: bool | None
    customer_id: str


@query("identity/create_identifiers")
async def create_identifiers(
    tx: WriteTransaction, *, rows: list[NewIdentifier], at_s: int, at_ns: int
) -> list[CreatedIdentifier]: ...


class ChangedIdentifier(Span):
    """An identifier as it is from now on."""

    ref: str
    partners: str
    crowding: float | None
    quarantined: bool | None
    ambiguous: bool | None
    judged: bool | None
    overruled: bool | None


@query("identity/update_identifiers")
async def update_identifiers(tx: WriteTransaction, *, rows: list[ChangedIdentifier], at_s: int, at_ns: int) -> None: ...


class SeenIdentifier(Span):
    """An identifier that was seen at other times than the stored ones."""

    ref: str


@query("identity/touch_identifiers")
async def touch_identifiers(tx: WriteTransaction, *, rows: list[SeenIdentifier]) -> None: ...


@query("identity/retire_identifiers")
async def retire_identifiers(tx: WriteTransaction, *, refs: list[str], at_s: int, at_ns: int) -> None: ...


class Sighting(NamedTuple):
    """When an identifier was observed."""

    key: str
    first_seen: Instant
    last_seen: Instant


@query("identity/count_sightings")
async def count_sightings(tx: ReadTransaction, *, keys: list[str]) -> list[Sighting]: ...
