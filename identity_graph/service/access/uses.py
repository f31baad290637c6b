"""Noting when keys were last used: once a minute, not with each request."""

import asyncio
from contextlib import suppress

import structlog

from identity_graph.service.access.keys import AccessKeys
from identity_graph.store.access import keys as store
from identity_graph.store.access.keys import LastUse
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction

SECONDS_BETWEEN = 60.0

_log = structlog.get_logger(__name__)


async def write_last_uses(graph: Graph, keys: AccessKeys) -> int:
    """Write down which keys were used since the last time, and tell how many; what cannot be written is kept.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    used, keys.used = keys.used, {}
    if not used:
        return 0
    rows: list[LastUse] = [
        {"id": id, "used_s": seconds(at), "used_ns": nanoseconds(at)} for id, at in sorted(used.items())
    ]

    async def write(tx: WriteTransaction) -> None:
        await store.set_last_uses(tx, rows=rows)

    try:
        await graph.write(write)
    except BaseException:
        keys.used = used | keys.used
        raise
    return len(rows)


class KeyUses:
    """Writes down the last uses of keys as long as the service runs, and once more when it ends."""

    def __init__(self, graph: Graph, keys: AccessKeys) -> None:
        self._graph = graph
        self._keys = keys
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="key uses")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            await self._write()

    async def _write(self) -> None:
        try:
            await write_last_uses(self._graph, self._keys)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            _log.warning("the last uses of keys cannot be written yet", error=type(error).__name__)
