"""Draining the spool: in order, as soon as Neo4j takes events again."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from identity_graph.errors import GraphUnavailableError, SpoolUnusableError
from identity_graph.service.collecting.collecting import CollectReport, collect_received
from identity_graph.service.core import Service
from identity_graph.service.spool.metrics import SpoolMetrics
from identity_graph.service.spool.spooling import Place, Spool, Waiting
from identity_graph.spool import SpoolLimits, UnreadableEntryError, spool_folder
from identity_graph.store.driver.graph import again

_MESSAGES = 500
"""Messages that are delivered together; those that come meanwhile wait no longer for their commit than for each other's."""

_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 5.0
"""How often the drainer looks whether a process ended and left something."""

_ATTEMPTS = 3
_CLOSE_SECONDS = 3.0
_MEGABYTE = 1_000_000

_log = structlog.get_logger(__name__)

Observer = Callable[[CollectReport], None]


class Drainer:
    """Delivers what waits in the spool; it has the spool's ``turn`` during each delivery."""

    def __init__(self, service: Service, spool: Spool, observe: Observer) -> None:
        self._service = service
        self._spool = spool
        self._observe = observe
        self._failures: Counter[Place] = Counter()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Drain from now on; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="drainer of the spool")

    async def close(self) -> None:
        """Stop. A delivery under way has some seconds to end; cut off, it is done again by the next process."""
        task, self._task = self._task, None
        if task is None:
            return
        self._closing = True
        self._spool.arrived.set()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    @property
    def waiting(self) -> int:
        """Count the messages that wait."""
        return self._spool.status.messages

    async def drain_once(self) -> int:
        """Deliver the next entries and return how many messages that were; 0 when nothing waits.

        Raises:
            GraphUnavailableError: Neo4j takes nothing, or the spool cannot be read.
        """
        async with self._spool.turn:
            trouble = self._service.graph.trouble
            if trouble is not None:
                raise again(trouble)
            waiting = await self._spool.read(_MESSAGES)
            return await self._deliver(waiting) if waiting else 0

    async def _run(self) -> None:
        looked = time.monotonic()
        while not self._closing:
            try:
                if time.monotonic() - looked > _LOOK_SECONDS:
                    looked = time.monotonic()
                    await self._spool.adopt()
                if not await self.drain_once():
                    await self._wait()
            except GraphUnavailableError:
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may be better
                _log.error("the spool cannot be drained", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _wait(self) -> None:
        """Wait until something comes, or until it is time to look what others left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._spool.arrived.wait()
        self._spool.arrived.clear()

    async def _deliver(self, waiting: list[Waiting]) -> int:
        try:
            return await self._deliver_together(waiting)
        except GraphUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one of them is to blame, and the others must not wait for it
            if len(waiting) > 1:
                return sum([await self._deliver([one]) for one in waiting])
            return await self._blame(waiting[0], error)

    async def _deliver_together(self, waiting: list[Waiting]) -> int:
        report = await collect_received(self._service, [one.entry.read() for one in waiting])
        self._spool.remove(one.place for one in waiting)
        delivered = sum(one.entry.count for one in waiting)
        self._spool.metrics.drained.inc(delivered)
        self._observe(report)
        return delivered

    async def _blame(self, one: Waiting, error: Exception) -> int:
        """Try an entry again that fails for no known reason; set it aside in the end, so that others go on."""
        self._failures[one.place] += 1
        if self._failures[one.place] < _ATTEMPTS and not isinstance(error, UnreadableEntryError):
            await asyncio.sleep(_PAUSE_SECONDS)
            return await self._deliver([one])
        del self._failures[one.place]
        # The text of the error may quote what people sent, so it stays out of the log.
        _log.error("an entry of the spool cannot be delivered and is set aside", error=type(error).__name__)
        await self._spool.set_aside(one.place, type(error).__name__)
        return one.entry.count


@asynccontextmanager
async def spooling(service: Service, observe: Observer = lambda _: None) -> AsyncGenerator[Drainer | None]:
    """Give a service its spool, and drain it, until the block ends; None where there is none.

    A service whose folder cannot be used works all the same, and says so in its log: without Neo4j it answers 503.
    """
    settings = service.settings
    if not settings.spool_max_mb:
        yield None
        return
    limits = SpoolLimits(settings.spool_max_mb * _MEGABYTE, settings.spool_disk_share)
    spool = Spool(spool_folder(settings.data_dir), limits, SpoolMetrics(service.metrics.registry))
    try:
        await spool.open()
    except SpoolUnusableError as error:
        _log.error(
            "there is no spool: events are refused while Neo4j takes none", code=error.code, reason=error.message
        )
        await spool.close()
        yield None
        return
    if spool.status.messages:
        _log.info("messages wait in the spool and are delivered now", messages=spool.status.messages)
    drainer = Drainer(service, spool, observe)
    service.spool = spool
    drainer.start()
    try:
        yield drainer
    finally:
        await drainer.close()
        await spool.wait_for_late(_CLOSE_SECONDS)
        service.spool = None
        await spool.close()
