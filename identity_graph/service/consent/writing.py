"""Writing what identifiers decided, with the events that say it: nothing is read or written where no event says anything."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from identity_graph.domain.consent.decisions import Decision, Said, extend, fold
from identity_graph.domain.consent.giving import find_giver
from identity_graph.domain.consent.statements import BAR, ConsentState, read_statements
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.ranking import usable_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, Event
from identity_graph.store.consent import decisions as store
from identity_graph.store.consent.decisions import CustomerDecisionRow, DecisionRow, NewDecision
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, ReadTransaction, WriteTransaction

SaidBy = dict[str, list[Said]]
"""Statements by the key of the identifier that made them."""


async def plan_consents(
    tx: ReadTransaction, events: Sequence[Event], regime: Regime
) -> tuple[Call[WriteTransaction, None], ...]:
    """Make the queries that write what new events decide, and take note of the customers that it concerns.

    A statement that comes late, before what is known of its topic, has all statements of its identifier read again.
    """
    new: SaidBy = {}
    for event in events:
        if event.consents is not None:
            order = (event.occurred_at, event.source, event.message_id)
            _gather(new, event.identifiers, order, event.consents, regime.rules)
    if not new:
        return ()
    stored = await store.list_decisions(tx, keys=sorted(new))
    known = _last(stored)
    written: list[Decision] = []
    late: list[str] = []
    for key, said in new.items():
        changed = _extend(key, known.get(key, {}), said)
        if changed is None:
            late.append(key)
        else:
            written += changed
    outdated: list[str] = []
    if late:
        told = await _list_told(tx, late, regime.rules)
        for key in late:
            decisions = fold(key, [*told.get(key, ()), *new[key]])
            own = {row.id for row in stored if row.key == key}
            outdated += sorted(own - {decision_id(one) for one in decisions})
            written += decisions
    known_ids = {row.id for row in stored}
    _touch([one for one in written if one.identifier in late or decision_id(one) not in known_ids], regime)
    rows = [_row(decision) for decision in written]
    calls = (store.set_decisions.call(rows=rows),)
    return (store.delete_decisions.call(ids=outdated), *calls) if outdated else calls


async def recount_consents(tx: WriteTransaction, keys: Iterable[str], regime: Regime) -> None:
    """Write what identifiers decided as their events say it now, and delete what none says any more."""
    wanted = sorted(set(keys))
    told = await _list_told(tx, wanted, regime.rules)
    stored = {row.id: decision_of(row) for row in await store.list_decisions(tx, keys=wanted)}
    decisions = {decision_id(one): one for key, said in told.items() for one in fold(key, said)}
    outdated = sorted(stored.keys() - decisions.keys())
    changed = [_row(one) for id, one in decisions.items() if stored.get(id) != one]
    if outdated:
        await store.delete_decisions(tx, ids=outdated)
    if changed:
        regime.touched.has_bars |= any(row["subject"].startswith(BAR) for row in changed)
        await store.set_decisions(tx, rows=changed)


async def bar_customers(tx: WriteTransaction, regime: Regime) -> None:
    """Have customers say that a request bars their data, and take note of those of whom that changed.

    It comes last in a unit of work, when identifiers are whose they will be. Without bars it costs nothing.
    """
    if regime.touched.has_bars:
        for row in await store.bar_customers(tx):
            regime.touched.touch_customer(row.customer_id, (EVERYTHING,), regime.now)


def decision_of(row: DecisionRow | CustomerDecisionRow) -> Decision:
    """Read a decision as it is stored."""
    return Decision(
        row.key,
        row.subject,
        None if row.channel is None else Channel(row.channel),
        ConsentState(row.state),
        (row.at, row.source, row.message_id),
        (row.last_at, row.last_source, row.last_message_id),
        row.version or "",
        row.text or "",
    )


def decision_id(decision: Decision) -> str:
    """Derive the id of a decision from whose it is, what it is about, and the message that said it first."""
    parts = [decision.identifier, decision.subject, decision.channel or "", *map(str, decision.order)]
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return "con_" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _extend(key: str, known: dict[str, Decision], said: Iterable[Said]) -> list[Decision] | None:
    """Add statements to what is known, one after the other; None when one comes before something that is known."""
    last = dict(known)
    changed: dict[str, Decision] = {}
    for one in sorted(said, key=lambda one: one.order):
        topic = one.statement.topic
        decision = extend(key, last.get(topic), one)
        if decision is None:
            return None
        if decision != last.get(topic):
            last[topic] = changed[decision_id(decision)] = decision
    return list(changed.values())


def _last(stored: Iterable[DecisionRow]) -> dict[str, dict[str, Decision]]:
    """Give the last decision of each identifier on each topic."""
    found: dict[str, dict[str, Decision]] = {}
    for decision in sorted(map(decision_of, stored), key=lambda one: one.order):
        found.setdefault(decision.identifier, {})[decision.topic] = decision
    return found


async def _list_told(tx: ReadTransaction, keys: list[str], rules: RuleSet) -> SaidBy:
    """List what stored events say, by whose it is; of identifiers that the rules do not know any more it is nobody's."""
    found: SaidBy = {}
    for row in await store.list_statements(tx, keys=keys):
        told: SaidBy = {}
        _gather(told, usable_identifiers(row.keys, rules), (row.at, row.source, row.message_id), row.consents, rules)
        found.setdefault(row.key, []).extend(told.get(row.key, ()))
    return {key: said for key, said in found.items() if said}


def _gather(
    said: SaidBy, identifiers: Sequence[Identifier], order: tuple[int, str, str], consents: str, rules: RuleSet
) -> None:
    for statement in read_statements(consents):
        giver = find_giver(statement, identifiers, rules)
        if giver is not None:
            said.setdefault(giver.key, []).append(Said(order, statement))


def _touch(decided: Sequence[Decision], regime: Regime) -> None:
    """Take note of customers that decided something; what only repeats a decision changes nothing."""
    regime.touched.has_bars |= any(one.subject.startswith(BAR) for one in decided)
    watched = regime.touched.watched
    if watched is None or not watched.consents:
        return
    for one in decided:
        purposes = watched.consents.intersection(regime.catalogue.consent.purposes_of(one.subject))
        if purposes:
            regime.touched.touch_key(one.identifier, [f"consent:{purpose}" for purpose in sorted(purposes)], one.at)


def _row(decision: Decision) -> NewDecision:
    at, source, message_id = decision.order
    last, last_source, last_message_id = decision.last
    return {
        "identifier": decision.identifier,
        "id": decision_id(decision),
        "subject": decision.subject,
        "channel": decision.channel,
        "state": decision.state,
        "at_s": seconds(at),
        "at_ns": nanoseconds(at),
        "source": source,
        "message_id": message_id,
        "last_s": seconds(last),
        "last_ns": nanoseconds(last),
        "last_source": last_source,
        "last_message_id": last_message_id,
        "version": decision.version or None,
        "text": decision.text or None,
    }
