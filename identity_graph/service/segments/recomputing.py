"""Recomputing: everybody is evaluated from scratch, and compared with what is stored."""

from collections.abc import Callable

from identity_graph.domain.segments.read_models import Deviation, Recomputed, SegmentState
from identity_graph.domain.segments.transitions import TransitionCause
from identity_graph.errors import NotFoundError
from identity_graph.service.commit.units import Units
from identity_graph.service.positions import BEHIND_ALL
from identity_graph.service.segments.evaluating import Ask, Outcome, Why
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.service.segments.terms import Loaded, Loader, Target
from identity_graph.service.segments.turns import LEASE_SECONDS, Turn, evaluate_all
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import evaluation as store

PAGE = 200


async def recompute(
    evaluator: Evaluator,
    units: Units,
    segment_id: str | None = None,
    *,
    mend: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Recomputed:
    """Evaluate everybody for a segment, or for all, and tell who is stored otherwise than the facts give; ``mend`` puts it right.

    What waits to be evaluated is evaluated before. A customer of whom something changes meanwhile is left to the evaluator.

    Raises:
        NotFoundError: there is no such segment.
        GraphUnavailableError: Neo4j does not answer.
    """
    await evaluator.catch_up()
    loaded = await _load(units)
    if segment_id is not None and segment_id not in loaded.segments:
        raise NotFoundError(f"There is no segment {segment_id!r}.", segment=segment_id)
    targets = [
        target
        for target in loaded.targets
        if target.is_live
        and segment_id in (None, target.segment.id)
        and target.segment.state in (SegmentState.LIVE, SegmentState.CHANGING)
    ]
    deviations: list[Deviation] = []
    seen, after = 0, ""
    while page := await units.graph.read(
        lambda tx, after=after: store.page_customer_ids(tx, after=after, until=BEHIND_ALL, limit=PAGE)
    ):
        ids = [row.customer_id for row in page]
        found = await _compare(units, loaded, targets, ids)
        deviations += found
        if mend and found:
            async with evaluator.alone:
                await _mend(units, loaded, targets, sorted({one.customer_id for one in found}))
        seen, after = seen + len(page), ids[-1]
        on_progress(seen)
    return Recomputed(len(targets), seen, tuple(deviations), mend and bool(deviations))


async def _compare(units: Units, loaded: Loaded, targets: list[Target], ids: list[str]) -> list[Deviation]:
    now = units.now()
    wanted = {target.edition: Why(TransitionCause.RULES, now) for target in targets}
    outcomes = await evaluate_all(units.graph, loaded, [Ask(id, wanted=wanted) for id in ids], now)
    deviating = {outcome.ask.customer_id: outcome for outcome in outcomes if outcome.grown}
    if not deviating:
        return []
    # What waits, or became due, is for the evaluator: nobody looked at it yet.
    ends = units.now()
    busy = {row.customer_id for row in await units.graph.read(lambda tx: store.list_waiting(tx, limit=_MOST))}
    due = await units.graph.read(
        lambda tx: store.list_due(tx, now_s=seconds(ends), now_ns=nanoseconds(ends), limit=_MOST)
    )
    busy |= {row.customer_id for row in due}
    return [one for id, outcome in sorted(deviating.items()) if id not in busy for one in _deviations(outcome)]


_MOST = 100_000


def _deviations(outcome: Outcome) -> list[Deviation]:
    return [
        Deviation(segment_id, outcome.ask.customer_id, stored=change < 0, computed=change > 0)
        for segment_id, change in sorted(outcome.grown.items())
        if change
    ]


async def _mend(units: Units, loaded: Loaded, targets: list[Target], ids: list[str]) -> None:
    held = await units.graph.write(lambda tx: store.take_turn(tx, holder=units.writer, seconds=LEASE_SECONDS))
    if held:
        now = units.now()
        wanted = {target.edition: Why(TransitionCause.RULES, now) for target in targets}
        turn = Turn(units.graph, units.writer, held[0].fence)
        await turn.evaluate(loaded, [Ask(id, wanted=wanted) for id in ids], now)


async def _load(units: Units) -> Loaded:
    now = units.now()
    loader = Loader(units)

    async def read(tx: ReadTransaction) -> Loaded:
        (work,) = await store.find_work(tx, now_s=seconds(now), now_ns=nanoseconds(now))
        return await loader.load(tx, work)

    return await units.graph.read(read)
