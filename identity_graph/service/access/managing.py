"""Making, listing, rotating and revoking access keys."""

import secrets
from typing import NamedTuple

from identity_graph.domain.access.keys import (
    ONLY_WRITE,
    AccessKeyView,
    check_expiry,
    check_grant,
    check_name,
    is_source,
    open_name,
)
from identity_graph.domain.access.principals import ALL_SCOPES, COMMAND, Principal, Scope, in_order
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.access.keys import DEFAULT_SOURCE, FIRST_ADMIN, hash_key, list_rows, view_of
from identity_graph.service.clock import now_instant
from identity_graph.service.new_ids import new_id
from identity_graph.settings import Settings
from identity_graph.store.access import keys as store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction

KEY_ID = "key"
"""The prefix of the ids of keys."""

OVERLAP: Instant = 7 * DAY
"""How long the earlier secret of a rotated key is good, unless it is said otherwise."""

LONGEST_OVERLAP: Instant = 90 * DAY


class NewKeys(NamedTuple):
    """Keys that were just made, to be shown once; None for a kind that there was already."""

    admin: str | None
    write: str | None


class ShownKey(NamedTuple):
    """A key with its secret, which is shown this once."""

    key: AccessKeyView
    secret: str


async def ensure_keys(graph: Graph, settings: Settings) -> NewKeys | None:
    """Make the first keys where there are none, in the settings or the graph; None when nothing was to be made.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """

    async def make(tx: WriteTransaction) -> NewKeys:
        open_keys = [view for view in map(view_of, await list_rows(tx)) if view.revoked_at is None]
        admin = write = None
        if settings.admin_key is None and not any(Scope.ADMIN in view.scopes for view in open_keys):
            admin = (await _store_key(tx, FIRST_ADMIN, ALL_SCOPES, None)).secret
        if settings.write_key is None and not any(view.is_source for view in open_keys):
            write = (await _store_key(tx, DEFAULT_SOURCE, ONLY_WRITE, None)).secret
        return NewKeys(admin, write)

    made = await graph.write(make)
    return made if made.admin is not None or made.write is not None else None


async def list_keys(graph: Graph) -> list[AccessKeyView]:
    """List the keys of the graph by name, revoked ones too; those of the settings are not among them."""
    return [view_of(row) for row in await graph.read(list_rows)]


async def create_key(
    graph: Graph,
    name: str,
    scopes: frozenset[Scope] = ONLY_WRITE,
    *,
    expires_at: Instant | None = None,
    by: Principal = COMMAND,
) -> ShownKey:
    """Make a key. With the scope ``write`` alone, its name is the source of what comes in by it.

    Raises:
        InvalidInputError: the name is empty, too long or taken, or the key would be expired already.
        ForbiddenError: the key would have scopes that its maker does not have.
    """
    check_name(name)
    check_expiry(expires_at, now_instant())
    check_grant(by.scopes, scopes)

    async def create(tx: WriteTransaction) -> ShownKey | None:
        if any(view.name == name and view.is_source == is_source(scopes) for view in await _list_open(tx)):
            return None
        return await _store_key(tx, name, scopes, expires_at)

    shown = await graph.write(create)
    if shown is None:
        kind = "write key" if is_source(scopes) else "key"
        raise InvalidInputError(f"There is a {kind} named {name!r} already: revoke it first, or take another name.")
    return shown


async def rotate_key(graph: Graph, id: str, *, overlap: Instant = OVERLAP, by: Principal = COMMAND) -> ShownKey:
    """Give a key another secret; the one that it had is good for the overlap, no earlier one.

    Raises:
        InvalidInputError: the overlap is below zero or too long.
        ForbiddenError: the key has scopes that its rotator does not have.
        NotFoundError: there is no such key, or it was revoked.
    """
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise InvalidInputError("The earlier secret can be good for up to P90D more.")

    async def rotate(tx: WriteTransaction) -> ShownKey | None:
        view = next((view for view in await _list_open(tx) if view.id == id), None)
        if view is None:
            return None
        check_grant(by.scopes, view.scopes)
        secret, until = _random_secret(view.scopes), now_instant() + overlap
        await store.rotate_access_key(
            tx, id=id, sha256=hash_key(secret), until_s=seconds(until), until_ns=nanoseconds(until)
        )
        return ShownKey(view._replace(previous_until=until), secret)

    shown = await graph.write(rotate)
    if shown is None:
        raise _not_found(id)
    return shown


async def revoke_key(graph: Graph, id: str) -> AccessKeyView:
    """Revoke a key; running services refuse it within seconds.

    Raises:
        NotFoundError: there is no such key, or it was revoked before.
    """

    async def revoke(tx: WriteTransaction) -> AccessKeyView | None:
        view = next((view for view in await _list_open(tx) if view.id == id), None)
        if view is None:
            return None
        now = now_instant()
        await store.revoke_access_key(tx, id=id, at_s=seconds(now), at_ns=nanoseconds(now))
        return view._replace(revoked_at=now, previous_until=None)

    view = await graph.write(revoke)
    if view is None:
        raise _not_found(id)
    return view


async def find_key_named(graph: Graph, name: str, *, source: bool | None = None) -> AccessKeyView:
    """Find the open key of a name, or of an id; with ``source``, among write keys, or among the others.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: a write key and another key have this name.
    """
    found = [
        view
        for view in await list_keys(graph)
        if view.revoked_at is None
        and (view.id == name or (view.name == name and (source is None or view.is_source == source)))
    ]
    if len(found) > 1:
        raise InvalidInputError(f"A write key and another key are named {name!r}: add `--kind`, or give the key's id.")
    if not found:
        kind = {None: "key", True: "write key", False: "key with other scopes"}[source]
        raise NotFoundError(f"There is no {kind} named {name!r}: `identity-graph keys list` shows all.")
    return found[0]


async def _list_open(tx: WriteTransaction) -> list[AccessKeyView]:
    return [view for view in map(view_of, await list_rows(tx)) if view.revoked_at is None]


async def _store_key(tx: WriteTransaction, name: str, scopes: frozenset[Scope], expires_at: Instant | None) -> ShownKey:
    now, id, secret = now_instant(), new_id(KEY_ID), _random_secret(scopes)
    await store.create_access_key(
        tx,
        id=id,
        open_name=open_name(name, scopes),
        name=name,
        scopes=[scope.value for scope in in_order(scopes)],
        sha256=hash_key(secret),
        created_s=seconds(now),
        created_ns=nanoseconds(now),
        expires_s=None if expires_at is None else seconds(expires_at),
        expires_ns=None if expires_at is None else nanoseconds(expires_at),
    )
    return ShownKey(AccessKeyView(id, name, scopes, now, None, expires_at, None, None), secret)


def _random_secret(scopes: frozenset[Scope]) -> str:
    prefix = "write" if is_source(scopes) else "admin" if Scope.ADMIN in scopes else "key"
    return f"{prefix}_{secrets.token_urlsafe(24)}"


def _not_found(id: str) -> NotFoundError:
    return NotFoundError("There is no such key, or it was revoked already.", id=id)
