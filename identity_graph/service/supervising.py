"""Watching over the embedded Neo4j: started again when it ends, followed where it goes, restarted when its database failed."""

import asyncio
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog
from anyio import to_thread

from identity_graph.errors import GraphUnavailableError, IdentityGraphError
from identity_graph.runtime import STORE_SPACE, Fetching, Progress, Proof, ServerHandle, ServerUse, Waiting, server_home
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph

RESERVE = 64 * 1024 * 1024
"""Bytes of the disk that are left to Neo4j to close its store with: with fewer nothing is written any more."""

_LOOK_SECONDS = 0.25
_PAUSES = (0.5, 1.0, 2.0, 3.0)
"""Seconds to wait after attempts that failed; the last one for all that follow."""

_log = structlog.get_logger(__name__)


class Supervisor:
    """Keeps the graph of a process connected to the embedded server of its data folder, together with other processes."""

    def __init__(self, settings: Settings, use: ServerUse, graph: Graph) -> None:
        self._settings = settings
        self._folder = server_home(settings).root
        self._use = use
        self._graph = graph
        self._moved = False
        self._task = asyncio.create_task(self._run(), name="supervisor of Neo4j")

    async def close(self) -> None:
        """Stop watching; a start that is under way goes on by itself."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        failures = 0
        while True:
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1] if failures else _LOOK_SECONDS)
            try:
                await self._look()
                failures = 0
            except IdentityGraphError as error:
                failures += 1
                self._graph.suspend(GraphUnavailableError(error.message))
                _log.warning("neo4j cannot be used", code=error.code, attempt=failures)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may be better
                failures += 1
                _log.error("neo4j cannot be watched", error=type(error).__name__, attempt=failures)

    async def _look(self) -> None:
        free = shutil.disk_usage(self._folder).free
        self._graph.refuse_writes(_full(free) if free < RESERVE else None)
        if not self._use.is_current():
            self._graph.suspend(
                GraphUnavailableError("Neo4j has ended and is being started again; try again in a moment.")
            )
            _log.warning("neo4j has ended, it is started again", pid=self._use.server.pid)
            await _aside(self._use.renew)
        elif self._graph.failed:
            self._graph.suspend(_failed(free))
            if free < STORE_SPACE + RESERVE:
                return
            _log.warning("the database of neo4j has failed, it is restarted", pid=self._use.server.pid)
            await _aside(partial(self._use.restart, self._use.server))
        elif not self._moved:
            return
        self._moved = True  # until the graph has followed
        server = self._use.server
        await self._graph.move(server.uri, server.user, server.password, prove=Proof(self._settings, server.process))
        self._moved = False
        self._graph.resume()
        _log.info("neo4j answers again", pid=server.pid, uri=server.uri)


def _full(free: int) -> GraphUnavailableError:
    return GraphUnavailableError(
        f"The disk of Neo4j is full ({free / 1e6:.0f} MB are free): nothing can be written until {RESERVE / 1e6:.0f} MB are. "
        "Make room; then it continues by itself."
    )


def _failed(free: int) -> GraphUnavailableError:
    wanted = (STORE_SPACE + RESERVE) / 1e6
    return GraphUnavailableError(
        "The database of Neo4j has failed, as it does when its disk is full. It is restarted as soon as "
        f"{wanted:.0f} MB are free ({free / 1e6:.0f} MB are)."
    )


async def _aside(call: Callable[..., ServerHandle]) -> None:
    """Find or start the server in a thread, which gives up soon after this is cancelled."""
    given_up = threading.Event()

    def progress(_: Fetching | Waiting) -> None:
        if given_up.is_set():
            raise GraphUnavailableError("Nobody waits for this Neo4j any more.")

    shown: Progress = progress
    try:
        await to_thread.run_sync(lambda: call(progress=shown), abandon_on_cancel=True)
    finally:
        given_up.set()
