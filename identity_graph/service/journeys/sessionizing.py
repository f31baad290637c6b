"""Puts new events into sessions, and cuts sessions anew where late events change them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from identity_graph.domain.journeys.sessions import (
    Moment,
    Session,
    Step,
    find_visitor,
    place_step,
    sessionize,
    start_session,
)
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, Event, Instant
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Transaction
from identity_graph.store.journeys import sessions as session_store
from identity_graph.store.journeys.sessions import StoredSession

_FEW = 2
"""Sessions of a visitor that are read at first: the one that goes on, and one that tells that it is the first of a span."""


@dataclass(slots=True)
class SessionChanges:
    """What events do to sessions. ``session_of`` names the session of every new event that has one."""

    session_of: dict[str, str] = field(default_factory=dict[str, str])
    refs: dict[str, str] = field(default_factory=dict[str, str])
    """What the store knows sessions by in this transaction, those that are not new."""
    created: dict[str, Session] = field(default_factory=dict[str, Session])
    updated: dict[str, Session] = field(default_factory=dict[str, Session])
    new_owners: dict[str, Identifier] = field(default_factory=dict[str, Identifier])
    moved_events: dict[str, str] = field(default_factory=dict[str, str])
    deleted: list[str] = field(default_factory=list[str])


async def plan_sessions(
    tx: Transaction, events: Iterable[Event], known_keys: set[str], rules: RuleSet
) -> SessionChanges:
    """Find the session of each new event; ``known_keys`` are identifiers that were there before, and are locked."""
    steps: dict[str, list[Step]] = {}
    for event in events:
        visitor = find_visitor(event.identifiers, rules)
        if visitor is not None:
            moment = Moment(event.occurred_at, event.source, event.message_id)
            steps.setdefault(visitor.key, []).append(Step(moment, event.id, event.channel, event.identifiers))
    for own in steps.values():
        own.sort()
    stored = await _find_sessions(
        tx,
        {
            visitor: (own[0].moment.occurred_at - rules.session_gap, own[-1].moment.occurred_at + rules.session_gap)
            for visitor, own in steps.items()
            if visitor in known_keys
        },
    )
    changes = SessionChanges()
    for visitor, own in steps.items():
        near = stored.get(visitor, [])
        if not _place_all(visitor, own, near, changes, rules):
            await _cut_anew(tx, visitor, own, near, changes, rules)
    return changes


async def plan_removal(tx: Transaction, visitor: str, at: Instant, rules: RuleSet) -> SessionChanges:
    """Cut a visitor's sessions anew around a moment at which an event was taken out of them."""
    changes = SessionChanges()
    stored = await _find_sessions(tx, {visitor: (at - rules.session_gap, at + rules.session_gap)})
    if near := stored.get(visitor):
        await _cut_anew(tx, visitor, [], near, changes, rules)
    return changes


def _place_all(
    visitor: str, steps: Sequence[Step], stored: Sequence[StoredSession], changes: SessionChanges, rules: RuleSet
) -> bool:
    """Place a visitor's steps one after the other; False, and nothing noted, when sessions must be cut anew."""
    sessions = [_session_of(row) for row in stored]
    created: dict[str, Session] = {}
    updated: dict[str, Session] = {}
    session_of: dict[str, str] = {}
    for step in steps:
        place = place_step(sessions, step, rules)
        if place is None:
            return False
        if isinstance(place, int):
            session = start_session(visitor, step, rules)
            sessions.insert(place, session)
            created[session.id] = session
        else:
            session = place
            session.add(step, rules)
            if session.id not in created:
                updated[session.id] = session
        session_of[step.event_id] = session.id
    changes.session_of.update(session_of)
    changes.refs.update({row.id: row.ref for row in stored})
    changes.created.update(created)
    changes.updated.update(updated)
    owners = {row.id: row.owner for row in stored}
    changes.new_owners.update({s.id: s.owner for s in updated.values() if s.owner.key != owners[s.id]})
    return True


async def _cut_anew(
    tx: Transaction,
    visitor: str,
    steps: Sequence[Step],
    stored: Sequence[StoredSession],
    changes: SessionChanges,
    rules: RuleSet,
) -> None:
    """Cut a visitor's sessions around new steps from their events, as far as the sessions hang together."""
    near = {row.id: row for row in stored}
    while True:
        end = max(
            moment for moment in (*(s.moment.occurred_at for s in steps[-1:]), *(r.ended_at for r in near.values()))
        )
        rows = await _find_sessions(tx, {visitor: (end, end + rules.session_gap)})
        more = [row for row in rows.get(visitor, []) if row.id not in near]
        if not more:
            break
        near.update({row.id: row for row in more})
    changes.refs.update({row.id: row.ref for row in near.values()})
    known = await session_store.list_steps(tx, ids=sorted(near))
    former = {row.event_id: row.session_id for row in known}
    old_steps = [
        Step(
            Moment(row.occurred_at, row.source, row.message_id),
            row.event_id,
            Channel(row.channel),
            tuple(Identifier.from_key(key) for key in row.keys),
        )
        for row in known
    ]
    kept: set[str] = set()
    for session, own in sessionize(visitor, [*old_steps, *steps], rules):
        before = near.get(session.id)
        if before is None:
            changes.created[session.id] = session
        else:
            kept.add(session.id)
            changes.updated[session.id] = session
            if session.owner.key != before.owner:
                changes.new_owners[session.id] = session.owner
        for step in own:
            was = former.get(step.event_id)
            if was is None:
                changes.session_of[step.event_id] = session.id
            elif was != session.id:
                changes.moved_events[step.event_id] = session.id
    changes.deleted += sorted(near.keys() - kept)


async def _find_sessions(tx: Transaction, spans: dict[str, tuple[int, int]]) -> dict[str, list[StoredSession]]:
    """Find the sessions of visitors that touch a span of time each, in their order."""
    rows = [
        {"visitor": visitor, "until_s": seconds(until), "until_ns": nanoseconds(until)}
        for visitor, (_, until) in spans.items()
    ]
    found: dict[str, list[StoredSession]] = {}
    limit = _FEW
    while rows:
        read: dict[str, list[StoredSession]] = {}
        for row in await session_store.find_latest_sessions(tx, rows=rows, limit=limit):
            read.setdefault(row.visitor, []).append(row)
        found |= read
        # Mostly the last few reach back beyond the span; of the others more are read.
        short = {id for id, own in read.items() if len(own) == limit and min(s.started_at for s in own) >= spans[id][0]}
        rows = [row for row in rows if row["visitor"] in short]
        limit *= 10
    return {visitor: own for visitor, rows in found.items() if (own := _touching(rows, spans[visitor][0]))}


def _touching(rows: list[StoredSession], since: Instant) -> list[StoredSession]:
    """Keep the sessions that start after a moment, and the last one before if it lasts until then, in their order."""
    rows.sort(key=lambda row: (row.started_at, row.first_source, row.first_message_id))
    before = sum(row.started_at < since for row in rows)
    return [row for row in rows[max(before - 1, 0) :] if row.ended_at >= since]


def _session_of(row: StoredSession) -> Session:
    return Session(
        id=row.id,
        visitor=row.visitor,
        first=Moment(row.started_at, row.first_source, row.first_message_id),
        last=Moment(row.ended_at, row.last_source, row.last_message_id),
        channel=Channel(row.channel),
        touchpoint_count=row.touchpoint_count,
        owner=Identifier.from_key(row.owner),
        values=orjson.loads(row.unique_values),
    )
