"""Deleting counts of sources that are older than anything that reads them: they grow by every day, source and name."""

import asyncio
from contextlib import suppress

import structlog

from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant
from identity_graph.service.commit.units import Units
from identity_graph.store.collecting import source_counts as store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction

KEPT_DAYS = 100
"""Days that counts are kept, today included. Data quality reads the last 35."""

AT_ONCE = 5000
"""Counts that one transaction deletes of each kind."""

FIRST_SECONDS, SECONDS_BETWEEN = 60.0, 3600.0
"""After how long a service prunes first, and then again and again."""

_log = structlog.get_logger(__name__)


async def prune_counts(graph: Graph, now: Instant) -> int:
    """Delete the counts of days that are over for so long, and tell how many.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    before = now // DAY - KEPT_DAYS + 1

    async def work(tx: WriteTransaction) -> list[int]:
        (messages,) = await store.delete_message_counts(tx, before=before, limit=AT_ONCE)
        (claims,) = await store.delete_claim_counts(tx, before=before, limit=AT_ONCE)
        return [messages.deleted, claims.deleted]

    total = 0
    while True:
        deleted = await graph.write(work)
        total += sum(deleted)
        if max(deleted) < AT_ONCE:
            return total


class CountPruning:
    """Prunes counts a minute after the service started, and every hour."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="count pruning")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        pause = FIRST_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = SECONDS_BETWEEN
            try:
                deleted = await prune_counts(self._units.graph, self._units.now())
                if deleted:
                    _log.info("old counts of sources were deleted", counts=deleted)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.error("old counts of sources cannot be deleted yet", error=type(error).__name__)
