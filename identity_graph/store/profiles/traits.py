"""Traits of identifiers, one value a name, and the claims of events that they follow from."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


@query("profiles/put_traits")
async def put_traits(tx: Transaction, *, rows: Rows) -> None: ...


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


@query("profiles/list_claims")
async def list_claims(tx: Transaction, *, keys: list[str]) -> list[TraitClaim]: ...


@query("profiles/list_traits")
async def list_traits(tx: Transaction, *, keys: list[str]) -> list[StoredTrait]: ...


@query("profiles/set_traits")
async def set_traits(tx: Transaction, *, rows: Rows) -> None: ...


@query("profiles/delete_traits")
async def delete_traits(tx: Transaction, *, keys: list[str]) -> None: ...
