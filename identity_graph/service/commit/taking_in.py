"""Taking in events: one unit of work, in one transaction that may run several times."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from identity_graph.domain.collecting.source_counts import ClaimCounts, MessageCounts, count_messages
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS
from identity_graph.domain.journeys.origins import with_origin
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.values.observations import UNBIND, Event
from identity_graph.service.commit.erased import drop_erased
from identity_graph.service.commit.overdue import mark_overdue
from identity_graph.service.commit.touching import touch_taken_in
from identity_graph.service.commit.unbinding import unbind
from identity_graph.service.commit.writing import write_taken_in
from identity_graph.service.identity.intake import Intake, read_intake
from identity_graph.service.identity.resolving import Resolved, resolve_intake
from identity_graph.service.journeys.sessionizing import plan_sessions
from identity_graph.store.collecting import events as event_store
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store


class EventResult(NamedTuple):
    """What became of an event. ``customer_id`` is that of its strongest usable identifier, None without one.

    ``error`` says why the graph could not take this event, the others of its batch being safe; None when it did.
    """

    duplicate: bool
    customer_id: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a batch came to: a result per event, in order, and what is counted."""

    results: list[EventResult]
    accepted: int = 0
    duplicates: int = 0
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    slow_loads: list[int] = field(default_factory=list[int])
    """For every event that took the slow path: how many stored identifiers were looked at for it."""
    messages: MessageCounts = field(default_factory=MessageCounts)
    claims: ClaimCounts = field(default_factory=ClaimCounts)


@dataclass(frozen=True, slots=True)
class Written:
    """What writing new events came to: whose they are, how much was looked at, what they claim, and which traits are left out."""

    customer_of: dict[str, str]
    slow_loads: list[int]
    left_out: Counter[tuple[str, str]]
    claims: ClaimCounts


NOTHING_WRITTEN = Written({}, [], Counter(), {})


async def take_in(tx: WriteTransaction, events: Sequence[Event], regime: Regime) -> TakenIn:
    """Write the events that are new, with all that follows from them. A repeat of a message changes nothing."""
    fresh = await _drop_known(tx, events)
    if regime.salt is not None:
        fresh = await drop_erased(tx, fresh, regime.salt)
    if regime.catalogue.channels != DEFAULT_CHANNELS:
        fresh = {id: with_origin(event, regime.catalogue.channels) for id, event in fresh.items()}
    written = await _write(tx, list(fresh.values()), regime) if fresh else NOTHING_WRITTEN
    await mark_overdue(tx, fresh.values(), regime)
    customer_of = written.customer_of
    unbinding = [event for event in fresh.values() if event.type == UNBIND]
    if unbinding:
        await unbind(tx, unbinding, regime)
        customer_of = {}
    strongest = [find_strongest(event.identifiers, regime.rules).key if event.identifiers else None for event in events]
    unknown = sorted({key for key in strongest if key is not None and key not in customer_of})
    if unknown:
        customer_of = customer_of | {
            row.key: row.customer_id for row in await customer_store.find_owners(tx, keys=unknown)
        }
    ignored = Counter((item.namespace, item.code) for event in fresh.values() for item in event.ignored)
    results: list[EventResult] = []
    first_told = set(fresh)
    for event, key in zip(events, strongest, strict=True):
        results.append(EventResult(event.id not in first_told, None if key is None else customer_of.get(key)))
        first_told.discard(event.id)
    return TakenIn(
        results,
        len(fresh),
        len(events) - len(fresh),
        ignored + written.left_out,
        written.slow_loads,
        count_messages(events, (result.duplicate for result in results)),
        written.claims,
    )


async def _drop_known(tx: ReadTransaction, events: Sequence[Event]) -> dict[str, Event]:
    """Keep the events that are new, by id; of several with one id the first."""
    fresh: dict[str, Event] = {}
    for event in events:
        fresh.setdefault(event.id, event)
    for row in await event_store.find_events(tx, ids=list(fresh)):
        del fresh[row.id]
    return fresh


async def _write(tx: WriteTransaction, events: Sequence[Event], regime: Regime) -> Written:
    intake = await read_intake(tx, events, regime.rules)
    known = {state.key for state in intake.identifiers.values() if state.customer_id is not None}
    resolved = await resolve_intake(tx, intake, regime)
    journeys = await plan_sessions(tx, events, known, regime.rules)
    if regime.touched.watched is not None:
        touch_taken_in(events, intake, resolved, journeys, regime, regime.touched.watched)
    triggers = _triggers(events, intake, resolved)
    claims = await write_taken_in(tx, events, intake, resolved, journeys, regime, triggers)
    return Written(resolved.customer_of, _slow_loads(events, resolved), claims.left_out, claims.counted)


def _triggers(events: Sequence[Event], intake: Intake, resolved: Resolved) -> list[str | None]:
    """Name for every change the event that brought it about: the first of those that touch most of its customers.

    What happened to customers that no event touched follows from one that was resolved by looking at links.
    """
    if not resolved.changes:
        return []
    slow: int | None = None
    touching: dict[str, list[int]] = {id: [] for change in resolved.changes for id in change.customers}
    for number, event in enumerate(events):
        states = [intake.identifiers[identifier.key] for identifier in event.identifiers]
        touched = {resolved.customer_of[state.key] for state in states}
        touched.update(state.customer_id for state in states if state.customer_id is not None)
        for id in touched & touching.keys():
            touching[id].append(number)
        if any(state.key in resolved.slow_loads for state in states):
            slow = number
    triggers: list[str | None] = []
    for change in resolved.changes:
        counts = Counter(number for id in change.customers for number in touching[id])
        best = min(counts, key=lambda number: (-counts[number], number), default=slow)
        triggers.append(None if best is None else events[best].id)
    return triggers


def _slow_loads(events: Sequence[Event], resolved: Resolved) -> list[int]:
    return [
        max(loads)
        for event in events
        if (loads := [resolved.slow_loads[i.key] for i in event.identifiers if i.key in resolved.slow_loads])
    ]
