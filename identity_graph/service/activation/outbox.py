"""The outbox: what destinations are to be told is written in the transaction that makes it true."""

from collections.abc import Sequence
from typing import NamedTuple

from identity_graph.domain.activation.destinations import MessageKind, Reentry, Wants
from identity_graph.domain.activation.messages import message_id, write_transition
from identity_graph.domain.activation.read_models import DestinationRow
from identity_graph.domain.activation.reentry import Decision, Pair, Told, decide
from identity_graph.domain.segments.transitions import Transition
from identity_graph.domain.values.durations import read_duration
from identity_graph.domain.values.observations import Instant
from identity_graph.store.activation.deliveries import NewDelivery, create_deliveries
from identity_graph.store.activation.destinations import (
    ToldEntry,
    find_told_entries,
    list_destinations,
    set_told_entries,
)
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction, run_together


class _Listener(NamedTuple):
    """A destination, and the transitions that may concern it."""

    id: str
    wants: Wants
    transitions: list[Transition]


async def enqueue(tx: WriteTransaction, transitions: Sequence[Transition], now: Instant) -> None:
    """Write a row for every destination that is to be told of a transition, in the transaction that writes these.

    A row belongs to (destination, segment, customer, number), and its id, the ``webhook-id``, follows from these four: the
    same transition enqueued again adds nothing. Without destinations this costs one small read.
    """
    if not transitions:
        return
    listeners = [
        _Listener(row.id, wants, concerned)
        for row in await list_destinations(tx)
        if (concerned := [t for t in transitions if (wants := wants_of(row)).wants_segment(t.segment_id)])
    ]
    if not listeners:
        return
    keys = {_key(listener.id, _pair(transition)): None for listener in listeners for transition in listener.transitions}
    known = {row.key: Told(row.number, row.entered_at, row.inside) for row in await find_told_entries(tx, keys=[*keys])}
    told: list[ToldEntry] = []
    deliveries: list[NewDelivery] = []
    for listener in listeners:
        own = {pair: known[key] for t in listener.transitions if (key := _key(listener.id, pair := _pair(t))) in known}
        decision = decide(listener.wants, listener.transitions, own)
        told += _told_rows(listener.id, decision)
        deliveries += [
            new_delivery(
                message_id(listener.id, "segment", t.segment_id, t.customer_id, t.number),
                listener.id,
                telling.kind,
                t.customer_id,
                write_transition(telling.kind, t),
                now,
            )
            for telling in decision.tellings
            for t in [telling.transition]
        ]
    await run_together(tx, set_told_entries.call(rows=told), create_deliveries.call(rows=deliveries))


def wants_of(row: DestinationRow) -> Wants:
    """Read what a destination wants to be told of."""
    return Wants(
        kinds=frozenset(map(MessageKind, row.kinds)),
        segments=None if row.segments is None else frozenset(row.segments),
        reentry=Reentry(row.reentry),
        cool_down=None if row.cool_down is None else read_duration(row.cool_down),
        initial=row.initial,
    )


def new_delivery(
    id: str,
    destination_id: str,
    kind: MessageKind,
    customer_id: str | None,
    payload: str,
    now: Instant,
    due: Instant | None = None,
) -> NewDelivery:
    """Make a row of the outbox; without ``due`` it is due at once."""
    due_at = now if due is None else due
    return {
        "id": id,
        "destination_id": destination_id,
        "kind": kind.value,
        "customer_id": customer_id,
        "payload": payload,
        "at_s": seconds(now),
        "at_ns": nanoseconds(now),
        "due_s": seconds(due_at),
        "due_ns": nanoseconds(due_at),
    }


def _pair(transition: Transition) -> Pair:
    return transition.segment_id, transition.customer_id


def _key(destination_id: str, pair: Pair) -> str:
    return f"{destination_id}/{pair[0]}/{pair[1]}"


def _told_rows(destination_id: str, decision: Decision) -> list[ToldEntry]:
    return [
        {
            "key": _key(destination_id, pair),
            "destination_id": destination_id,
            "segment_id": pair[0],
            "customer_id": pair[1],
            "number": told.number,
            "inside": told.inside,
            "entered_s": None if told.entered_at is None else seconds(told.entered_at),
            "entered_ns": None if told.entered_at is None else nanoseconds(told.entered_at),
        }
        for pair, told in decision.told.items()
    ]
