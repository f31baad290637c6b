"""Group commit: events of concurrent requests share a transaction, and the answer comes after it."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from identity_graph.domain.observations import Event, Instant
from identity_graph.domain.segment import reread_event
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.metrics import Metrics
from identity_graph.service.taking_in import EventResult, TakenIn, take_in
from identity_graph.service.units import Regime, Units
from identity_graph.store import bookkeeping
from identity_graph.store.query import Transaction

MAX_PENDING = 20_000
"""Events that may wait; more are refused with GraphUnavailableError, so that memory stays bounded."""

MAX_COUNTED_NAMESPACES = 200
OTHER_NAMESPACES = "(others)"
"""What ignored values are counted under whose namespaces are too many to be told apart."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Submission:
    events: Sequence[Event]
    rule_version: int
    dead_lettered: int
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
        self._counts = _Counts(units.writer)

    def start(self) -> None:
        """Start to write; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="committer")

    async def close(self) -> None:
        """Write what waits, then stop."""
        task, self._task = self._task, None
        if task is not None:
            self._wake.set()
            await task

    async def commit(
        self, events: Sequence[Event], dead_lettered: int = 0, *, read_under: int | None = None
    ) -> list[EventResult]:
        """Commit events and answer after that, with a result per event in their order.

        ``dead_lettered`` is only counted. ``read_under`` is the version of the rules under which the events were read,
        by default the one in force: when others are in force by the time of the commit, they are read again.

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
        for start in range(0, len(events), self._size) if events else (0,):
            submission = _Submission(
                events[start : start + self._size], version, 0 if start else dead_lettered, loop.create_future()
            )
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
                await self._wake.wait()
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

    async def _write_batch(self, batch: list[_Submission]) -> None:
        events = [event for submission in batch for event in submission.events]
        read_under = min(submission.rule_version for submission in batch)
        try:
            results = await self._write(events, read_under, sum(submission.dead_lettered for submission in batch))
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

    async def _write(self, events: Sequence[Event], read_under: int, dead_lettered: int) -> list[EventResult]:
        """Write events in one transaction; when one of them cannot be written, the others are, in smaller ones."""
        try:
            return await self._write_once(events, read_under, dead_lettered)
        except GraphUnavailableError:
            raise
        except Exception as error:
            if len(events) <= 1:
                # The text of the error may quote what people are known by, so it stays out of the log.
                _log.error("event cannot be written", error=type(error).__name__, events=[e.id for e in events])
                if not events:
                    raise
                if dead_lettered:
                    await self._write_once((), read_under, dead_lettered)
                return [EventResult(duplicate=False, customer_id=None, error=type(error).__name__)]
        middle = len(events) // 2
        first = await self._write(events[:middle], read_under, dead_lettered)
        return first + await self._write(events[middle:], read_under, 0)

    async def _write_once(self, events: Sequence[Event], read_under: int, dead_lettered: int) -> list[EventResult]:
        async def work(tx: Transaction, regime: Regime, now: Instant) -> TakenIn:
            current = events if regime.version == read_under else [reread_event(e, regime.rules) for e in events]
            taken = await take_in(tx, current, regime.rules, regime.version, now)
            taken.ignored = self._counts.fold(taken.ignored)
            await self._counts.put(tx, taken, dead_lettered)
            return taken

        started = time.perf_counter()
        taken = await self._units.run(work)
        self._counts.add(taken, dead_lettered)
        metrics = self._metrics
        metrics.commit_seconds.observe(time.perf_counter() - started)
        metrics.commit_events.observe(len(events))
        metrics.accepted.inc(taken.accepted)
        metrics.duplicates.inc(taken.duplicates)
        metrics.observe_loads(taken.slow_loads)
        for (namespace, code), count in taken.ignored.items():
            metrics.ignored.labels(namespace, code).inc(count)
        return taken.results


class _Counts:
    """What this writer took in since it started; written as a whole, so that a retried transaction counts once."""

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._accepted = 0
        self._duplicates = 0
        self._dead_lettered = 0
        self._ignored: Counter[tuple[str, str]] = Counter()

    def fold(self, ignored: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
        """Count namespaces together that are too many to be told apart: a sender can make up any number of them."""
        known = {namespace for namespace, _ in self._ignored}
        folded: Counter[tuple[str, str]] = Counter()
        for (namespace, code), count in ignored.items():
            if namespace not in known and len(known) < MAX_COUNTED_NAMESPACES:
                known.add(namespace)
            folded[namespace if namespace in known else OTHER_NAMESPACES, code] += count
        return folded

    async def put(self, tx: Transaction, taken: TakenIn, dead_lettered: int) -> None:
        ignored: dict[str, dict[str, int]] = {}
        for (namespace, code), count in (self._ignored + taken.ignored).items():
            ignored.setdefault(namespace, {})[code] = count
        await bookkeeping.put_counts(
            tx,
            writer=self._writer,
            accepted=self._accepted + taken.accepted,
            duplicates=self._duplicates + taken.duplicates,
            dead_lettered=self._dead_lettered + dead_lettered,
            ignored=json.dumps(ignored),
        )

    def add(self, taken: TakenIn, dead_lettered: int) -> None:
        self._accepted += taken.accepted
        self._duplicates += taken.duplicates
        self._dead_lettered += dead_lettered
        self._ignored += taken.ignored
