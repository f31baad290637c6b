"""Traits of identifiers, one node a name, and the claims of events that they follow from."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class NewestTrait(TypedDict):
    """The newest claim of a trait of an identifier, named by its ref; ``key`` names the trait, ``value`` is JSON."""

    identifier: str
    key: str
    name: str
    value: str
    observed_s: int
    observed_ns: int
    source: str
    message_id: str
    deleted: bool | None


class NewTrait(NewestTrait):
    """A trait of an identifier, named by its key. ``state`` is the tally of its claims, ``policy`` what made it."""

    policy: str | None
    state: str | None


@query("profiles/put_newest_traits")
async def put_newest_traits(tx: WriteTransaction, *, rows: list[NewestTrait]) -> None: ...


class TraitClaim(NamedTuple):
    """An event that has traits, seen from one of its identifiers. ``traits`` is JSON."""

    key: str
    type: str
    observed_at: Instant
    source: str
    message_id: str
    traits: str
    keys: list[str]


class StoredTrait(NamedTuple):
    """A trait of an identifier, with what was said last of it and by which event."""

    key: str
    trait: str
    name: str
    value: str
    observed_at: Instant
    source: str
    message_id: str
    policy: str | None
    state: str | None


@query("profiles/list_claims")
async def list_claims(tx: ReadTransaction, *, keys: list[str]) -> list[TraitClaim]: ...


@query("profiles/list_traits")
async def list_traits(tx: ReadTransaction, *, keys: list[str]) -> list[StoredTrait]: ...


@query("profiles/set_traits")
async def set_traits(tx: WriteTransaction, *, rows: list[NewTrait]) -> None: ...


@query("profiles/delete_traits")
async def delete_traits(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("profiles/lock_identifiers")
async def lock_identifiers(tx: WriteTransaction, *, keys: list[str]) -> None: ...


class DroppedTraits(NamedTuple):
    """How many traits were dropped."""

    dropped: int


@query("profiles/drop_surplus")
async def drop_surplus(tx: WriteTransaction, *, identifiers: list[str], most: int) -> list[DroppedTraits]: ...
