"""Keeping the audit log: a signed checkpoint at times, told to the log output, and the end of what is kept."""

import asyncio
from contextlib import suppress

import structlog

from identity_graph.domain.audit.chain import GENESIS
from identity_graph.domain.audit.checkpoints import Checkpoint, Signer
from identity_graph.domain.audit.verification import SHORTEST_KEPT
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant
from identity_graph.service.audit.reading import read_checkpoints, read_head
from identity_graph.service.audit.recording import Recorder
from identity_graph.service.clock import now_instant
from identity_graph.store.audit import log as store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction

AT_ONCE = 5000
"""Entries that one transaction deletes."""

FIRST_SECONDS, SECONDS_BETWEEN = 60.0, 3600.0
"""After how long a service makes its first checkpoint, and then again and again."""

_FAREWELL_SECONDS = 5.0
_log = structlog.get_logger(__name__)


async def make_checkpoint(graph: Graph, signer: Signer, now: Instant) -> Checkpoint | None:
    """Sign how long the log is, keep that in the graph and write it to the log output; None when there is nothing new.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    head = await read_head(graph)
    rows = await graph.read(store.list_checkpoints)
    if head.root == GENESIS or (rows and rows[-1].entries >= head.length):
        return None
    checkpoint = signer.sign(head.length, head.root, now)
    await graph.write(lambda tx: store.create_checkpoint(tx, count=checkpoint.count, checkpoint=str(checkpoint)))
    _log.info("audit checkpoint", checkpoint=str(checkpoint))
    return checkpoint


async def delete_old_entries(graph: Graph, kept: Instant, now: Instant) -> int:
    """Delete the entries that are covered by a checkpoint from before what is kept, and tell how many.

    That checkpoint stays: it is what verification begins with. Earlier ones are deleted, too.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    old = [one for one in await read_checkpoints(graph) if one.at <= now - max(kept, SHORTEST_KEPT)]
    if not old:
        return 0
    upto, total = old[-1].count, 0

    async def work(tx: WriteTransaction) -> int:
        return (await store.delete_entries(tx, upto=upto, limit=AT_ONCE))[0].deleted

    while True:
        deleted = await graph.write(work)
        total += deleted
        if deleted < AT_ONCE:
            break
    await graph.write(lambda tx: store.delete_checkpoints(tx, before=upto))
    return total


class Keeping:
    """Makes checkpoints while a service runs and when it stops, and deletes what is older than what is kept."""

    def __init__(self, graph: Graph, signer: Signer, recorder: Recorder, keep_days: int) -> None:
        self._graph = graph
        self._signer = signer
        self._recorder = recorder
        self._kept = keep_days * DAY
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop."""
        _log.info("the audit log is signed", public_key=self._signer.public_key)
        self._task = asyncio.create_task(self._run(), name="audit keeping")

    async def close(self) -> None:
        """Stop, after the recorder has: with a last checkpoint, unless Neo4j does not answer."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(Exception):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await make_checkpoint(self._graph, self._signer, now_instant())

    async def _run(self) -> None:
        pause = FIRST_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = SECONDS_BETWEEN
            try:
                await self._recorder.flush()
                await make_checkpoint(self._graph, self._signer, now_instant())
                deleted = await delete_old_entries(self._graph, self._kept, now_instant())
                if deleted:
                    _log.info("old entries of the audit log were deleted", entries=deleted)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.error("the audit log cannot be kept yet", error=type(error).__name__)
