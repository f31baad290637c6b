"""Revisions: evidence that is removed or read again, and judgements that begin or cease to count.

What the events still say is counted anew for the identifiers and pairs that are touched; what they hold together is then
derived again, and the difference is written. See ``resolving`` for how far that reaches.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations

from identity_graph.domain.identity.evidence import Evidence, Link, Seen, gather
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.identity.in_force import InForce, read_in_force
from identity_graph.service.identity.intake import (
    IdentifierState,
    Intake,
    LinkChanges,
    lock_identifiers,
    outdated_customers,
    with_partners,
    with_quarantine,
)
from identity_graph.service.identity.partners import count_partners
from identity_graph.service.identity.resolving import Resolved, resolve_revision
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store
from identity_graph.store.identity.links import CountedPair


@dataclass(frozen=True, slots=True)
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
    tx: WriteTransaction,
    revision: Revision,
    regime: Regime,
    converting: Collection[str] = (),
) -> tuple[Intake, Resolved]:
    """Read and decide; nothing is written but marks on the events.

    See ``resolve_revision`` for ``converting``.

    Raises:
        ConflictError: another writer moved an identifier in between.
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    intake = await _read(tx, revision, regime, converting)
    resolved = await resolve_revision(tx, intake, regime, converting)
    return intake, resolved


async def _read(tx: WriteTransaction, revision: Revision, regime: Regime, converting: Collection[str]) -> Intake:
    touched = revision.touched_keys()
    rows, customers = await lock_identifiers(tx, touched)
    if revision.event_ids:
        await reading_store.mark_events(tx, ids=revision.event_ids)
    in_force = await read_in_force(tx, touched)
    after = gather(revision.readings, regime.rules, in_force.corrections())
    seen, gone = await _count_sightings(tx, revision, after, {row.key: IdentifierState.read(row) for row in rows})
    judged = {key: _with_judgements(state, in_force) for key, state in seen.items()}
    links = await _count_links(tx, revision, after, judged, in_force)
    recounted = await _recount_partners(tx, revision.keys, judged, regime.rules) if revision.recounts_partners else {}
    states = judged | recounted
    counted = states | with_partners(links, states, regime.rules)
    waiting = outdated_customers(customers, regime.version).difference(converting)
    ends = {key for pair in (*links.new, *links.removed) for key in pair}
    looked_at = [
        state
        for key in (ends | revision.keys) - gone
        if (state := counted.get(key)) is not None and state.customer_id not in waiting
    ]
    changed = with_quarantine(looked_at, regime.rules)
    return Intake(
        counted | changed,
        customers,
        links,
        in_force,
        newly_quarantined=frozenset(key for key, state in changed.items() if state.quarantined),
        released=frozenset(key for key, state in changed.items() if not state.quarantined),
        gone=gone,
    )


async def _count_sightings(
    tx: ReadTransaction, revision: Revision, after: Evidence, stored: dict[str, IdentifierState]
) -> tuple[dict[str, IdentifierState], frozenset[str]]:
    """See when identifiers were first and last observed; also tell those that nothing observes any more."""
    keys = sorted({key for keys in revision.observed for key in keys} | after.identifiers.keys())
    counted = {row.key: row for row in await identifier_store.count_sightings(tx, keys=keys)} if keys else {}
    states = dict(stored)
    gone: set[str] = set()
    for key in keys:
        seen, row, state = after.identifiers.get(key), counted.get(key), stored.get(key)
        if row is not None:
            first, last = row.first_seen, row.last_seen
            seen = seen or Seen(Identifier.from_key(key), first, last)
            seen = Seen(seen.identifier, min(seen.first_seen, first), max(seen.last_seen, last))
        if seen is None:
            if state is not None:
                gone.add(key)
        elif state is None:
            states[key] = IdentifierState(seen.identifier, key, seen.first_seen, seen.last_seen, partners={})
        elif (state.first_seen, state.last_seen) != (seen.first_seen, seen.last_seen):
            states[key] = state._replace(first_seen=seen.first_seen, last_seen=seen.last_seen, changed=True)
    return states, frozenset(gone)


def _with_judgements(state: IdentifierState, in_force: InForce) -> IdentifierState:
    judged, overruled = state.key in in_force.judged, state.key in in_force.overruled
    if (state.judged, state.overruled) == (judged, overruled):
        return state
    return state._replace(judged=judged, overruled=overruled, changed=True)


async def _count_links(
    tx: ReadTransaction, revision: Revision, after: Evidence, states: dict[str, IdentifierState], in_force: InForce
) -> LinkChanges:
    """See what is left of the evidence of every pair that is touched, and tell it from what is stored."""
    pairs = revision.pairs | after.links.keys()
    pairs.update(pair for keys in revision.observed for pair in combinations(sorted(keys), 2))
    stored = [(a, b) for a, b in sorted(pairs) if a in states and b in states and states[a].ref and states[b].ref]
    evidence = dict(after.links)
    corrections = in_force.corrections()
    rows = [_counted_pair(pair, corrections.unlinked_until(pair)) for pair in stored]
    for row in await link_store.count_evidence(tx, rows=rows) if rows else []:
        link = Link(row.a, row.b, row.first_seen, row.last_seen, row.observation_count, frozenset(row.sources))
        evidence[row.a, row.b] = _add(link, after.links.get((row.a, row.b)))
    refs = [[states[a].ref, states[b].ref] for a, b in stored]
    found = {(row.a, row.b): row.ref for row in (await link_store.find_links(tx, pairs=refs) if refs else [])}
    return LinkChanges(
        new={pair: link for pair, link in evidence.items() if pair not in found},
        known={pair: evidence[pair] for pair in found if pair in evidence},
        refs={pair: ref for pair, ref in found.items() if pair in evidence},
        removed={pair: ref for pair, ref in found.items() if pair not in evidence},
    )


def _counted_pair(pair: Pair, until: Instant | None) -> CountedPair:
    return {
        "a": pair[0],
        "b": pair[1],
        "until_s": None if until is None else seconds(until),
        "until_ns": None if until is None else nanoseconds(until),
    }


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


async def _recount_partners(
    tx: ReadTransaction, keys: set[str], states: dict[str, IdentifierState], rules: RuleSet
) -> dict[str, IdentifierState]:
    """Count the partners of the stored links anew, under other rules; give the identifiers that have others."""
    return {
        key: states[key]._replace(partners=partners, changed=True)
        for key, partners in (await count_partners(tx, keys, rules)).items()
        if states[key].partners != partners
    }
