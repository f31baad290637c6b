"""Following transitions as they are written: from any position, across restarts, without missing anything."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import structlog

from identity_graph.domain.segments.read_models import TransitionView
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.segments.members import read_transitions_after
from identity_graph.store.driver.graph import Graph
from identity_graph.store.segments.members import find_last_transition

PAGE = 50
"""Transitions that a follower holds in memory at most."""

_POLL_SECONDS = 1.0
_REST_SECONDS = 0.02

_log = structlog.get_logger(__name__)


class TransitionFeed:
    """Tells followers that transitions were written: at once after those of this process, within a second after others'.

    One task looks for all followers, and only while there are some.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._written = asyncio.Event()
        self._grown = asyncio.Event()
        self._last = 0
        self._followers = 0
        self._task: asyncio.Task[None] | None = None

    def announce(self) -> None:
        """Say that transitions were written."""
        self._written.set()

    async def find_end(self) -> int:
        """Find the position of the latest transition, 0 without any.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        (row,) = await self._graph.read(find_last_transition)
        return row.position

    async def follow(self, segment_id: str | None, position: int) -> AsyncGenerator[TransitionView]:
        """Give the transitions of a segment, or of all, after a position: those that are there, then each as it comes.

        While Neo4j does not answer it waits.
        """
        async with self._watched():
            while True:
                end = await self._wait_beyond(position)
                while True:
                    try:
                        page = await read_transitions_after(self._graph, segment_id, position, first=PAGE)
                    except GraphUnavailableError:
                        await asyncio.sleep(_POLL_SECONDS)
                        continue
                    for row in page.items:
                        yield row
                        position = row.position
                    if not page.has_next_page:
                        break
                # What was read after the end was known holds everything up to it, whatever was left out of the page.
                position = max(position, end)

    async def _wait_beyond(self, position: int) -> int:
        while self._last <= position:
            await self._grown.wait()
        return self._last

    @asynccontextmanager
    async def _watched(self) -> AsyncGenerator[None]:
        self._followers += 1
        if self._task is None:
            self._last = 0
            self._task = asyncio.create_task(self._watch(), name="transition feed")
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._stop_watching()

    def _stop_watching(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _watch(self) -> None:
        """Look at the end after each transaction that wrote some, and at least once a second."""
        while True:
            self._written.clear()
            try:
                end = await self.find_end()
                if end != self._last:
                    self._last = end
                    self._grown.set()
                    self._grown = asyncio.Event()
            except GraphUnavailableError:
                pass  # it will answer again, and then it is read on from where it was
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
                _log.error("the feed of transitions cannot be looked at", error=type(error).__name__)
            await asyncio.sleep(_REST_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._written.wait()
