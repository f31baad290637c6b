"""Marking customers of whom something changed that segments read, in the transaction that changes it."""

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.inputs import EVERYTHING, Inputs
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import Mark
from identity_graph.domain.segments.saved import read_saved_inputs
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, run_together
from identity_graph.store.segments import marks as store
from identity_graph.store.segments.marks import CustomerMark, OwnerMark
from identity_graph.store.segments.segments import list_segments


async def read_watched(tx: ReadTransaction, catalogue: Catalogue) -> Inputs | None:
    """Read what all segments together look at, under their rules in force and to come; None without any."""
    watched: Inputs | None = None
    for row in await list_segments(tx):
        for inputs in read_saved_inputs(row, catalogue):
            watched = inputs if watched is None else watched | inputs
    return watched


async def write_marks(tx: WriteTransaction, regime: Regime) -> bool:
    """Mark the customers that a unit of work touched; False when there are none."""
    touched = regime.touched
    if touched.watched is None or not (touched.by_key or touched.by_id):
        return False
    read = touched.watched.tokens()
    owners: list[OwnerMark] = [
        {**row, "key": key} for key, mark in sorted(touched.by_key.items()) if (row := _row(mark, read)) is not None
    ]
    customers: list[CustomerMark] = [
        {**row, "id": id} for id, mark in sorted(touched.by_id.items()) if (row := _row(mark, read)) is not None
    ]
    if not owners and not customers:
        return False
    at = {"at_s": seconds(regime.now), "at_ns": nanoseconds(regime.now)}
    await run_together(tx, store.mark_customers.call(rows=customers, **at), store.mark_owners.call(rows=owners, **at))
    return True


def _row(mark: Mark, read: frozenset[str]) -> store.MarkRow | None:
    """Write a mark, cut to what is read; None when nothing of it is."""
    tokens = [EVERYTHING] if EVERYTHING in mark.tokens else sorted(read & mark.tokens)
    if not tokens:
        return None
    return {
        "tokens": tokens,
        "cause": mark.cause,
        "occurred_s": seconds(mark.occurred_at),
        "occurred_ns": nanoseconds(mark.occurred_at),
    }
