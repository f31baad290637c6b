"""Delivering in the background of a process: each destination on its own, so that a slow one holds up no other."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from identity_graph.domain.values.observations import Instant
from identity_graph.service.activation.pumping import Pump
from identity_graph.service.activation.telling_changes import enqueue_changes
from identity_graph.service.clock import now_instant
from identity_graph.store.activation.deliveries import prune_deliveries
from identity_graph.store.activation.destinations import WaitingRow, list_waiting
from identity_graph.store.changes.log import find_last_position
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds

_LOOK_SECONDS = 1.0
_LOOK_SECONDS_WITHOUT = 5.0
"""How often it is looked whether something is due: what other processes wrote, and what is to be tried again."""

_PATIENCE = 5.0
"""Seconds that what is under way may take to end, before it is cancelled."""

_DAY: Instant = 86_400_000_000
KEPT = 30 * _DAY
"""For so long deliveries are kept after they were made."""

_PRUNE_EVERY = _DAY // 24
_PRUNED_AT_ONCE = 1000

_log = structlog.get_logger(__name__)


class Deliverer:
    """Looks for what is due and delivers it; any number of processes may."""

    def __init__(self, graph: Graph, *, allow_private: bool, clock: Callable[[], Instant] = now_instant) -> None:
        self._graph = graph
        self._allow_private = allow_private
        self._clock = clock
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._left_alone: dict[str, Instant] = {}
        self._without = False
        self._pruned_at: Instant = 0
        self._is_ending = False

    def start(self) -> None:
        """Start; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="deliverer")

    def wake(self) -> None:
        """Say that a transaction was committed that wrote to the outbox, or changed a destination."""
        self._wake.set()

    async def close(self) -> None:
        """Stop. What was under way is delivered again by whoever runs after the lease: a receiver may see it twice."""
        self._is_ending = True
        self.wake()
        if self._task is not None:
            # Whoever ends it in the midst of a question to Neo4j leaves a connection in disorder.
            await asyncio.wait({self._task}, timeout=_PATIENCE)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for pump in self._pumps.values():
            pump.cancel()
        await asyncio.gather(*self._pumps.values(), return_exceptions=True)

    async def deliver_due(self) -> None:
        """Deliver what is due now, and return when nothing is."""
        while await self._start_pumps() or self._pumps:
            await asyncio.wait([*self._pumps.values()])

    async def _run(self) -> None:
        while not self._is_ending:
            self._wake.clear()
            seconds_to_wait = _LOOK_SECONDS
            try:
                await self._prune(self._clock())
                if not await self._start_pumps() and not self._pumps:
                    seconds_to_wait = _LOOK_SECONDS_WITHOUT if self._without else _LOOK_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.error("it cannot be looked what is to be delivered", error=type(error).__name__)
            if self._is_ending:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds_to_wait):
                    await self._wake.wait()

    async def _start_pumps(self) -> bool:
        """Start a pump for each destination for which something is due and none runs; tell whether one was started."""
        now = self._clock()
        rows = await self._look(now)
        if await self._tell_changes(rows, now):
            rows = await self._look(now)
        self._without = not rows
        started = False
        for row in rows:
            if row.is_due and row.id not in self._pumps and self._left_alone.get(row.id, 0) <= now:
                self._pumps[row.id] = asyncio.create_task(self._pump(row.id), name=f"deliver to {row.id}")
                started = True
        self._left_alone = {id: until for id, until in self._left_alone.items() if until > now}
        return started

    async def _look(self, now: Instant) -> list[WaitingRow]:
        return await self._graph.read(lambda tx: list_waiting(tx, now_s=seconds(now), now_ns=nanoseconds(now)))

    async def _tell_changes(self, rows: Sequence[WaitingRow], now: Instant) -> bool:
        """Put changes of customers into the outbox of those who want to hear of them; tell whether there were any."""
        listeners = [row for row in rows if row.change_position is not None]
        if not listeners:
            return False
        (end,) = await self._graph.read(find_last_position)
        told = False
        for row in listeners:
            if row.change_position is not None and row.change_position < end.position:
                while await enqueue_changes(self._graph, row.id, now):
                    told = True
        return told

    async def _prune(self, now: Instant) -> None:
        """Delete what was made long ago, now and then."""
        if now - self._pruned_at < _PRUNE_EVERY:
            return
        before = now - KEPT
        deleted = _PRUNED_AT_ONCE
        while deleted == _PRUNED_AT_ONCE:
            (row,) = await self._graph.write(
                lambda tx: prune_deliveries(
                    tx, before_s=seconds(before), before_ns=nanoseconds(before), limit=_PRUNED_AT_ONCE
                )
            )
            deleted = row.deleted
        self._pruned_at = now

    async def _pump(self, destination_id: str) -> None:
        try:
            pump = Pump(self._graph, destination_id, allow_private=self._allow_private, clock=self._clock)
            self._left_alone[destination_id] = await pump.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on, and this one is tried again
            _log.error("a destination cannot be served", destination=destination_id, error=type(error).__name__)
        finally:
            del self._pumps[destination_id]
