"""Identifiers: locked, created, changed and written off."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


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
async def lock_identifiers(tx: Transaction, *, keys: list[str]) -> list[LockedIdentifier]: ...


@query("identity/create_identifiers")
async def create_identifiers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> list[CreatedIdentifier]: ...


@query("identity/update_identifiers")
async def update_identifiers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/touch_identifiers")
async def touch_identifiers(tx: Transaction, *, rows: Rows) -> None: ...


@query("identity/retire_identifiers")
async def retire_identifiers(tx: Transaction, *, refs: list[str], at_s: int, at_ns: int) -> None: ...


class Sighting(NamedTuple):
    """When an identifier was observed."""

    key: str
    first_seen: Instant
    last_seen: Instant


@query("identity/count_sightings")
async def count_sightings(tx: Transaction, *, keys: list[str]) -> list[Sighting]: ...
