"""Revisions: evidence that is taken back or read anew, and judgements that begin or cease to count.

What the events still say is counted anew for the identifiers and pairs that are touched; what they hold together is then
derived again, and the difference is written. See ``resolving`` for how far that reaches.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import combinations

from identity_graph.domain.identity.evidence import Evidence, Link, Pair, Seen, gather
from identity_graph.domain.rules.partners import find_partner_scope, has_too_many_partners
from identity_graph.domain.rules.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.service.identity.in_force import InForce, read_in_force
from identity_graph.service.identity.intake import IdentifierState, Intake, lock_identifiers
from identity_graph.service.identity.partners import count_partners
from identity_graph.service.identity.resolving import Resolved, outdated_customers, resolve_revision
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Transaction
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store


@dataclass(slots=True)
class Revision:
    """What is to be seen anew. All of it is known to the graph, but for identifiers that ``readings`` bring.

    ``event_ids`` are the events whose evidence does not count as it was, ``observed`` the keys that they observed;
    ``readings`` are what they say from now on. ``pairs`` are pairs, and ``keys`` identifiers, that a judgement names or
    that other rules may see otherwise; ``recounts_partners``: the rules changed of who counts as a partner.
    """

    event_ids: list[str] = field(default_factory=list[str])
    observed: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    readings: list[Observation] = field(default_factory=list[Observation])
    pairs: set[Pair] = field(default_factory=set[Pair])
    keys: set[str] = field(default_factory=set[str])
    recounts_partners: bool = False

    def touched_keys(self) -> set[str]:
        """Name all identifiers that are touched."""
        own = {key for pair in self.pairs for key in pair} | self.keys
        own.update(key for keys in self.observed for key in keys)
        own.update(identifier.key for reading in self.readings for identifier in reading.identifiers)
        return own


async def revise(
    tx: Transaction,
    revision: Revision,
    regime: Regime,
    converting: Collection[str] = (),
) -> tuple[Intake, Resolved]:
    """Read and decide; nothing is written but marks on the events.

    See ``resolve_revision`` for ``converting``.

    Raises:
        ConflictError: another writer moved an identifier in between.
        OutdatedError: customers matter that are still to be resolved under the regime.rules in force.
    """
    intake = await _read(tx, revision, regime, converting)
    resolved = await resolve_revision(tx, intake, regime, converting)
    return intake, resolved


async def _read(tx: Transaction, revision: Revision, regime: Regime, converting: Collection[str]) -> Intake:
    touched = revision.touched_keys()
    rows, customers = await lock_identifiers(tx, touched)
    if revision.event_ids:
        await reading_store.mark_events(tx, ids=revision.event_ids)
    identifiers = {row.key: IdentifierState.read(row) for row in rows}
    in_force = await read_in_force(tx, touched)
    after = gather(revision.readings, regime.rules, in_force.corrections())
    gone = await _count_sightings(tx, revision, after, identifiers)
    _apply_judgements(identifiers, in_force)
    intake = Intake(identifiers, customers, {}, {}, {}, set(), in_force, gone=gone)
    await _count_links(tx, revision, after, intake)
    if revision.recounts_partners:
        await _forget_partners(tx, revision.keys, intake, regime.rules)
    _count_partners(intake, regime.rules)
    waiting = outdated_customers(intake, regime.version).difference(converting)
    _judge_quarantine(intake, revision.keys, waiting, regime.rules)
    return intake


async def _count_sightings(
    tx: Transaction, revision: Revision, after: Evidence, identifiers: dict[str, IdentifierState]
) -> set[str]:
    """See when identifiers were first and last observed; return those that nothing observes any more."""
    keys = sorted({key for keys in revision.observed for key in keys} | after.identifiers.keys())
    stored = {row.key: row for row in await identifier_store.count_sightings(tx, keys=keys)} if keys else {}
    gone: set[str] = set()
    for key in keys:
        seen, row, state = after.identifiers.get(key), stored.get(key), identifiers.get(key)
        if row is not None:
            first, last = row.first_seen, row.last_seen
            seen = seen or Seen(Identifier.from_key(key), first, last)
            seen = Seen(seen.identifier, min(seen.first_seen, first), max(seen.last_seen, last))
        if seen is None:
            if state is not None:
                gone.add(key)
        elif state is None:
            identifiers[key] = IdentifierState(seen.identifier, key, seen.first_seen, seen.last_seen)
        elif (state.first_seen, state.last_seen) != (seen.first_seen, seen.last_seen):
            state.first_seen, state.last_seen, state.changed = seen.first_seen, seen.last_seen, True
    return gone


def _apply_judgements(identifiers: dict[str, IdentifierState], in_force: InForce) -> None:
    judged = in_force.judged
    for key, state in identifiers.items():
        flags = (key in judged, key in in_force.overruled)
        if (state.judged, state.overruled) != flags:
            state.judged, state.overruled = flags
            state.changed = True


async def _count_links(tx: Transaction, revision: Revision, after: Evidence, intake: Intake) -> None:
    """See what is left of the evidence of every pair that is touched, and tell it from what is stored."""
    pairs = revision.pairs | after.links.keys()
    pairs.update(pair for keys in revision.observed for pair in combinations(sorted(keys), 2))
    states = intake.identifiers
    known = [(a, b) for a, b in sorted(pairs) if a in states and b in states and states[a].ref and states[b].ref]
    evidence = dict(after.links)
    rows = [{"a": a, "b": b, **_until(intake.in_force.unlinked.get((a, b)))} for a, b in known]
    for row in await link_store.count_evidence(tx, rows=rows) if rows else []:
        link = Link(row.a, row.b, row.first_seen, row.last_seen, row.observation_count, frozenset(row.sources))
        evidence[row.a, row.b] = _add(link, after.links.get((row.a, row.b)))
    refs = [[states[a].ref, states[b].ref] for a, b in known]
    for row in await link_store.find_links(tx, pairs=refs) if refs else []:
        link = evidence.pop((row.a, row.b), None)
        if link is None:
            intake.removed_links[row.a, row.b] = row.ref
        else:
            intake.known_links[row.a, row.b] = link
            intake.link_refs[row.a, row.b] = row.ref
    intake.new_links = evidence


def _until(instant: Instant | None) -> dict[str, int | None]:
    if instant is None:
        return {"until_s": None, "until_ns": None}
    return {"until_s": seconds(instant), "until_ns": nanoseconds(instant)}


def _add(link: Link, other: Link | None) -> Link:
    if other is None:
        return link
    return Link(
        link.a,
        link.b,
        min(link.first_seen, other.first_seen),
        max(link.last_seen, other.last_seen),
        link.count + other.count,
        link.sources | other.sources,
    )


def _count_partners(intake: Intake, rules: RuleSet) -> None:
    """Count the partners that links add and take away."""
    for pairs, step in ((intake.new_links, 1), (intake.removed_links, -1)):
        for a, b in pairs:
            for key, other in ((a, b), (b, a)):
                state = intake.identifiers[key]
                scope = find_partner_scope(intake.identifiers[other].identifier, state.identifier, rules)
                if scope is not None:
                    count = state.partners.pop(scope, 0) + step
                    if count:
                        state.partners[scope] = count
                    state.changed = True


async def _forget_partners(tx: Transaction, keys: set[str], intake: Intake, rules: RuleSet) -> None:
    """Count the partners of the stored links anew, under other rules."""
    for key, counted in (await count_partners(tx, keys, rules)).items():
        state = intake.identifiers[key]
        if state.partners != counted:
            state.partners, state.changed = counted, True


def _judge_quarantine(intake: Intake, keys: Iterable[str], waiting: Collection[str], rules: RuleSet) -> None:
    """See whose partners are too many now, of the identifiers whose partners, judgements or rules changed.

    Those of ``waiting`` customers are seen when these are converted.
    """
    ends = {key for pair in (*intake.new_links, *intake.removed_links) for key in pair}
    for key in ends.union(keys) - intake.gone:
        state = intake.identifiers.get(key)
        if state is None or state.customer_id in waiting:
            continue
        rule = rules.get_namespace(state.identifier.namespace)
        quarantined = not state.overruled and has_too_many_partners(state.partners, rule)
        if quarantined != state.quarantined:
            state.quarantined, state.changed = quarantined, True
            (intake.newly_quarantined if quarantined else intake.released).add(key)
