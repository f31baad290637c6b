"""The intake of events: what a transaction reads and decides before it writes.

Events are facts. Of those that are new, the evidence is folded into the stored identifiers and links, and the customers
that it touches are resolved again: see ``resolving``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from identity_graph.domain.identity.evidence import Evidence, Link, Pair, gather
from identity_graph.domain.identity.joining import CustomerState
from identity_graph.domain.rules.partners import find_partner_scope, has_too_many_partners
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.service.identity.in_force import InForce, read_in_force
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.driver.query import Transaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store


@dataclass(slots=True)
class IdentifierState:
    """An identifier as it is with the new evidence. ``customer_id`` is where it belonged, None when it is new.

    ``ref`` is what the store knows it by in this transaction, empty as long as it is new. ``moved`` tells that it was
    seen at other times than the stored ones, ``changed`` that anything else may differ, too.
    """

    identifier: Identifier
    key: str
    first_seen: Instant
    last_seen: Instant
    customer_id: str | None = None
    partners: dict[str, int] = field(default_factory=dict[str, int])
    quarantined: bool = False
    ambiguous: bool = False
    judged: bool = False
    overruled: bool = False
    moved: bool = False
    changed: bool = False
    ref: str = ""

    @classmethod
    def read(cls, row: identifier_store.LockedIdentifier | customer_store.CustomerMember) -> "IdentifierState":
        """Take an identifier as it is stored."""
        return cls(
            Identifier.from_key(row.key),
            row.key,
            row.first_seen,
            row.last_seen,
            row.customer_id,
            orjson.loads(row.partners),
            row.quarantined,
            row.ambiguous,
            row.judged,
            row.overruled,
            ref=row.ref,
        )


@dataclass(slots=True)
class Intake:
    """The touched part of the graph, locked, with the evidence as it is from this commit on.

    ``released`` are identifiers that are no longer quarantined, ``gone`` those that nothing observes any more, and
    ``removed_links`` the links without evidence, with what the store knows them by.
    """

    identifiers: dict[str, IdentifierState]
    customers: dict[str, CustomerState]
    new_links: dict[Pair, Link]
    known_links: dict[Pair, Link]
    link_refs: dict[Pair, str]
    newly_quarantined: set[str]
    in_force: InForce
    released: set[str] = field(default_factory=set[str])
    gone: set[str] = field(default_factory=set[str])
    removed_links: dict[Pair, str] = field(default_factory=dict[Pair, str])

    def links(self) -> Iterable[Link]:
        """All links that new evidence made or moved, or the loss of evidence moved."""
        yield from self.new_links.values()
        yield from self.known_links.values()


async def read_intake(tx: Transaction, observations: Sequence[Observation], rules: RuleSet) -> Intake:
    """Lock and read what new observations touch: identifiers in key order, then their customers by id.

    Raises:
        ConflictError: another writer moved an identifier in between.
    """
    keys = {identifier.key for observation in observations for identifier in observation.identifiers}
    rows, customers = await lock_identifiers(tx, keys)
    identifiers = {row.key: IdentifierState.read(row) for row in rows}
    may_be_judged = [key for key in keys if key not in identifiers or identifiers[key].judged]
    in_force = await read_in_force(tx, may_be_judged)
    judged = in_force.judged
    evidence = gather(observations, rules, in_force.corrections())
    for key, seen in evidence.identifiers.items():
        state = identifiers.get(key)
        if state is None:
            state = IdentifierState(seen.identifier, key, seen.first_seen, seen.last_seen)
            state.judged, state.overruled = key in judged, key in in_force.overruled
            identifiers[key] = state
        elif seen.first_seen < state.first_seen or seen.last_seen > state.last_seen:
            state.first_seen = min(seen.first_seen, state.first_seen)
            state.last_seen = max(seen.last_seen, state.last_seen)
            state.moved = True
    new_links, known_links, link_refs = await _read_links(tx, evidence, identifiers)
    newly_quarantined = _count_partners(new_links, identifiers, rules)
    return Intake(identifiers, customers, new_links, known_links, link_refs, newly_quarantined, in_force)


async def lock_identifiers(
    tx: Transaction, wanted: Iterable[str]
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


async def lock_customers(tx: Transaction, ids: Iterable[str]) -> dict[str, CustomerState]:
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


async def _read_links(
    tx: Transaction, evidence: Evidence, identifiers: dict[str, IdentifierState]
) -> tuple[dict[Pair, Link], dict[Pair, Link], dict[Pair, str]]:
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
    return {pair: link for pair, link in evidence.links.items() if pair not in known}, known, refs


def _count_partners(new_links: Iterable[Pair], identifiers: dict[str, IdentifierState], rules: RuleSet) -> set[str]:
    """Count new partners and return the identifiers that are quarantined from now on."""
    newly: set[str] = set()
    for a, b in new_links:
        for end, other in ((identifiers[a], identifiers[b]), (identifiers[b], identifiers[a])):
            scope = find_partner_scope(other.identifier, end.identifier, rules)
            if scope is not None:
                end.partners[scope] = end.partners.get(scope, 0) + 1
                end.changed = True
                if end.quarantined or end.overruled:
                    continue
                if has_too_many_partners(end.partners, rules.get_namespace(end.identifier.namespace)):
                    end.quarantined = True
                    newly.add(end.key)
    return newly
