"""Following alerts as they are told: from any position, across restarts, without missing anything."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import structlog

from identity_graph.domain.activation.read_models import AlertView
from identity_graph.errors import GraphUnavailableError
from identity_graph.store.activation.alerts import find_last_alert, page_alerts
from identity_graph.store.driver.graph import Graph

PAGE = 50
"""Alerts that a follower holds in memory at most."""

_POLL_SECONDS = 1.0
_REST_SECONDS = 0.02

_log = structlog.get_logger(__name__)


class AlertFeed:
    """Tells followers of alerts: at once of those of this process, within a second of others'.

    One task looks for all followers, and only while there are some.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._told = asyncio.Event()
        self._grown = asyncio.Event()
        self._last = 0
        self._followers = 0
        self._task: asyncio.Task[None] | None = None

    def announce(self) -> None:
        """Say that alerts were told."""
        self._told.set()

    async def find_end(self) -> int:
        """Find the position of the last alert, 0 without any.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        (row,) = await self._graph.read(find_last_alert)
        return row.position

    async def follow(self, position: int) -> AsyncGenerator[AlertView]:
        """Give the alerts after a position: those that are there, then each as it comes. While Neo4j is away it waits."""
        async with self._watched():
            while True:
                while self._last <= position:
                    await self._grown.wait()
                after = position
                try:
                    page = await self._graph.read(lambda tx, after=after: page_alerts(tx, after=after, limit=PAGE))
                except GraphUnavailableError:
                    await asyncio.sleep(_POLL_SECONDS)
                    continue
                for row in page:
                    yield row
                    position = row.position

    @asynccontextmanager
    async def _watched(self) -> AsyncGenerator[None]:
        self._followers += 1
        if self._task is None:
            self._last = 0
            self._task = asyncio.create_task(self._watch(), name="alert feed")
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
        """Look at the end after each alert of this process, and at least once a second."""
        while True:
            self._told.clear()
            try:
                end = await self.find_end()
                if end != self._last:
                    self._last = end
                    self._grown.set()
                    self._grown = asyncio.Event()
            except GraphUnavailableError:
                pass  # it will answer again, and then it is read on from where it was
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
                _log.error("the feed of alerts cannot be looked at", error=type(error).__name__)
            await asyncio.sleep(_REST_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._told.wait()
