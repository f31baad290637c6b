"""Pins: what a person decided about a member, in both directions, whatever the rule says.

A pin hangs on the customer's oldest identifier, so it goes with that one when customers merge or split. Of several pins of one
customer the last one counts.
"""

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.errors import NotFoundError
from identity_graph.service.commit.units import Units
from identity_graph.service.segments.members import get_segment
from identity_graph.service.segments.turns import PIN
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments import marks
from identity_graph.store.segments import members as store
from identity_graph.store.segments.subjects import find_subjects


async def pin_member(units: Units, segment_id: str, customer_id: str, *, member: bool, reason: str, actor: str) -> None:
    """Let a customer be a member of a segment, or none, whatever the rule says.

    Raises:
        NotFoundError: there is no such segment, or no such customer.
    """

    async def pin(tx: WriteTransaction, regime: Regime) -> None:
        await get_segment(tx, segment_id)
        identifier = await _find_anchor(tx, customer_id)
        await store.delete_pins(tx, segment_id=segment_id, customer_id=customer_id)
        await store.save_pin(
            tx,
            key=f"{segment_id}/{identifier}",
            segment_id=segment_id,
            identifier=identifier,
            member=member,
            reason=reason,
            actor=actor,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )
        await _mark(tx, segment_id, customer_id, regime)

    await units.run(pin)
    units.marked.set()


async def unpin_member(units: Units, segment_id: str, customer_id: str) -> bool:
    """Let the rule decide about a customer again; False when nothing was pinned.

    Raises:
        NotFoundError: there is no such segment.
    """

    async def unpin(tx: WriteTransaction, regime: Regime) -> bool:
        await get_segment(tx, segment_id)
        (row,) = await store.delete_pins(tx, segment_id=segment_id, customer_id=customer_id)
        if row.deleted:
            await _mark(tx, segment_id, customer_id, regime)
        return row.deleted > 0

    had_any = await units.run(unpin)
    units.marked.set()
    return had_any


async def _find_anchor(tx: WriteTransaction, customer_id: str) -> str:
    rows = await find_subjects(tx, customer_ids=[customer_id])
    if not rows or rows[0].is_former or not rows[0].identifiers:
        raise NotFoundError(f"There is no customer {customer_id!r}.", customer=customer_id)
    return str(min(rows[0].identifiers, key=lambda one: (one[1], one[0]))[0])


async def _mark(tx: WriteTransaction, segment_id: str, customer_id: str, regime: Regime) -> None:
    at_s, at_ns = seconds(regime.now), nanoseconds(regime.now)
    row: marks.CustomerMark = {
        "id": customer_id,
        "tokens": [f"{PIN}{segment_id}"],
        "cause": MarkCause.PIN,
        "occurred_s": at_s,
        "occurred_ns": at_ns,
    }
    await marks.mark_customers(tx, rows=[row], at_s=at_s, at_ns=at_ns)
