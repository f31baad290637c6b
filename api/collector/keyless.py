"""Bodies of requests without a key in a header. The key may be in the body, so the body is read, but others do not wait for it.

All such bodies together take a bounded amount of memory: when there are too many, the oldest gives way. They are inflated
one after the other, beside the event loop, and parsed only when a valid key is somewhere in them.
"""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager

import orjson
from anyio import to_thread

from api.collector.body import inflate
from api.collector.errors import NoRoomError, UnknownKeyError
from identity_graph.service.access.keys import AccessKeys

MAX_HELD_BYTES = 64 * 1024 * 1024
"""Bytes that bodies without a key in the head may take together."""

_NAME = b'"writeKey"'
_VALUE = re.compile(rb'\s*+:\s*+("(?:[^"\\\x00-\x1f]|\\.){1,500}+")')
_MOST_MENTIONS = 5000
_MOST_KEYS = 16


class HeldBody:
    """The parts of one body, as they come."""

    def __init__(self, pool: "KeylessBodies") -> None:
        self._pool = pool
        self._is_dropped = False
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, part: bytes) -> None:
        """Keep a part.

        Raises:
            NoRoomError: this body had to give way to newer ones.
        """
        self.check()
        self.parts.append(part)
        self.size += len(part)
        self._pool.grow(len(part))
        self.check()

    def check(self) -> None:
        """See whether the body is still there.

        Raises:
            NoRoomError: it had to give way to newer ones.
        """
        if self._is_dropped:
            raise NoRoomError("Too many bodies without a key in a header came at once: send the write key in a header.")

    def drop(self) -> None:
        """Give way."""
        self._is_dropped = True
        self.parts.clear()


class KeylessBodies:
    """All bodies that are read without a key in the head."""

    def __init__(self) -> None:
        self._held: dict[HeldBody, None] = {}
        self._size = 0
        self._turn = asyncio.Lock()

    @contextmanager
    def hold(self) -> Generator[HeldBody]:
        """Hold a body as long as it is read and looked at."""
        body = HeldBody(self)
        self._held[body] = None
        try:
            yield body
        finally:
            if body in self._held:
                self._drop(body)

    def grow(self, size: int) -> None:
        """Count what came, and drop the oldest bodies until all that are left fit."""
        self._size += size
        while self._size > MAX_HELD_BYTES:
            self._drop(next(iter(self._held)))

    def _drop(self, body: HeldBody) -> None:
        del self._held[body]
        self._size -= body.size
        body.drop()

    async def open(self, body: HeldBody, encoding: str, keys: AccessKeys) -> bytes:
        """Inflate a body, and see that it holds a valid key at all before anybody parses it.

        Raises:
            UnknownKeyError: it holds no valid key.
            MalformedBodyError, BodyTooLargeError: it cannot be inflated.
            NoRoomError: it had to give way to newer ones.
            GraphUnavailableError: Neo4j does not answer.
        """
        async with self._turn:
            body.check()
            candidates = await to_thread.run_sync(_find_keys, b"".join(body.parts), encoding)
        # The answer of Neo4j may take long. What was inflated takes many times the memory that is counted, so it does not wait.
        for key in candidates:
            if await keys.find_source(key) or await keys.find_source(key.partition(":")[0]):
                async with self._turn:
                    body.check()
                    return await to_thread.run_sync(inflate, b"".join(body.parts), encoding)
        if not candidates:
            raise UnknownKeyError(
                "There is no write key: send it as the user of basic authentication, or as X-Write-Key."
            )
        raise UnknownKeyError("The write key is not valid: `identity-graph keys list` lists the keys.")


def _find_keys(body: bytes, encoding: str) -> list[str]:
    return find_keys(inflate(body, encoding))


def find_keys(body: bytes) -> list[str]:
    """List what may be write keys in the text of a body, without parsing it; a few at most."""
    found: dict[str, None] = {}
    position = 0
    for _ in range(_MOST_MENTIONS):
        position = body.find(_NAME, position)
        if position < 0:
            break
        position += len(_NAME)
        match = _VALUE.match(body, position)
        if match is not None:
            try:
                found[orjson.loads(match[1])] = None
            except orjson.JSONDecodeError:
                continue
        if len(found) >= _MOST_KEYS:
            break
    return list(found)
