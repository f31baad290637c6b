"""Incremental resolution: the stored customers always equal ``resolve`` of all facts.

Most groups of touched customers are joined from their counts alone (``domain.identity.joining``). For the others the touched
customers are loaded with their links; a refused link at the border stays refused while its witness proves it, and pulls
its other customer in otherwise, until nothing is left to pull (``domain.identity.derivation``).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from identity_graph.domain.identity.customers import Change, ChangeKind, FormerCustomer, claim_ids, net_changes
from identity_graph.domain.identity.derivation import Derivation
from identity_graph.domain.identity.evidence import Pair
from identity_graph.domain.identity.joining import CustomerState, count_scopes, may_join
from identity_graph.domain.identity.obstacles import Member, ObstacleKind
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.rules.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Instant
from identity_graph.service.identity.intake import IdentifierState, Intake
from identity_graph.service.identity.outdated import OutdatedError
from identity_graph.service.identity.region import Region
from identity_graph.service.new_ids import new_id
from identity_graph.store.driver.query import Transaction


@dataclass(slots=True)
class Group:
    """Customers and identifiers that new links hold together."""

    customers: set[str] = field(default_factory=set[str])
    keys: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Resolved:
    """What resolution decided: everything that must be written of customers, memberships and refusals."""

    rule_version: int
    at: Instant = 0
    customer_of: dict[str, str] = field(default_factory=dict[str, str])
    """The customer of every identifier that was observed or moved."""
    created: dict[str, CustomerState] = field(default_factory=dict[str, CustomerState])
    updated: dict[str, CustomerState] = field(default_factory=dict[str, CustomerState])
    touched: dict[str, CustomerState] = field(default_factory=dict[str, CustomerState])
    absorbed: dict[str, str] = field(default_factory=dict[str, str])
    """Customers that went into another as a whole, loser to winner."""
    moved: dict[str, str] = field(default_factory=dict[str, str])
    """Single identifiers and the customer that they moved to."""
    merged: dict[str, str] = field(default_factory=dict[str, str])
    """All customers that ended, and the one that carries their id on."""
    witnesses: dict[Pair, str | None] = field(default_factory=dict[Pair, str | None])
    awaited: set[str] = field(default_factory=set[str])
    """Customers that stand under earlier rules and that others cannot be told from until it is their turn."""
    ended: set[str] = field(default_factory=set[str])
    """Customers that lost their last identifier."""
    ambiguity: dict[str, IdentifierState] = field(default_factory=dict[str, IdentifierState])
    changes: list[Change] = field(default_factory=list[Change])
    slow_loads: dict[str, int] = field(default_factory=dict[str, int])
    """For every identifier of a slow group: how many stored identifiers its part of the region held."""


async def resolve_intake(tx: Transaction, intake: Intake, regime: Regime) -> Resolved:
    """Resolve what an intake touched. ``now`` is the time of the commit, moved on where the stored one is later.

    Raises:
        OutdatedError: customers matter that are still to be resolved under the regime.rules in force.
    """
    outdated = outdated_customers(intake, regime.version)
    if outdated:
        raise OutdatedError(outdated)
    resolved = Resolved(regime.version)
    fast: list[Group] = []
    slow: list[Group] = []
    for group in find_groups(intake):
        (fast if _is_fast(group, intake, regime.rules) else slow).append(group)
    region = Region(intake, regime)
    outcome: Derivation | None = None
    if slow or intake.newly_quarantined:
        outcome, fast = await _derive_region(tx, region, slow, fast, intake)
    resolved.at = _time_of(regime.now, intake, region)
    for group in fast:
        _join_group(group, intake, resolved, regime.rules)
    if outcome is not None:
        _settle_region(region, outcome, resolved, regime.rules)
    return resolved


async def resolve_revision(
    tx: Transaction,
    intake: Intake,
    regime: Regime,
    converting: Collection[str] = (),
) -> Resolved:
    """Derive customers anew that lost evidence, or that judgements or regime.rules see otherwise regime.now.

    It begins with those of the intake. Customers that are still to be resolved under the regime.rules in force are derived when
    they are in ``converting``; at a border of these others may lie, until it is their turn.

    Raises:
        OutdatedError: others of those matter, too.
    """
    outdated = outdated_customers(intake, regime.version).difference(converting)
    if outdated and not converting:
        raise OutdatedError(outdated)
    resolved = Resolved(regime.version)
    region = Region(intake, regime, converting)
    new = [key for key, state in intake.identifiers.items() if state.customer_id is None]
    group = Group(intake.customers.keys() - outdated, new)
    outcome, _ = await _derive_region(tx, region, [group], [], intake)
    resolved.at = _time_of(regime.now, intake, region)
    _settle_region(region, outcome, resolved, regime.rules)
    resolved.changes += _losses(intake, resolved)
    return resolved


def outdated_customers(intake: Intake, rule_version: int) -> set[str]:
    """Name the customers of an intake that are still to be resolved under the rules in force."""
    return {id for id, customer in intake.customers.items() if customer.rule_version != rule_version}


def _time_of(now: Instant, intake: Intake, region: Region) -> Instant:
    """Tell when this commit is: now, or just after the latest that happened to one of its customers."""
    stored = [*intake.customers.values(), *region.customers.values()]
    return max([now, *(customer.updated_at + 1 for customer in stored)])


def _losses(intake: Intake, resolved: Resolved) -> list[Change]:
    """Tell of customers that lost identifiers to nobody, unless another change names them already."""
    named = {id for change in resolved.changes for id in change.customers}
    losers = {id for key in intake.gone if (id := intake.identifiers[key].customer_id) is not None}
    return [Change(ChangeKind.IDENTIFIER_MOVED, (id,)) for id in sorted(losers - named)]


def find_groups(intake: Intake) -> list[Group]:
    """Find what the links of the intake hold together; links of quarantined identifiers hold nothing."""
    parent: dict[str, str] = {}

    def root(token: str) -> str:
        parent.setdefault(token, token)
        while parent[token] != token:
            parent[token] = parent[parent[token]]
            token = parent[token]
        return token

    def token_of(state: IdentifierState) -> str:
        return state.customer_id or state.key

    for link in intake.links():
        a, b = intake.identifiers[link.a], intake.identifiers[link.b]
        if not a.quarantined and not b.quarantined:
            parent[root(token_of(a))] = root(token_of(b))
    groups: dict[str, Group] = {}
    for state in intake.identifiers.values():
        group = groups.setdefault(root(token_of(state)), Group())
        group.keys.append(state.key)
        if state.customer_id is not None:
            group.customers.add(state.customer_id)
    return list(groups.values())


def _is_fast(group: Group, intake: Intake, rules: RuleSet) -> bool:
    states = [intake.identifiers[key] for key in group.keys]
    if any(state.key in intake.newly_quarantined or state.judged for state in states):
        return False
    newest = max(state.last_seen for state in states)
    customers = [intake.customers[id] for id in group.customers]
    newest = max([newest, *(customer.last_seen for customer in customers)])
    newcomers = [_member(state, rules) for state in states if state.customer_id is None]
    return may_join(customers, newcomers, newest, rules)


def _member(state: IdentifierState, rules: RuleSet) -> Member:
    return member_of(state.identifier, state.last_seen, rules)


async def _derive_region(
    tx: Transaction, region: Region, slow: list[Group], fast: list[Group], intake: Intake
) -> tuple[Derivation, list[Group]]:
    """Load and derive until every border link is proven; return the outcome and the groups that stayed fast."""
    wanted = {id for group in slow for id in group.customers}
    wanted |= await region.find_neighbour_customers(tx, intake.newly_quarantined | intake.released)
    keys = {key for group in slow for key in group.keys}
    while True:
        joined = [group for group in fast if group.customers & wanted]
        fast = [group for group in fast if not group.customers & wanted]
        for group in joined:
            wanted |= group.customers
            keys.update(group.keys)
        if joined:
            continue
        wanted, keys = await region.load(tx, wanted, keys)
        if wanted or keys:
            continue
        outcome = region.derive()
        wanted = {region.outer_customers[key] for key in outcome.unproven}
        if not wanted:
            return outcome, fast


def _join_group(group: Group, intake: Intake, resolved: Resolved, rules: RuleSet) -> None:
    """Make one customer of a group, from counts alone."""
    states = [intake.identifiers[key] for key in group.keys]
    customers = sorted((intake.customers[id] for id in group.customers), key=lambda c: (c.created_at, c.id))
    newcomers = [state for state in states if state.customer_id is None]
    winner = customers[0] if customers else None
    first = min([state.first_seen for state in states] + [c.first_seen for c in customers])
    last = max([state.last_seen for state in states] + [c.last_seen for c in customers])
    if winner is not None and len(customers) == 1 and not newcomers:
        if (first, last) != (winner.first_seen, winner.last_seen):
            winner.first_seen, winner.last_seen = first, last
            resolved.touched[winner.id] = winner
    else:
        counts = count_scopes((state.identifier for state in newcomers), rules)
        for customer in customers:
            for scope, count in customer.counts.items():
                counts[scope] = counts.get(scope, 0) + count
        joined = CustomerState(
            id=new_id("cus") if winner is None else winner.id,
            created_at=resolved.at if winner is None else winner.created_at,
            first_seen=first,
            last_seen=last,
            updated_at=resolved.at,
            size=len(newcomers) + sum(customer.size for customer in customers),
            counts=counts,
            contested=any(customer.contested for customer in customers),
            contested_by_window=any(customer.contested_by_window for customer in customers),
            rule_version=resolved.rule_version,
        )
        (resolved.created if winner is None else resolved.updated)[joined.id] = joined
        losers = {customer.id: joined.id for customer in customers[1:]}
        resolved.absorbed.update(losers)
        resolved.merged.update(losers)
        resolved.changes += net_changes((), losers, frozenset())
        winner = joined
    for key in group.keys:
        resolved.customer_of[key] = winner.id


def _settle_region(region: Region, outcome: Derivation, resolved: Resolved, rules: RuleSet) -> None:
    """Give the derived parts their customers and note what changed."""
    members = region.members
    resolved.ended = region.customers.keys() - {state.customer_id for state in members.values()}
    claims = claim_ids(outcome.parts, _former_customers(region))
    created: set[str] = set()
    for claim in claims:
        customer_id = claim.customer_id
        if customer_id is None:
            customer_id = new_id("cus")
            created.add(customer_id)
        resolved.merged.update(dict.fromkeys(claim.merged, customer_id))
        resolved.customer_of.update(dict.fromkeys(claim.part, customer_id))
    contested: set[str] = set()
    by_window: set[str] = set()
    for pair, witness in outcome.refused.items():
        ids = {resolved.customer_of[key] for key in pair if key in members}
        contested |= ids
        if witness.kind is ObstacleKind.WINDOW:
            by_window |= ids
    moves: list[tuple[str, str]] = []
    for claim in claims:
        states = [members[key] for key in claim.part]
        customer_id = resolved.customer_of[states[0].key]
        before = region.customers.get(customer_id)
        membership_changed = before is None or before.size != len(states) or bool(claim.merged)
        for state in states:
            if state.customer_id != customer_id:
                membership_changed = True
                if state.customer_id is not None:
                    resolved.moved[state.key] = customer_id
                    moves.append((state.customer_id, customer_id))
        after = CustomerState(
            id=customer_id,
            created_at=resolved.at if before is None else before.created_at,
            first_seen=min(state.first_seen for state in states),
            last_seen=max(state.last_seen for state in states),
            updated_at=resolved.at if membership_changed or before is None else before.updated_at,
            size=len(states),
            counts=count_scopes((state.identifier for state in states), rules),
            contested=customer_id in contested,
            contested_by_window=customer_id in by_window,
            judged=any(state.judged for state in states),
            rule_version=resolved.rule_version,
        )
        if before is None:
            resolved.created[customer_id] = after
        elif after != before:
            resolved.updated[customer_id] = after
    merged_here = {id: resolved.merged[id] for claim in claims for id in claim.merged}
    resolved.changes += net_changes(moves, merged_here, created)
    resolved.witnesses = region.changed_witnesses(outcome)
    resolved.awaited = region.awaited_customers(outcome)
    for key, state in members.items():
        if state.ambiguous != (key in outcome.ambiguous):
            state.ambiguous = key in outcome.ambiguous
            resolved.ambiguity[key] = state
    resolved.slow_loads = region.loads()


def _former_customers(region: Region) -> Iterable[FormerCustomer]:
    oldest: dict[str, tuple[Instant, str]] = {}
    for state in region.members.values():
        if state.customer_id is not None:
            age = (state.first_seen, state.key)
            oldest[state.customer_id] = min(oldest.get(state.customer_id, age), age)
    for id, (_, key) in oldest.items():
        yield FormerCustomer(id, region.customers[id].created_at, key)
