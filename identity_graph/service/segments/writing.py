"""Writing what comes of evaluated customers, in one transaction: memberships, transitions, sizes, and what follows them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from identity_graph.domain.segments.transitions import Transition
from identity_graph.domain.values.observations import Instant
from identity_graph.service.segments.evaluating import Outcome, Standing
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments import evaluation as store
from identity_graph.store.segments.evaluation import EvaluatedCustomer, MembershipRow, NewTransition, SizeChange

Follower = Callable[[WriteTransaction, Sequence[Transition], Instant], Awaitable[None]]
"""What is done with transitions in the transaction that writes them, such as the deliveries that they mean."""

_HOUR_SECONDS = 3600


async def write_outcomes(
    tx: WriteTransaction, outcomes: Iterable[Outcome], now: Instant, followers: Sequence[Follower]
) -> list[Transition]:
    """Write what came of customers, those left out of whom something changed meanwhile; give the transitions.

    Customers are locked by id, and told of in the order in which they are given: who waited longest comes first.
    """
    by_id = {outcome.ask.customer_id: outcome for outcome in outcomes}
    rows: list[EvaluatedCustomer] = [
        {"id": id, "mark": by_id[id].mark, "clear": by_id[id].ask.clear} for id in sorted(by_id)
    ]
    unchanged = {row.customer_id for row in await store.settle_marks(tx, rows=rows)} if rows else set[str]()
    settled = [outcome for id, outcome in by_id.items() if id in unchanged]
    await _write_standings(tx, settled)
    transitions = [transition for outcome in settled for transition in outcome.transitions]
    if transitions:
        await store.create_transitions(
            tx, rows=[_row_of(one) for one in transitions], at_s=seconds(now), at_ns=nanoseconds(now)
        )
    await _write_sizes(tx, settled, transitions, now)
    faults = {id: fault for outcome in settled for id, fault in outcome.faults.items()}
    if faults:
        await store.set_fault(tx, rows=[{"id": id, "fault": fault} for id, fault in sorted(faults.items())])
    if transitions:
        for follower in followers:
            await follower(tx, transitions, now)
    return transitions


async def _write_standings(tx: WriteTransaction, outcomes: Iterable[Outcome]) -> None:
    written: list[MembershipRow] = []
    forgotten: list[str] = []
    for outcome in outcomes:
        for edition, standing in outcome.standings.items():
            key = f"{edition}/{outcome.ask.customer_id}"
            if standing is None:
                forgotten.append(key)
            else:
                written.append(_membership(key, edition, outcome.ask.customer_id, standing))
    if forgotten:
        await store.delete_memberships(tx, keys=forgotten)
    if written:
        await store.set_memberships(tx, rows=written)


def _membership(key: str, edition: str, customer_id: str, standing: Standing) -> MembershipRow:
    since, due = standing.since, standing.due_at
    return {
        "key": key,
        "edition": edition,
        "segment_id": edition.rpartition("/")[0],
        "customer_id": customer_id,
        "number": standing.number,
        "since_s": None if since is None else seconds(since),
        "since_ns": None if since is None else nanoseconds(since),
        "due_s": None if due is None else seconds(due),
        "due_ns": None if due is None else nanoseconds(due),
    }


async def _write_sizes(
    tx: WriteTransaction, outcomes: Iterable[Outcome], transitions: Sequence[Transition], now: Instant
) -> None:
    hour = seconds(now) // _HOUR_SECONDS * _HOUR_SECONDS
    changes: dict[str, SizeChange] = {}

    def change_of(id: str) -> SizeChange:
        key = f"{id}/{hour}"
        return changes.setdefault(id, {"key": key, "segment_id": id, "change": 0, "entered": 0, "exited": 0})

    for outcome in outcomes:
        for id, grown in outcome.grown.items():
            change_of(id)["change"] += grown
    for one in transitions:
        change_of(one.segment_id)["entered" if one.entered else "exited"] += 1
    if changes:
        await store.update_sizes(tx, rows=[changes[id] for id in sorted(changes)], hour_s=hour)


def _row_of(transition: Transition) -> NewTransition:
    return {
        "key": transition.key,
        "segment_id": transition.segment_id,
        "customer_id": transition.customer_id,
        "number": transition.number,
        "entered": transition.entered,
        "cause": transition.cause,
        "reason": transition.reason,
        "occurred_s": seconds(transition.occurred_at),
        "occurred_ns": nanoseconds(transition.occurred_at),
    }
