"""Following the change log as it grows: from any position, across restarts, without missing anything."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import structlog

from identity_graph.domain.identity.read_models import ChangeView
from identity_graph.errors import GraphUnavailableError, InvalidInputError
from identity_graph.service.changes.log import ChangeFilter, find_changes, read_changes
from identity_graph.service.reads import Reads
from identity_graph.store.changes import log as reading_changes
from identity_graph.store.driver.graph import Graph

PAGE = 50
"""Changes that a follower holds in memory at most."""

_POLL_SECONDS = 1.0
_REST_SECONDS = 0.02

_log = structlog.get_logger(__name__)


class ChangeFeed:
    """Tells followers that the log has grown: at once after a commit of this process, within a second after others'.

    One task looks for all followers, and only while there are some.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._committed = asyncio.Event()
        self._grown = asyncio.Event()
        self._last = 0
        self._followers = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows."""
        return self._followers > 0

    def announce(self) -> None:
        """Say that a transaction was committed that may have written changes."""
        self._committed.set()

    async def find_end(self) -> int:
        """Find the position of the latest change, 0 when nothing ever changed.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        (row,) = await self._graph.read(reading_changes.find_last_position)
        return row.position

    async def follow(self, wanted: ChangeFilter, position: int) -> AsyncGenerator[ChangeView]:
        """Give the wanted changes after a position: those that are there, then each as it comes, without end.

        While Neo4j does not answer it waits.
        """
        async with self._watched():
            while True:
                end = await self._wait_beyond(position)
                while True:
                    try:
                        page = await read_changes(
                            Reads(self._graph), wanted, first=PAGE, after=position, newest_first=False
                        )
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
        """Wait until the log reaches beyond a position, and tell how far it reaches."""
        while self._last <= position:
            await self._grown.wait()
        return self._last

    @asynccontextmanager
    async def _watched(self) -> AsyncGenerator[None]:
        self._followers += 1
        if self._task is None:
            self._last = 0
            self._task = asyncio.create_task(self._watch(), name="change feed")
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
        """Look at the end of the log after each commit, not more often than it helps, and at least once a second."""
        while True:
            self._committed.clear()
            try:
                end = await self.find_end()
                if end != self._last:
                    self._last = end
                    self._grown.set()
                    self._grown = asyncio.Event()
            except GraphUnavailableError:
                pass  # it will answer again, and then the log is read on from where it was
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
                _log.error("change feed cannot look at the log", error=type(error).__name__)
            await asyncio.sleep(_REST_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._committed.wait()


async def check_position(reads: Reads, position: int, change_id: str) -> None:
    """Check that the change of a cursor is where it was; position 0 is in front of all.

    Raises:
        InvalidInputError: it is not: the database is another one, or an older one that was restored.
    """
    if position:
        (row,) = await find_changes(reads, [change_id])
        if row is None or row.position != position:
            raise InvalidInputError(
                "The log does not have the change of this cursor: the cursor is from another database, or the database "
                "was restored from an older backup. Read everything again, then follow from there.",
                changeId=change_id,
            )
