"""Going through everybody, page by page: to fill a new segment, to compute a changed rule aside, and under other terms.

Where a walk stands is stored with what its page came to, in one transaction, so that it goes on from there after a kill.
Segments whose walks stand at the same customer are evaluated together.
"""

from collections.abc import Sequence
from typing import NamedTuple

from identity_graph.domain.segments.read_models import SegmentState, StoredSegment
from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import BEHIND_ALL
from identity_graph.service.segments.evaluating import Ask, Why
from identity_graph.service.segments.terms import Loaded, Target, changed_terms, edition_of
from identity_graph.service.segments.turns import Turn
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments import evaluation as store
from identity_graph.store.segments.evaluation import Walk

PAGE = 200
_DELETED_AT_ONCE = 2000


class Sweep(NamedTuple):
    """Everybody is evaluated anew under other terms: under which they were, under which they are to be, and up to whom."""

    terms: str | None
    to: str
    cursor: str


async def begin_walks(turn: Turn, loaded: Loaded, stale: Sequence[str]) -> bool:
    """Begin what follows from rules that were saved or segments that were deleted; False when there is nothing to begin."""
    deleted = await turn.graph.read(store.list_deleted)
    forgotten = {edition_of(row.id, number) for row in deleted for number in range(1, row.last_edition + 1)}
    begun: list[str] = []
    dropped: list[str] = []
    for row in loaded.segments.values():
        saved = (row.rule, row.audience)
        if row.state == SegmentState.LIVE and saved != (row.live_rule, row.live_audience):
            begun.append(row.id)
        elif row.state == SegmentState.CHANGING and saved != (row.next_rule, row.next_audience):
            forgotten.add(edition_of(row.id, row.next_edition or 0))
            (dropped if saved == (row.live_rule, row.live_audience) else begun).append(row.id)
    if not (begun or dropped or deleted):
        return False

    async def work(tx: WriteTransaction) -> None:
        for id in begun:
            await store.begin_edition(tx, id=id)
        for id in dropped:
            await store.drop_edition(tx, id=id)
        if deleted:
            await store.forget_editions(tx, ids=[row.id for row in deleted])
        await store.set_stale(tx, editions=sorted({*stale, *forgotten}))

    await turn.write(work)
    return True


async def forget_some(turn: Turn, stale: Sequence[str]) -> None:
    """Forget a part of an edition that is in force no more."""

    async def work(tx: WriteTransaction) -> None:
        (row,) = await store.delete_edition(tx, edition=stale[0], limit=_DELETED_AT_ONCE)
        if row.deleted < _DELETED_AT_ONCE:
            await store.set_stale(tx, editions=list(stale[1:]))

    await turn.write(work)


async def walk_customers(turn: Turn, loaded: Loaded, sweep: Sweep | None, now: Instant) -> list[Transition] | None:
    """Evaluate the next page of all customers for the walks that stand first; None when no walk is under way."""
    rows = [row for row in loaded.segments.values() if row.state in (SegmentState.FILLING, SegmentState.CHANGING)]
    cursors = {row.cursor for row in rows} | ({sweep.cursor} if sweep is not None else set())
    if not cursors:
        return None
    after = min(cursors)
    until = min((cursor for cursor in cursors if cursor > after), default=BEHIND_ALL)
    page = await turn.graph.read(lambda tx: store.page_customer_ids(tx, after=after, until=until, limit=PAGE))
    total = (await turn.graph.read(store.count_customers))[0].customers if after == "" else None
    walking = [row for row in rows if row.cursor == after]
    sweeping = sweep if sweep is not None and sweep.cursor == after else None
    wanted = _wanted(loaded, walking, sweeping, now)
    reached = page[-1].customer_id if len(page) == PAGE else until

    async def also(tx: WriteTransaction) -> None:
        await _save(tx, walking, reached, len(page), total)
        if sweeping is not None:
            is_done = reached == BEHIND_ALL
            await store.save_sweep(
                tx,
                terms=sweeping.to if is_done else sweeping.terms,
                sweep=None if is_done else sweeping.to,
                cursor=None if is_done else reached,
            )

    return await turn.evaluate(loaded, [Ask(row.customer_id, wanted=wanted) for row in page], now, also)


async def settle_page(turn: Turn, loaded: Loaded, now: Instant) -> list[Transition] | None:
    """Tell of a page of customers who entered and left by a changed rule; None when no rule was changed."""
    row = next((one for one in loaded.segments.values() if one.state == SegmentState.SETTLING), None)
    if row is None:
        return None
    editions = [edition_of(row.id, row.edition), edition_of(row.id, row.next_edition or 0)]
    rows = await turn.graph.read(lambda tx: store.page_editions(tx, editions=editions, after=row.cursor, limit=PAGE))
    pages = [[one.customer_id for one in rows if one.edition == edition] for edition in editions]
    reached = min((page[-1] for page in pages if len(page) == PAGE), default=BEHIND_ALL)
    ids = sorted({id for page in pages for id in page if id <= reached})

    async def also(tx: WriteTransaction) -> None:
        if reached == BEHIND_ALL:
            await store.drop_edition(tx, id=row.id)
        else:
            await store.save_walk(tx, rows=[_walk(row, row.state, reached, len(ids), None)])

    return await turn.evaluate(loaded, [Ask(id) for id in ids], now, also)


def _wanted(loaded: Loaded, walking: Sequence[StoredSegment], sweep: Sweep | None, now: Instant) -> dict[str, Why]:
    wanted: dict[str, Why] = {}
    if sweep is not None:
        wanted |= {target.edition: Why(TransitionCause.RULES, now) for target in swept_targets(loaded, sweep)}
    for row in walking:
        is_first = row.state == SegmentState.FILLING
        cause = TransitionCause.INITIAL if is_first else TransitionCause.RULE_CHANGED
        number = row.edition if is_first else row.next_edition or 0
        wanted[edition_of(row.id, number)] = Why(cause, now)
    return wanted


def swept_targets(loaded: Loaded, sweep: Sweep) -> list[Target]:
    """List the rules that other terms concern: all, or those that read scores when only the cut is another one."""
    changed = changed_terms(sweep.terms, sweep.to)
    return [target for target in loaded.targets if changed is None or target.inputs.is_touched_by(changed)]


async def _save(
    tx: WriteTransaction, walking: Sequence[StoredSegment], reached: str, passed: int, total: int | None
) -> None:
    is_done = reached == BEHIND_ALL
    saved: list[Walk] = []
    for row in walking:
        if is_done and row.state == SegmentState.CHANGING:
            await store.switch_edition(tx, id=row.id, edition=edition_of(row.id, row.next_edition or 0))
        else:
            saved.append(
                _walk(row, SegmentState.LIVE if is_done else row.state, "" if is_done else reached, passed, total)
            )
    if saved:
        await store.save_walk(tx, rows=saved)


def _walk(row: StoredSegment, state: str, cursor: str, passed: int, total: int | None) -> Walk:
    return {
        "id": row.id,
        "state": state,
        "cursor": cursor,
        "passed": row.passed + passed,
        "total": row.total if total is None else total,
    }
