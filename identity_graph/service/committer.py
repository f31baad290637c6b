"""Group commit: events of concurrent requests share a transaction, and the answer comes after it."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from identity_graph.domain.observations import Event, Instant
from identity_graph.domain.segment import reread_event
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.counting import Counts, Totals
from identity_graph.service.metrics import Metrics
from identity_graph.service.taking_in import EventResult, TakenIn, take_in
from identity_graph.service.units import Regime, Unit, Units
from identity_graph.store.query import Transaction

MAX_PENDING = 20_000
"""Events that may wait; more are refused with GraphUnavailableError, so that memory stays bounded."""

_CATCH_UP_SECONDS = 1.0
"""How long after a commit whose answer was lost the process looks what is stored, when no events come."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Submission:
    events: Sequence[Event]
    rule_version: int
    done: "asyncio.Future[list[EventResult]]"


class Committer:
    """Writes events in the order they come, as many in one transaction as wait, up to ``commit_size``."""

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
        self._delay = commit_delay
        self._queue: deque[_Submission] = deque()
        self._pending = 0
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
        if self._pending + len(events) > MAX_PENDING and self._pending:
            raise GraphUnavailableError("More events come than Neo4j can take; send them again in a moment.")
        version = self._units.regime.version if read_under is None else read_under
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[list[EventResult]]] = []
        for start in range(0, len(events), self._size):
            submission = _Submission(events[start : start + self._size], version, loop.create_future())
            self._queue.append(submission)
            self._pending += len(submission.events)
            waiting.append(submission.done)
        self._metrics.pending.set(self._pending)
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
                if self._pending < self._size and self._delay and self._task is not None:
                    await asyncio.sleep(self._delay)
                continue
            # What waits after a commit is written at once: meanwhile the answers go out and new requests are read.
            batch = [self._queue.popleft()]
            size = len(batch[0].events)
            while self._queue and size + len(self._queue[0].events) <= self._size:
                batch.append(self._queue.popleft())
                size += len(batch[-1].events)
            self._pending -= size
            self._metrics.pending.set(self._pending)
            await self._write_batch(batch)

    async def _wait(self) -> bool:
        """Wait for events; False when none came and the counters are uncertain for long enough."""
        if self._counts.is_certain:
            return await self._wake.wait()
        try:
            return await asyncio.wait_for(self._wake.wait(), _CATCH_UP_SECONDS)
        except TimeoutError:
            return False

    async def _write_batch(self, batch: list[_Submission]) -> None:
        events = [event for submission in batch for event in submission.events]
        read_under = min(submission.rule_version for submission in batch)
        try:
            results = await self._write(events, read_under)
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

    async def _write(self, events: Sequence[Event], read_under: int) -> list[EventResult]:
        """Write events in one transaction; when one of them cannot be written, the others are, in smaller ones."""
        try:
            return await self._write_once(events, read_under)
        except GraphUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the neighbours are still to be written
            if len(events) <= 1:
                # The text of the error may quote what people are known by, so it stays out of the log.
                _log.error("event cannot be written", error=type(error).__name__, events=[e.id for e in events])
                return [EventResult(duplicate=False, customer_id=None, error=type(error).__name__)]
        middle = len(events) // 2
        return await self._write(events[:middle], read_under) + await self._write(events[middle:], read_under)

    async def _write_once(self, events: Sequence[Event], read_under: int) -> list[EventResult]:
        async def work(tx: Transaction, regime: Regime, now: Instant) -> tuple[TakenIn, Totals]:
            current = events if regime.version == read_under else [reread_event(e, regime.rules) for e in events]
            taken = await take_in(tx, current, regime.rules, regime.version, now)
            return taken, await self._counts.add(tx, taken, regime.rules)

        started = time.perf_counter()
        taken = await self._run_unit(work)
        metrics = self._metrics
        metrics.commit_seconds.observe(time.perf_counter() - started)
        metrics.commit_events.observe(len(events))
        metrics.observe_loads(taken.slow_loads)
        return taken.results

    async def _catch_up(self) -> None:
        """Learn what is stored after a commit whose answer was lost, so that the metrics tell it though nothing comes."""

        async def work(tx: Transaction, regime: Regime, _: Instant) -> tuple[None, Totals]:
            return None, await self._counts.add(tx, TakenIn([]), regime.rules)

        try:
            await self._run_unit(work)
        except Exception as error:  # noqa: BLE001 - it is tried again, and by the next unit of work anyway
            _log.warning("counters cannot be read yet", error=type(error).__name__)

    async def _run_unit(self, work: Unit[tuple[T, Totals]]) -> T:
        result, totals = await self._units.run(work)
        self._counts.settle(totals, self._units.regime.rules)
        return result
