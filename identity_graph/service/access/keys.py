"""Access keys: write keys name the source of events, admin keys allow everything else.

The graph keeps their SHA-256 only, so a key is shown once, when it is made.
"""

import asyncio
import hmac
import secrets
import time
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.errors import GraphUnavailableError, InvalidInputError, NotFoundError
from identity_graph.settings import Settings
from identity_graph.store.access import keys as store
from identity_graph.store.access.keys import AccessKeyRow
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction

DEFAULT_SOURCE = "default"
"""The source of what comes in by the first write key, or the one from the settings."""

FIRST_ADMIN = "admin"
_KNOWN_FOR_SECONDS = 5.0
_UNKNOWN_FOR_SECONDS = 1.0
_PATIENCE_SECONDS = 0.15
"""How long a sender whose key was valid waits to hear whether it still is."""

_LONGEST_NAME = 100


class KeyKind(StrEnum):
    """What a key opens."""

    WRITE = "write"
    ADMIN = "admin"


class NewKeys(NamedTuple):
    """Keys that were just made, to be shown once; None for a kind that there was already."""

    admin: str | None
    write: str | None


class ListedKey(NamedTuple):
    """A key as a list shows it; ``kind`` is ``write`` or ``admin``."""

    kind: str
    name: str
    created_at: Instant


class AccessKeys:
    """Tells whose a key is. Keys of the settings count at once, the others are read from the graph every few seconds.

    Everything is kept by hash, so a wrong key takes no memory and a comparison tells nothing about the right one.
    """

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self._graph = graph
        self._own: dict[str, tuple[KeyKind, str]] = {}
        if settings.admin_key is not None:
            self._own[hash_key(settings.admin_key.get_secret_value())] = (KeyKind.ADMIN, FIRST_ADMIN)
        if settings.write_key is not None:
            self._own[hash_key(settings.write_key.get_secret_value())] = (KeyKind.WRITE, DEFAULT_SOURCE)
        self._stored: dict[str, tuple[KeyKind, str]] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find_source(self, write_key: str) -> str | None:
        """Find the source that a write key names; None when it is not valid.

        While Neo4j does not answer, a key that was valid when it last did is valid: events go on to the spool.

        Raises:
            GraphUnavailableError: the key is not known, and Neo4j does not answer.
        """
        known = _look_up(self._stored, hash_key(write_key), KeyKind.WRITE)
        if known is None or time.monotonic() - self._read_at < _KNOWN_FOR_SECONDS:
            return await self._find(write_key, KeyKind.WRITE)
        reading = asyncio.ensure_future(self._find(write_key, KeyKind.WRITE))
        await asyncio.wait({reading}, timeout=_PATIENCE_SECONDS)
        if not reading.done():
            reading.add_done_callback(_pass_over)
            return known
        try:
            return reading.result()
        except GraphUnavailableError:
            return known

    async def find_admin(self, key: str) -> str | None:
        """Find the name of an admin key; None when it is not valid.

        Raises:
            GraphUnavailableError: the key is none of the settings, and Neo4j does not answer.
        """
        return await self._find(key, KeyKind.ADMIN)

    async def _find(self, key: str, kind: KeyKind) -> str | None:
        digest = hash_key(key)
        name = _look_up(self._own, digest, kind)
        if name is not None:
            return name
        await self._refresh(_KNOWN_FOR_SECONDS)
        name = _look_up(self._stored, digest, kind)
        if name is None:
            await self._refresh(_UNKNOWN_FOR_SECONDS)
            name = _look_up(self._stored, digest, kind)
        return name

    async def _refresh(self, seconds_fresh: float) -> None:
        if time.monotonic() - self._read_at < seconds_fresh:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < seconds_fresh:
                return
            rows = await self._graph.read(_list_keys)
            self._stored = {row.sha256: (KeyKind(row.kind), row.name) for row in rows}
            self._read_at = time.monotonic()


def hash_key(key: str) -> str:
    """Hash a key as the graph keeps it: SHA-256 in hex. Keys are random and long, so they need no salt."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def ensure_keys(graph: Graph, settings: Settings) -> NewKeys | None:
    """Make the first keys where there are none, in the settings or the graph; None when nothing was to be made.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    admin = None if settings.admin_key is not None else _random_key(KeyKind.ADMIN)
    write = None if settings.write_key is not None else _random_key(KeyKind.WRITE)

    async def make(tx: WriteTransaction) -> NewKeys:
        kinds = {row.kind for row in await store.list_access_keys(tx)}
        made = NewKeys(
            None if KeyKind.ADMIN in kinds else admin,
            None if KeyKind.WRITE in kinds else write,
        )
        if made.admin is not None:
            await _store_key(tx, KeyKind.ADMIN, FIRST_ADMIN, made.admin)
        if made.write is not None:
            await _store_key(tx, KeyKind.WRITE, DEFAULT_SOURCE, made.write)
        return made

    made = await graph.write(make)
    return made if made.admin is not None or made.write is not None else None


async def list_keys(graph: Graph) -> list[ListedKey]:
    """List the keys of the graph by kind and name; those of the settings are not among them."""
    return [ListedKey(row.kind, row.name, row.created_at) for row in await graph.read(_list_keys)]


async def create_key(graph: Graph, name: str, kind: KeyKind = KeyKind.WRITE) -> str:
    """Make a key and return it. The name of a write key is the source of what comes in by it.

    Raises:
        InvalidInputError: the name is empty, too long or taken.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"A key needs a name of 1 to {_LONGEST_NAME} printable characters.")
    key = _random_key(kind)

    async def create(tx: WriteTransaction) -> bool:
        if any(row.kind == kind and row.name == name for row in await store.list_access_keys(tx)):
            return False
        await _store_key(tx, kind, name, key)
        return True

    if not await graph.write(create):
        raise InvalidInputError(f"There is a {kind} key named {name!r} already: revoke it first, or take another name.")
    return key


async def revoke_key(graph: Graph, name: str, kind: KeyKind = KeyKind.WRITE) -> None:
    """Drop a key; running services stop to take it within seconds.

    Raises:
        NotFoundError: there is no such key.
    """

    async def delete(tx: WriteTransaction) -> int:
        return (await store.delete_access_key(tx, kind=kind, name=name))[0].deleted

    if not await graph.write(delete):
        raise NotFoundError(f"There is no {kind} key named {name!r}: `identity-graph keys list` shows all.")


async def _list_keys(tx: ReadTransaction) -> list[AccessKeyRow]:
    return await store.list_access_keys(tx)


async def _store_key(tx: WriteTransaction, kind: KeyKind, name: str, key: str) -> None:
    now: Instant = time.time_ns() // 1000
    await store.create_access_key(
        tx,
        kind=kind,
        name=name,
        sha256=hash_key(key),
        created_s=seconds(now),
        created_ns=nanoseconds(now),
    )


def _look_up(keys: dict[str, tuple[KeyKind, str]], digest: str, kind: KeyKind) -> str | None:
    """Look a hash up without telling by the time it takes how much of it was right."""
    name: str | None = None
    for known, (known_kind, known_name) in keys.items():
        if hmac.compare_digest(known, digest) and known_kind is kind:
            name = known_name
    return name


def _pass_over(reading: "asyncio.Future[str | None]") -> None:
    """Take note that nobody waits for the outcome of a reading any more."""
    if not reading.cancelled():
        reading.exception()


def _random_key(kind: KeyKind) -> str:
    return f"{kind}_{secrets.token_urlsafe(24)}"
