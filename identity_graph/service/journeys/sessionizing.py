"""Puts new events into sessions, and derives sessions again where late events change them."""

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
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, Event, Instant
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.journeys import sessions as session_store
from identity_graph.store.journeys.sessions import StoredSession, Until

_FEW = 2
"""Sessions of a visitor that are read at first: the one that goes on, and one that tells that it is the first of a span."""


@dataclass(frozen=True, slots=True)
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
    disturbed: set[str] = field(default_factory=set[str])
    """The keys of those whose events and visits may be others' from now on, or others' theirs."""

    def owner_of(self, session_id: str) -> str:
        """Give the key of the owner of a session that these events are in, or change."""
        return (self.created.get(session_id) or self.updated[session_id]).owner.key

    @classmethod
    def union(cls, parts: Sequence["SessionChanges"]) -> "SessionChanges":
        """Put together what happens to the sessions of several visitors."""
        return cls(
            session_of={event: id for part in parts for event, id in part.session_of.items()},
            refs={id: ref for part in parts for id, ref in part.refs.items()},
            created={id: session for part in parts for id, session in part.created.items()},
            updated={id: session for part in parts for id, session in part.updated.items()},
            new_owners={id: owner for part in parts for id, owner in part.new_owners.items()},
            moved_events={event: id for part in parts for event, id in part.moved_events.items()},
            deleted=[id for part in parts for id in part.deleted],
            disturbed={key for part in parts for key in part.disturbed},
        )


async def plan_sessions(
    tx: ReadTransaction, events: Iterable[Event], known_keys: set[str], rules: RuleSet
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
    parts: list[SessionChanges] = []
    for visitor, own in steps.items():
        near = stored.get(visitor, [])
        parts.append(_place_all(visitor, own, near, rules) or await _cut_anew(tx, visitor, own, near, rules))
    return SessionChanges.union(parts)


async def plan_removal(tx: ReadTransaction, visitor: str, at: Instant, rules: RuleSet) -> SessionChanges:
    """Cut a visitor's sessions anew around a moment at which an event was taken out of them."""
    stored = await _find_sessions(tx, {visitor: (at - rules.session_gap, at + rules.session_gap)})
    near = stored.get(visitor)
    return await _cut_anew(tx, visitor, [], near, rules) if near else SessionChanges()


def touch_sessions(changes: SessionChanges, regime: Regime, cause: MarkCause = MarkCause.EVENT) -> None:
    """Take note of the customers whose visits change, or whose events."""
    for key in changes.disturbed:
        regime.touched.touch_key(key, (EVERYTHING,), regime.now, cause)
    if regime.touched.watched is not None and regime.touched.watched.sessions:
        for session in changes.created.values():
            regime.touched.touch_key(session.owner.key, ("sessions",), session.first.occurred_at, cause)


def _place_all(
    visitor: str, steps: Sequence[Step], stored: Sequence[StoredSession], rules: RuleSet
) -> SessionChanges | None:
    """Place a visitor's steps one after the other; None when sessions must be cut anew."""
    sessions = [_session_of(row) for row in stored]
    created: dict[str, Session] = {}
    updated: dict[str, Session] = {}
    session_of: dict[str, str] = {}
    for step in steps:
        place = place_step(sessions, step, rules)
        if place is None:
            return None
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
    owners = {row.id: row.owner for row in stored}
    new_owners = {s.id: s.owner for s in updated.values() if s.owner.key != owners[s.id]}
    return SessionChanges(
        session_of=session_of,
        refs={row.id: row.ref for row in stored},
        created=created,
        updated=updated,
        new_owners=new_owners,
        disturbed={key for id, owner in new_owners.items() for key in (owners[id], owner.key)},
    )


async def _cut_anew(
    tx: ReadTransaction,
    visitor: str,
    steps: Sequence[Step],
    stored: Sequence[StoredSession],
    rules: RuleSet,
) -> SessionChanges:
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
    cut = list(sessionize(visitor, [*old_steps, *steps], rules))
    sessions = {session.id: session for session, _ in cut}
    placed = {step.event_id: session.id for session, own in cut for step in own}
    return SessionChanges(
        session_of={event: id for event, id in placed.items() if event not in former},
        refs={row.id: row.ref for row in near.values()},
        created={id: session for id, session in sessions.items() if id not in near},
        updated={id: session for id, session in sessions.items() if id in near},
        new_owners={id: s.owner for id, s in sessions.items() if id in near and s.owner.key != near[id].owner},
        moved_events={event: id for event, id in placed.items() if former.get(event, id) != id},
        deleted=sorted(near.keys() - sessions.keys()),
        disturbed={row.owner for row in near.values()} | {session.owner.key for session in sessions.values()},
    )


async def _find_sessions(tx: ReadTransaction, spans: dict[str, tuple[int, int]]) -> dict[str, list[StoredSession]]:
    """Find the sessions of visitors that touch a span of time each, in their order."""
    rows: list[Until] = [
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
