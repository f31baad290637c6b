"""Numbers that take a while to read: read when somebody asks, once for all who ask meanwhile, and passed on for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The latest numbers, good for one version of what they were read under."""

    def __init__(self) -> None:
        self._latest: T | None = None
        self._version: Any = None
        self._until = 0.0
        self._reading: asyncio.Task[T] | None = None

    async def read(self, version: object, read: Callable[[], Awaitable[T]], *, seconds: float) -> T:
        """Give the latest numbers, or read new ones, which are then good for some seconds.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        if self._latest is not None and self._version == version and time.monotonic() < self._until:
            return self._latest
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(version, read, seconds))
            self._reading.add_done_callback(
                lambda task: task.cancelled() or task.exception()
            )  # nobody may be left to ask
        return await asyncio.shield(self._reading)  # one who goes away does not take it from the others

    async def _read(self, version: object, read: Callable[[], Awaitable[T]], seconds: float) -> T:
        found = await read()
        self._latest, self._version, self._until = found, version, time.monotonic() + seconds
        return found
