"""Sessions derived again from all events of some visitors, after their events or the rules of sessions changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from identity_graph.domain.journeys.sessions import Moment, Session, Step, find_visitor, sessionize
from identity_graph.domain.rules.ranking import usable_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Channel
from identity_graph.service.journeys.writing import session_row
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.journeys import sessions as store
from identity_graph.store.journeys.sessions import NewSession, Placed, RecutSession, Visit


@dataclass(slots=True)
class _Cut:
    """New sessions by id, and the session of each event."""

    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    session_of: dict[str, str] = field(default_factory=dict[str, str])


async def recut_sessions(tx: WriteTransaction, visitors: Iterable[str], rules: RuleSet) -> None:
    """Cut the sessions of visitors anew, each of all events whose visitor it is under the rules.

    Events that others held until now are taken from them, and their sessions are cut anew of what is left. Events whose
    visitor is another, whose turn has not come yet, stay where they are.
    """
    keys = set(visitors)
    visits = {visit.event_id: visit for visit in await store.list_visits(tx, keys=sorted(keys))}
    steps: dict[str, list[Step]] = {}
    homeless: list[str] = []
    losers: set[str] = set()
    taken: set[str] = set()
    for visit in visits.values():
        step = _step_of(visit, rules)
        visitor = find_visitor(step.identifiers, rules)
        if visitor is not None and visitor.key in keys:
            steps.setdefault(visitor.key, []).append(step)
            taken.add(visit.event_id)
            if visit.session_visitor is not None and visit.session_visitor not in keys:
                losers.add(visit.session_visitor)
        elif visit.session_visitor in keys:
            if visitor is None:
                homeless.append(visit.event_id)
            else:
                steps.setdefault(visit.session_visitor, []).append(step)
    for visit in await store.list_visits(tx, keys=sorted(losers)) if losers else []:
        if visit.session_visitor in losers and visit.event_id not in taken:
            visits[visit.event_id] = visit
            step = _step_of(visit, rules)
            if not step.identifiers:
                homeless.append(visit.event_id)
                continue
            steps.setdefault(visit.session_visitor, []).append(step)
    cut = _Cut()
    for visitor, own in steps.items():
        for session, parts in sessionize(visitor, own, rules):
            cut.sessions[session.id] = session
            cut.session_of.update(dict.fromkeys((step.event_id for step in parts), session.id))
    if homeless:
        await store.take_out_events(tx, ids=homeless)
    await _write(tx, keys | losers, visits, cut)


async def _write(tx: WriteTransaction, visitors: set[str], visits: dict[str, Visit], cut: _Cut) -> None:
    former = {row.id: row.ref for row in await store.list_sessions(tx, visitors=sorted(visitors))}
    strangers = sorted(cut.sessions.keys() - former.keys())
    refs = former | {row.id: row.ref for row in (await store.find_session_refs(tx, ids=strangers) if strangers else [])}
    sessions = cut.sessions.values()
    known: list[RecutSession] = [{**session_row(s), "ref": refs[s.id]} for s in sessions if s.id in refs]
    new: list[NewSession] = [{**session_row(s), "id": s.id} for s in sessions if s.id not in refs]
    if known:
        await store.replace_sessions(tx, rows=known)
    if new:
        refs |= {row.id: row.ref for row in await store.create_sessions(tx, rows=new)}
    moved: list[Placed] = [
        {"event_id": event_id, "session": refs[id], "owner": cut.sessions[id].owner.key}
        for event_id, id in cut.session_of.items()
        if visits[event_id].session_id != id
    ]
    if moved:
        await store.place_events(tx, rows=moved)
    empty = sorted(former.keys() - cut.sessions.keys())
    if empty:
        await store.delete_sessions(tx, ids=empty)


def _step_of(visit: Visit, rules: RuleSet) -> Step:
    """Read a visit. Where its turn has not come yet, it may hold what the rules do not know any more."""
    return Step(
        Moment(visit.occurred_at, visit.source, visit.message_id),
        visit.event_id,
        Channel(visit.channel),
        tuple(usable_identifiers(visit.keys, rules)),
    )
