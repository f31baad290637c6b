"""The evaluator: keeps the members of all segments current, in the background of every process, one at a time."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from identity_graph.domain.segments.read_models import SegmentState
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.commit.units import Units
from identity_graph.service.segments.feed import TransitionFeed
from identity_graph.service.segments.terms import Loaded, Loader, terms_of
from identity_graph.service.segments.turns import LEASE_SECONDS, Turn, TurnLostError, list_asks
from identity_graph.service.segments.walking import (
    Sweep,
    begin_walks,
    forget_some,
    settle_page,
    swept_targets,
    walk_customers,
)
from identity_graph.service.segments.writing import Follower
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.segments import evaluation as store
from identity_graph.store.segments.evaluation import Fault, Work

BATCH = 200
"""Waiting customers, and due memberships, that one transaction writes."""

_POLL_SECONDS = 1.0
_LONGEST_REST = 0.25
_PATIENCE = 5.0
"""Seconds that a turn may take to end; whoever ends it in the midst leaves a connection in disorder."""
_FAILED_FOR_ONE = "it failed for the customer"

_log = structlog.get_logger(__name__)


class Evaluator:
    """Takes turns while there is something to evaluate. ``followers`` take part in the transactions that write transitions.

    ``on_written`` is called after some were written.
    """

    def __init__(
        self,
        units: Units,
        followers: Sequence[Follower] = (),
        *,
        on_written: Callable[[], None] = lambda: None,
        batch: int = BATCH,
    ) -> None:
        self.feed = TransitionFeed(units.graph)
        self.alone = asyncio.Lock()
        """Held by whoever evaluates in this process: the turn belongs to the process, and two at once would tell everything twice."""
        self._units = units
        self._followers = tuple(followers)
        self._on_written = on_written
        self._batch = batch
        self._loader = Loader(units)
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False

    def start(self) -> None:
        """Start; needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="segment evaluator")

    def wake(self) -> None:
        """Say that there is something to evaluate."""
        self._units.marked.set()

    async def close(self) -> None:
        """Stop after the turn that is being taken; the rest is done when a service runs again."""
        task, self._task = self._task, None
        if task is not None:
            self._is_ending = True
            self.wake()
            await asyncio.wait({task}, timeout=_PATIENCE)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            with suppress(Exception):  # whoever waits for the turn gets it a little later then
                await self._units.graph.write(lambda tx: store.give_up_turn(tx, holder=self._units.writer))

    async def catch_up(self) -> None:
        """Evaluate until nothing waits and nothing is due.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        while await self.take_turn():
            pass

    async def take_turn(self) -> bool:
        """Evaluate a batch of what waits and is due, and a page of every walk; False when there was nothing to do.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
            TurnLostError: another process took the turn meanwhile.
        """
        async with self.alone:
            return await self._take_turn()

    async def _take_turn(self) -> bool:
        work = await self._units.graph.read(self._find_work)
        if work is None or not _has_something(work):
            return False
        units = self._units
        held = await units.graph.write(lambda tx: store.take_turn(tx, holder=units.writer, seconds=LEASE_SECONDS))
        if not held:
            return False
        turn = Turn(units.graph, units.writer, held[0].fence, self._followers)
        work, loaded = await units.graph.read(self._load)
        if work is None or loaded is None:
            return False
        return await self._work(turn, work, loaded)

    async def _work(self, turn: Turn, work: Work, loaded: Loaded) -> bool:
        evaluation = work.evaluation or {}
        stale: list[str] = evaluation.get("stale") or []
        sweep = await self._find_sweep(turn, work, loaded)
        await _tell_faults(turn, loaded)
        if await begin_walks(turn, loaded, stale):
            return True
        now = self._units.now()
        asks = await list_asks(turn.graph, loaded, now, self._batch)
        written = 0
        if asks:
            written += len(await turn.evaluate(loaded, asks, now))
            # A walk goes on from what is stored now.
            _, again = await self._units.graph.read(self._load)
            loaded = again or loaded
        is_walking = sweep is not None or any(
            row.state in (SegmentState.FILLING, SegmentState.CHANGING) for row in loaded.segments.values()
        )
        if is_walking:
            # No unit of work runs any more that did not know what segments read.
            await self._units.settle(f"segments under {terms_of(work)}", work.segments_version)
        walked = await walk_customers(turn, loaded, sweep, now)
        settled = await settle_page(turn, loaded, now) if walked is None else None
        if stale:
            await forget_some(turn, stale)
        written += len(walked or ()) + len(settled or ())
        if written:
            self.feed.announce()
            self._on_written()
        return bool(asks or stale) or walked is not None or settled is not None

    async def _find_work(self, tx: ReadTransaction) -> Work | None:
        now = self._units.now()
        rows = await store.find_work(tx, now_s=seconds(now), now_ns=nanoseconds(now))
        return rows[0] if rows and rows[0].segments_version else None

    async def _load(self, tx: ReadTransaction) -> tuple[Work | None, Loaded | None]:
        work = await self._find_work(tx)
        return work, None if work is None else await self._loader.load(tx, work)

    async def _find_sweep(self, turn: Turn, work: Work, loaded: Loaded) -> Sweep | None:
        """Tell whether everybody is to be evaluated anew since the terms are others, and up to whom that is done."""
        evaluation = work.evaluation or {}
        terms, to = evaluation.get("terms"), terms_of(work)
        if terms == to:
            return None
        if evaluation.get("sweep") == to:
            return Sweep(terms, to, evaluation.get("cursor") or "")
        sweep = Sweep(terms, to, "")
        is_needless = terms is None or not swept_targets(loaded, sweep)

        async def begin(tx: WriteTransaction) -> None:
            if is_needless:
                await store.save_sweep(tx, terms=to, sweep=None, cursor=None)
            else:
                await store.save_sweep(tx, terms=terms, sweep=to, cursor="")

        await turn.write(begin)
        return None if is_needless else sweep

    async def _run(self) -> None:
        while not self._is_ending:
            self._units.marked.clear()
            started = time.monotonic()
            try:
                is_busy = await self.take_turn()
            except (GraphUnavailableError, TurnLostError):
                is_busy = False
            except Exception as error:  # noqa: BLE001 - whatever it is, this goes on as long as the service runs
                _log.error("segments cannot be evaluated", error=type(error).__name__)
                is_busy = False
                await asyncio.sleep(_POLL_SECONDS)
            if self._is_ending:
                return
            if is_busy:
                # Events that come meanwhile get as much of the processor as this.
                await asyncio.sleep(
                    min(_LONGEST_REST, time.monotonic() - started) if self._units.marked.is_set() else 0
                )
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._units.marked.wait()


async def _tell_faults(turn: Turn, loaded: Loaded) -> None:
    """Note which rules cannot be evaluated; that one failed for a customer stays noted until its terms or its rule change."""
    rows: list[Fault] = [
        {"id": target.segment.id, "fault": target.fault}
        for target in loaded.targets
        if target.is_live
        and target.fault != target.segment.fault
        and not (target.fault is None and (target.segment.fault or "").startswith(_FAILED_FOR_ONE))
    ]
    if rows:
        await turn.write(lambda tx: store.set_fault(tx, rows=rows))


def _has_something(work: Work) -> bool:
    evaluation = work.evaluation or {}
    return (
        work.is_waiting
        or work.is_due
        or work.is_walking
        or bool(evaluation.get("stale"))
        or evaluation.get("terms") != terms_of(work)
    )
