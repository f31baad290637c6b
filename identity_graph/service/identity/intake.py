"""The intake of events: what a transaction reads and decides before it writes.

Events are facts. Of those that are new, the evidence is folded into the stored identifiers and links, and the customers
that it touches are resolved again: see ``resolving``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from identity_graph.domain.identity.evidence import Evidence, Link, Seen, gather
from identity_graph.domain.identity.joining import CustomerState
from identity_graph.domain.rules.partners import count_partner_steps, is_quarantined
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.identity.in_force import InForce, read_in_force
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store


class IdentifierState(NamedTuple):
    """An identifier as it is with the new evidence. ``customer_id`` is where it belonged, None when it is new.

    ``ref`` is what the store knows it by in this transaction, empty when it is new. ``moved`` tells that it was seen at
    other times than the stored ones, ``earlier`` that it was seen before the first of them, ``changed`` that anything else may
    differ, too.
    """

    identifier: Identifier
    key: str
    first_seen: Instant
    last_seen: Instant
    partners: dict[str, int]
    customer_id: str | None = None
    quarantined: bool = False
    ambiguous: bool = False
    judged: bool = False
    overruled: bool = False
    moved: bool = False
    changed: bool = False
    earlier: bool = False
    ref: str = ""

    @classmethod
    def read(cls, row: identifier_store.LockedIdentifier | customer_store.CustomerMember) -> "IdentifierState":
        """Take an identifier as it is stored."""
        return cls(
            Identifier.from_key(row.key),
            row.key,
            row.first_seen,
            row.last_seen,
            orjson.loads(row.partners),
            row.customer_id,
            row.quarantined,
            row.ambiguous,
            row.judged,
            row.overruled,
            ref=row.ref,
        )


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """The links whose evidence changes. ``refs`` tells what the store knows the known ones by, ``removed`` those left without any."""

    new: dict[Pair, Link]
    known: dict[Pair, Link]
    refs: dict[Pair, str]
    removed: dict[Pair, str] = field(default_factory=dict[Pair, str])

    def __iter__(self) -> Iterator[Link]:
        """All links that new evidence made or moved, or the loss of evidence moved."""
        yield from self.new.values()
        yield from self.known.values()


@dataclass(frozen=True, slots=True)
class Intake:
    """The touched part of the graph, locked, with the evidence as it is from this commit on.

    ``released`` are identifiers that are no longer quarantined, ``gone`` those that nothing observes any more.
    """

    identifiers: dict[str, IdentifierState]
    customers: dict[str, CustomerState]
    links: LinkChanges
    in_force: InForce
    newly_quarantined: frozenset[str]
    released: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


async def read_intake(tx: WriteTransaction, observations: Sequence[Observation], rules: RuleSet) -> Intake:
    """Lock and read what new observations touch: identifiers in key order, then their customers by id.

    Raises:
        ConflictError: another writer moved an identifier in between.
    """
    keys = {identifier.key for observation in observations for identifier in observation.identifiers}
    rows, customers = await lock_identifiers(tx, keys)
    stored = {row.key: IdentifierState.read(row) for row in rows}
    in_force = await read_in_force(tx, [key for key in keys if key not in stored or stored[key].judged])
    evidence = gather(observations, rules, in_force.corrections())
    seen = {key: _with_sighting(stored.get(key), one, in_force) for key, one in evidence.identifiers.items()}
    links = await _read_links(tx, evidence, seen)
    counted = with_partners(links, seen, rules)
    crowded = with_quarantine((state for state in counted.values() if not state.quarantined), rules)
    return Intake({**stored, **seen, **counted, **crowded}, customers, links, in_force, frozenset(crowded))


def _with_sighting(state: IdentifierState | None, seen: Seen, in_force: InForce) -> IdentifierState:
    """Give an identifier that was seen, new or known."""
    if state is None:
        key = seen.identifier.key
        return IdentifierState(
            seen.identifier,
            key,
            seen.first_seen,
            seen.last_seen,
            partners={},
            judged=key in in_force.judged,
            overruled=key in in_force.overruled,
        )
    if seen.first_seen >= state.first_seen and seen.last_seen <= state.last_seen:
        return state
    first, last = min(seen.first_seen, state.first_seen), max(seen.last_seen, state.last_seen)
    return state._replace(first_seen=first, last_seen=last, moved=True, earlier=first < state.first_seen)


async def lock_identifiers(
    tx: WriteTransaction, wanted: Iterable[str]
) -> tuple[list[identifier_store.LockedIdentifier], dict[str, CustomerState]]:
    """Lock identifiers in key order, those that are known, then their customers by id, and read both.

    Raises:
        ConflictError: another writer moved an identifier in between.
    """
    keys = sorted(wanted)
    rows = await identifier_store.lock_identifiers(tx, keys=keys)
    versions = {row.customer_id: row.customer_updated_at for row in rows}
    customers = await lock_customers(tx, versions)
    if any(customers[id].updated_at != updated_at for id, updated_at in versions.items()):
        rows = await identifier_store.lock_identifiers(tx, keys=keys)
        if any(row.customer_id not in customers for row in rows):
            raise ConflictError
        current = {row.customer_id for row in rows}
        customers = {id: customer for id, customer in customers.items() if id in current}
    return rows, customers


async def lock_customers(tx: WriteTransaction, ids: Iterable[str]) -> dict[str, CustomerState]:
    """Lock customers by id and read them.

    Raises:
        ConflictError: one of them was merged into another in between.
    """
    wanted = sorted(ids)
    customers: dict[str, CustomerState] = {}
    for row in await customer_store.lock_customers(tx, ids=wanted) if wanted else []:
        if row.size is None:
            raise ConflictError
        customers[row.id] = CustomerState(
            row.id,
            row.created_at,
            row.first_seen,
            row.last_seen,
            row.updated_at,
            row.size,
            orjson.loads(row.counts),
            row.contested,
            row.contested_by_window,
            row.judged,
            row.rule_version,
        )
    return customers


async def _read_links(tx: ReadTransaction, evidence: Evidence, identifiers: dict[str, IdentifierState]) -> LinkChanges:
    """Tell the links that are new from those that are known, and fold the evidence into the latter."""
    may_exist = [
        [identifiers[a].ref, identifiers[b].ref] for a, b in evidence.links if identifiers[a].ref and identifiers[b].ref
    ]
    known: dict[Pair, Link] = {}
    refs: dict[Pair, str] = {}
    for row in await link_store.find_links(tx, pairs=may_exist) if may_exist else []:
        seen = evidence.links[row.a, row.b]
        known[row.a, row.b] = Link(
            row.a,
            row.b,
            min(row.first_seen, seen.first_seen),
            max(row.last_seen, seen.last_seen),
            row.observation_count + seen.count,
            seen.sources.union(row.sources),
        )
        refs[row.a, row.b] = row.ref
    return LinkChanges({pair: link for pair, link in evidence.links.items() if pair not in known}, known, refs)


def with_partners(links: LinkChanges, states: dict[str, IdentifierState], rules: RuleSet) -> dict[str, IdentifierState]:
    """Give the identifiers that links bring partners, or take partners from."""
    pairs = [*((pair, 1) for pair in links.new), *((pair, -1) for pair in links.removed)]
    known = {key: state.identifier for key, state in states.items()}
    counted: dict[str, IdentifierState] = {}
    for key, steps in count_partner_steps(pairs, known, rules).items():
        before = states[key].partners
        counts = before | {scope: before.get(scope, 0) + step for scope, step in steps.items()}
        partners = {scope: count for scope, count in counts.items() if count}
        counted[key] = states[key]._replace(partners=partners, changed=True)
    return counted


def with_quarantine(states: Iterable[IdentifierState], rules: RuleSet) -> dict[str, IdentifierState]:
    """Give the identifiers that are quarantined, or released, from now on."""
    changed: dict[str, IdentifierState] = {}
    for state in states:
        rule = rules.get_namespace(state.identifier.namespace)
        quarantined = is_quarantined(state.partners, rule, overruled=state.overruled)
        if quarantined != state.quarantined:
            changed[state.key] = state._replace(quarantined=quarantined, changed=True)
    return changed


def outdated_customers(customers: Mapping[str, CustomerState], rule_version: int) -> set[str]:
    """Name the customers that are still to be resolved under the rules in force."""
    return {id for id, customer in customers.items() if customer.rule_version != rule_version}
