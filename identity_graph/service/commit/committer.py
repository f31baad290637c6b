"""Group commit: events of concurrent requests share a transaction, and the answer comes after it."""

import asyncio
import time
from collections.abc import Sequence
from typing import TypeVar

import structlog

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Event
from identity_graph.errors import GraphUnavailableError, UnwritableError
from identity_graph.service.commit.counting import Counts, Totals
from identity_graph.service.commit.queue import CommitQueue, Submission
from identity_graph.service.commit.taking_in import EventResult, TakenIn, take_in
from identity_graph.service.commit.units import Unit, Units
from identity_graph.service.metrics import Metrics
from identity_graph.store.driver.query import WriteTransaction

MAX_PENDING = 20_000
"""Events that may wait; more are refused with GraphUnavailableError, so that memory stays bounded."""

_CATCH_UP_SECONDS = 1.0
"""How long after a commit whose answer was lost the process looks what is stored, when no events come."""

_PAUSES = (0.2, 0.8)
"""Seconds after which an event that the graph cannot take for now is tried again."""

_BATCH_SECONDS = 30.0
"""How long smaller and smaller parts of a batch are tried while Neo4j has too little memory; others wait meanwhile."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Committer:
    """Writes events as they come, as many in one transaction as wait, up to ``commit_size``."""

    def __init__(
        self,
        units: Units,
        metrics: Metrics,
        *,
        commit_size: int = 1000,
        commit_delay: float = 0.003,
    ) -> None:
        self._units = units
        self._metrics = metrics
        self._size = commit_size
        self._queue = CommitQueue(commit_size)
        self._delay = commit_delay
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._counts = Counts(units.writer, metrics)

    def start(self) -> None:
        """Start to write; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="committer")

    async def close(self) -> None:
        """Write what waits, then stop."""
        task, self._task = self._task, None
        if task is not None:
            self._wake.set()
            await task

    async def commit(self, events: Sequence[Event], *, read_under: int | None = None) -> list[EventResult]:
        """Commit events and answer after that, with a result per event in their order.

        ``read_under`` is the version of the rules under which the events were read, by default the one in force: when
        others are in force by the time of the commit, they are read again.

        Raises:
            GraphUnavailableError: Neo4j does not answer, or too many events wait; nothing of these was written, or a
                repeat is harmless.
        """
        if self._task is None:
            raise GraphUnavailableError("The service is shutting down; send the events again in a moment.")
        if self._queue.pending + len(events) > MAX_PENDING and self._queue.pending:
            raise GraphUnavailableError("Neo4j cannot keep up with the events; send them again in a moment.")
        version = self._units.in_force.version if read_under is None else read_under
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[list[EventResult]]] = []
        for part, rows in self._queue.cut(events):
            submission = Submission(part, version, loop.create_future(), rows)
            self._queue.put(submission)
            waiting.append(submission.done)
        self._metrics.pending.set(self._queue.pending)
        self._wake.set()
        outcomes = await asyncio.gather(*waiting)
        return [result for outcome in outcomes for result in outcome]

    async def _run(self) -> None:
        while self._queue or self._task is not None:
            if not self._queue:
                self._wake.clear()
                if not await self._wait():
                    await self._catch_up()
                    continue
                if self._queue.pending < self._size and self._delay and self._task is not None:
                    await asyncio.sleep(self._delay)
                continue
            # What waits after a commit is written at once: meanwhile the answers go out and new requests are read.
            batch = self._queue.take()
            self._metrics.pending.set(self._queue.pending)
            await self._write_batch(batch)

    async def _wait(self) -> bool:
        """Wait for events; False when none came and the counters are uncertain for long enough."""
        if self._counts.is_certain:
            return await self._wake.wait()
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                return await self._wake.wait()
        except TimeoutError:
            return False

    async def _write_batch(self, batch: list[Submission]) -> None:
        events = [event for submission in batch for event in submission.events]
        read_under = min(submission.rule_version for submission in batch)
        try:
            results = await self._write(events, read_under, time.monotonic() + _BATCH_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            for submission in batch:
                if not submission.done.done():
                    submission.done.set_exception(error)
            return
        start = 0
        for submission in batch:
            end = start + len(submission.events)
            if not submission.done.done():
                submission.done.set_result(results[start:end])
            start = end

    async def _write(self, events: Sequence[Event], read_under: int, until: float) -> list[EventResult]:
        """Write events in one transaction; when one of them cannot be written, the others are, in smaller ones.

        Raises:
            GraphUnavailableError: Neo4j does not answer, or has too little memory for so many until that time.
        """
        try:
            return await self._write_once(events, read_under)
        except Exception as error:
            if isinstance(error, GraphUnavailableError) and not isinstance(error, UnwritableError):
                raise
            if isinstance(error, UnwritableError) and time.monotonic() > until:
                raise
            if len(events) == 1:
                return [await self._refuse(events, read_under, error)]
        middle = len(events) // 2
        return [
            *await self._write(events[:middle], read_under, until),
            *await self._write(events[middle:], read_under, until),
        ]

    async def _refuse(self, events: Sequence[Event], read_under: int, error: Exception) -> EventResult:
        """Give up on an event that cannot be written on its own, unless the graph takes nothing else either.

        Raises:
            GraphUnavailableError: it is not the event's fault, so it is to be sent again.
        """
        for pause in _PAUSES if isinstance(error, UnwritableError) else ():
            # Others may have had the memory.
            await asyncio.sleep(pause)
            try:
                return (await self._write_once(events, read_under))[0]
            except UnwritableError as again:
                error = again
        try:
            await self._write_nothing()
        except GraphUnavailableError:
            raise
        except Exception as worse:
            raise GraphUnavailableError(
                f"Neo4j takes no writes ({type(worse).__name__}); try again in a moment."
            ) from worse
        # The text of the error may quote what people are known by, so it stays out of the log.
        _log.error("event cannot be written", error=type(error).__name__, events=[e.id for e in events])
        return EventResult(duplicate=False, customer_id=None, error=type(error).__name__)

    async def _write_once(self, events: Sequence[Event], read_under: int) -> list[EventResult]:
        watch, noted = self._units.watch, False

        async def work(tx: WriteTransaction, regime: Regime) -> tuple[TakenIn, Totals]:
            nonlocal noted
            current = events if regime.version == read_under else [reread_event(e, regime.rules) for e in events]
            taken = await take_in(tx, current, regime)
            noted = bool(watch.names) and await watch.note(tx, current, taken.results)
            return taken, await self._counts.add(tx, taken, regime.rules)

        started = time.perf_counter()
        taken = await self._run_unit(work)
        metrics = self._metrics
        metrics.commit_seconds.observe(time.perf_counter() - started)
        metrics.commit_events.observe(len(events))
        metrics.observe_loads(taken.slow_loads)
        if noted:
            watch.announce()
        if self._units.journeys.is_followed:
            self._units.journeys.announce({result.customer_id for result in taken.results})
        return taken.results

    async def _catch_up(self) -> None:
        """Learn what is stored after a commit whose answer was lost, so that the metrics tell it though nothing comes."""
        try:
            await self._write_nothing()
        except GraphUnavailableError:
            pass  # others tell so
        except Exception as error:  # noqa: BLE001 - it is tried again, and by the next unit of work anyway
            _log.warning("counters cannot be read yet", error=type(error).__name__)

    async def _write_nothing(self) -> None:
        async def work(tx: WriteTransaction, regime: Regime) -> tuple[None, Totals]:
            return None, await self._counts.add(tx, TakenIn([]), regime.rules)

        await self._run_unit(work)

    async def _run_unit(self, work: Unit[tuple[T, Totals]]) -> T:
        result, totals = await self._units.run(work)
        self._counts.settle(totals, self._units.in_force.rules)
        return result
