"""Checking access keys and tokens: whose they are, and what they allow.

The graph keeps the SHA-256 of keys only, so a key is shown once, when it is made.
"""

import asyncio
import time
from hashlib import sha256
from typing import NamedTuple

from identity_graph.domain.access.keys import ONLY_WRITE, AccessKeyView, Refusal, judge_key
from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.access.tokens import find_verifier, looks_like_token
from identity_graph.service.clock import now_instant
from identity_graph.settings import Settings
from identity_graph.store.access import keys as store
from identity_graph.store.access.keys import AccessKeyRow
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

DEFAULT_SOURCE = "default"
"""The source of what comes in by the first write key, or the one from the settings."""

FIRST_ADMIN = "admin"
_KNOWN_FOR_SECONDS = 5.0
_UNKNOWN_FOR_SECONDS = 1.0
_PATIENCE_SECONDS = 0.15
"""How long a sender whose key was valid waits to hear whether it still is."""


class _Known(NamedTuple):
    """A key of the graph, and until when this secret of it is good; None for the present one."""

    view: AccessKeyView
    principal: Principal
    until: Instant | None


class AccessKeys:
    """Tells whose a key or a token is. Keys of the settings count at once, the others are read from the graph every few seconds.

    Everything is kept by hash, so a wrong key takes no memory, and the time of a look-up tells nothing about the right one: who
    guesses does not choose the hash. ``used`` has when keys of the graph were last used, for who writes that down.
    """

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self._graph = graph
        self._tokens = find_verifier(settings)
        self._own: dict[str, Principal] = {}
        if settings.admin_key is not None:
            key = hash_key(settings.admin_key.get_secret_value())
            self._own[key] = Principal(FIRST_ADMIN, "key", ALL_SCOPES)
        if settings.write_key is not None:
            key = hash_key(settings.write_key.get_secret_value())
            self._own[key] = Principal(DEFAULT_SOURCE, "key", ONLY_WRITE)
        self._stored: dict[str, _Known] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self.used: dict[str, Instant] = {}

    async def identify(self, credential: str) -> Principal | Refusal:
        """Tell who comes with a key or a token, or why it is refused.

        Raises:
            GraphUnavailableError: the key is none of the settings, and Neo4j does not answer.
        """
        if not credential:
            return Refusal.MISSING
        digest = hash_key(credential)
        own = self._own.get(digest)
        if own is not None:
            return own
        if self._tokens is not None and looks_like_token(credential):
            return await self._tokens.identify(credential)
        known = await self._find(digest)
        return Refusal.UNKNOWN if known is None else self._judge(known)

    async def find_source(self, write_key: str) -> str | None:
        """Find the source that a write key names; None when it is not valid, or allows anything else.

        Tokens name no source: their subjects are none of the names that somebody chose for sources.

        While Neo4j does not answer, a key that was valid when it last did is valid: events can wait elsewhere.

        Raises:
            GraphUnavailableError: the key is not known, and Neo4j does not answer.
        """
        found = await self._identify_soon(write_key)
        if isinstance(found, Principal) and found.kind == "key" and found.scopes == ONLY_WRITE:
            return found.name
        return None

    async def _identify_soon(self, key: str) -> Principal | Refusal:
        """Tell who comes with a key; when that is not told soon, who it was when the keys were last read."""
        known = self._stored.get(hash_key(key))
        if known is None or time.monotonic() - self._read_at < _KNOWN_FOR_SECONDS:
            return await self.identify(key)
        reading = asyncio.ensure_future(self.identify(key))
        reading.add_done_callback(_pass_over)  # also when whoever waits for it is cancelled
        await asyncio.wait({reading}, timeout=_PATIENCE_SECONDS)
        if not reading.done():
            return self._judge(known)
        try:
            return reading.result()
        except GraphUnavailableError:
            return self._judge(known)

    def _judge(self, known: _Known) -> Principal | Refusal:
        """Tell who comes with a secret that is known, or why it is refused now."""
        now = now_instant()
        if known.until is not None and known.until <= now:
            return Refusal.EXPIRED
        refusal = judge_key(known.view, now)
        if refusal is not None:
            return refusal
        self.used[known.view.id] = now
        return known.principal

    async def _find(self, digest: str) -> _Known | None:
        await self._refresh(_KNOWN_FOR_SECONDS)
        known = self._stored.get(digest)
        if known is None:
            await self._refresh(_UNKNOWN_FOR_SECONDS)
            known = self._stored.get(digest)
        return known

    async def _refresh(self, seconds_fresh: float) -> None:
        if time.monotonic() - self._read_at < seconds_fresh:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < seconds_fresh:
                return
            stored: dict[str, _Known] = {}
            for row in await self._graph.read(list_rows):
                view = view_of(row)
                principal = Principal(view.name, "key", view.scopes, view.id)
                if row.previous_sha256 is not None:
                    stored[row.previous_sha256] = _Known(view, principal, row.previous_until)
                stored[row.sha256] = _Known(view, principal, None)
            self._stored = stored
            self._read_at = time.monotonic()


def _pass_over(reading: "asyncio.Future[Principal | Refusal]") -> None:
    """Take note of the outcome of a reading, for which perhaps nobody waits any more."""
    if not reading.cancelled():
        reading.exception()


def hash_key(key: str) -> str:
    """Hash a key as the graph keeps it: SHA-256 in hex. Keys are random and long, so they need no salt."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def list_rows(tx: ReadTransaction) -> list[AccessKeyRow]:
    """List the keys of the graph as they are stored."""
    return await store.list_access_keys(tx)


def view_of(row: AccessKeyRow) -> AccessKeyView:
    """Make what a list shows of a key."""
    return AccessKeyView(
        id=row.id,
        name=row.name,
        scopes=frozenset(Scope(name) for name in row.scopes),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        previous_until=row.previous_until,
    )
