"""Incremental resolution: the stored customers always equal ``resolve`` of all facts.

Most groups of touched customers are joined from their counts alone (``domain.identity.joining``). For the others the touched
customers are loaded with their links; a refused link at the border stays refused while its witness proves it, and pulls
its other customer in otherwise, until nothing is left to pull (``domain.identity.derivation``).
"""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from identity_graph.domain.identity.customers import Change, ChangeKind, FormerCustomer, claim_ids, net_changes
from identity_graph.domain.identity.derivation import Derivation
from identity_graph.domain.identity.joining import CustomerState, count_scopes, may_join
from identity_graph.domain.identity.obstacles import Member, ObstacleKind
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.components import Components
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.identity.intake import IdentifierState, Intake, outdated_customers
from identity_graph.service.identity.outdated import OutdatedError
from identity_graph.service.identity.region import Region
from identity_graph.service.new_ids import new_id
from identity_graph.store.driver.query import WriteTransaction


@dataclass(frozen=True, slots=True)
class Group:
    """Customers and identifiers that new links hold together."""

    customers: frozenset[str]
    keys: tuple[str, ...]


class Fate(Enum):
    """What counts alone made of the customer of a group."""

    CREATED = auto()
    UPDATED = auto()
    TOUCHED = auto()
    AS_IT_WAS = auto()


@dataclass(frozen=True, slots=True)
class Joined:
    """A group that became one customer by its counts alone; ``losers`` are the customers that went into it."""

    group: Group
    customer: CustomerState
    fate: Fate
    losers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A region that was derived: which customers its parts became, and what changed."""

    customer_of: dict[str, str]
    created: dict[str, CustomerState]
    updated: dict[str, CustomerState]
    moved: dict[str, str]
    merged: dict[str, str]
    ended: frozenset[str]
    witnesses: dict[Pair, str | None]
    awaited: frozenset[str]
    ambiguity: dict[str, IdentifierState]
    changes: list[Change]
    slow_loads: dict[str, int]


NOTHING_SETTLED = Settled({}, {}, {}, {}, {}, frozenset(), {}, frozenset(), {}, [], {})


@dataclass(frozen=True, slots=True)
class Resolved:
    """What resolution decided: everything that must be written of customers, memberships and refusals."""

    rule_version: int
    at: Instant
    customer_of: dict[str, str]
    """The customer of every identifier that was observed or moved."""
    created: dict[str, CustomerState]
    updated: dict[str, CustomerState]
    touched: dict[str, CustomerState]
    absorbed: dict[str, str]
    """Customers that went into another as a whole, loser to winner."""
    moved: dict[str, str]
    """Single identifiers and the customer that they moved to."""
    merged: dict[str, str]
    """All customers that ended, and the one that carries their id on."""
    witnesses: dict[Pair, str | None]
    awaited: frozenset[str]
    """Customers that stand under earlier rules and that others cannot be told from until it is their turn."""
    ended: frozenset[str]
    """Customers that lost their last identifier."""
    ambiguity: dict[str, IdentifierState]
    """Identifiers that are ambiguous from now on, or no longer."""
    changes: list[Change]
    slow_loads: dict[str, int]
    """For every identifier of a slow group: how many stored identifiers its part of the region held."""


async def resolve_intake(tx: WriteTransaction, intake: Intake, regime: Regime) -> Resolved:
    """Resolve what an intake touched. The time of the commit is moved on where the stored one is later.

    Raises:
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    outdated = outdated_customers(intake.customers, regime.version)
    if outdated:
        raise OutdatedError(outdated)
    fast: list[Group] = []
    slow: list[Group] = []
    for group in find_groups(intake):
        (fast if _is_fast(group, intake, regime.rules) else slow).append(group)
    region = Region(intake, regime)
    outcome: Derivation | None = None
    if slow or intake.newly_quarantined:
        outcome, fast = await _derive_region(tx, region, slow, fast, intake)
    at = _time_of(intake, region, regime)
    joined = [_join_group(group, intake, regime, at) for group in fast]
    settled = NOTHING_SETTLED if outcome is None else _settle_region(region, outcome, regime, at)
    return _decide(regime, at, joined, settled)


async def resolve_revision(
    tx: WriteTransaction, intake: Intake, regime: Regime, converting: Collection[str] = ()
) -> Resolved:
    """Derive customers anew that lost evidence, or that judgements or rules see otherwise now.

    It begins with those of the intake. Customers that are still to be resolved under the rules in force are derived when
    they are in ``converting``; at a border of these others may lie, until it is their turn.

    Raises:
        OutdatedError: others of those matter, too.
    """
    outdated = outdated_customers(intake.customers, regime.version).difference(converting)
    if outdated and not converting:
        raise OutdatedError(outdated)
    region = Region(intake, regime, converting)
    new = tuple(key for key, state in intake.identifiers.items() if state.customer_id is None)
    group = Group(frozenset(intake.customers.keys() - outdated), new)
    outcome, _ = await _derive_region(tx, region, [group], [], intake)
    at = _time_of(intake, region, regime)
    settled = _settle_region(region, outcome, regime, at)
    return _decide(regime, at, [], settled, _losses(intake, settled))


def _decide(
    regime: Regime, at: Instant, joined: Sequence[Joined], settled: Settled, losses: Sequence[Change] = ()
) -> Resolved:
    """Put together what became of the groups and of the region."""
    by_fate: dict[Fate, dict[str, CustomerState]] = {fate: {} for fate in Fate}
    for one in joined:
        by_fate[one.fate][one.customer.id] = one.customer
    absorbed = {loser: one.customer.id for one in joined for loser in one.losers}
    merges = [dict.fromkeys(one.losers, one.customer.id) for one in joined if one.losers]
    return Resolved(
        rule_version=regime.version,
        at=at,
        customer_of={key: one.customer.id for one in joined for key in one.group.keys} | settled.customer_of,
        created=by_fate[Fate.CREATED] | settled.created,
        updated=by_fate[Fate.UPDATED] | settled.updated,
        touched=by_fate[Fate.TOUCHED],
        absorbed=absorbed,
        moved=settled.moved,
        merged=absorbed | settled.merged,
        witnesses=settled.witnesses,
        awaited=settled.awaited,
        ended=settled.ended,
        ambiguity=settled.ambiguity,
        changes=[
            *(change for merged in merges for change in net_changes((), merged, frozenset())),
            *settled.changes,
            *losses,
        ],
        slow_loads=settled.slow_loads,
    )


def _time_of(intake: Intake, region: Region, regime: Regime) -> Instant:
    """Tell when this commit is: now, or just after the latest that happened to one of its customers."""
    stored = [*intake.customers.values(), *region.customers.values()]
    return max([regime.now, *(customer.updated_at + 1 for customer in stored)])


def _losses(intake: Intake, settled: Settled) -> list[Change]:
    """Tell of customers that lost identifiers to nobody, unless another change names them already."""
    named = {id for change in settled.changes for id in change.customers}
    losers = {id for key in intake.gone if (id := intake.identifiers[key].customer_id) is not None}
    return [Change(ChangeKind.IDENTIFIER_MOVED, (id,)) for id in sorted(losers - named)]


def find_groups(intake: Intake) -> list[Group]:
    """Find what the links of the intake hold together; links of quarantined identifiers hold nothing."""
    components = Components[str]()

    def token_of(state: IdentifierState) -> str:
        return state.customer_id or state.key

    for link in intake.links:
        a, b = intake.identifiers[link.a], intake.identifiers[link.b]
        if not a.quarantined and not b.quarantined:
            components.join(token_of(a), token_of(b))
    found: dict[str, list[IdentifierState]] = {}
    for state in intake.identifiers.values():
        found.setdefault(components.root(token_of(state)), []).append(state)
    return [
        Group(
            frozenset(state.customer_id for state in states if state.customer_id is not None),
            tuple(state.key for state in states),
        )
        for states in found.values()
    ]


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
    tx: WriteTransaction, region: Region, slow: list[Group], fast: list[Group], intake: Intake
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


def _join_group(group: Group, intake: Intake, regime: Regime, at: Instant) -> Joined:
    """Make one customer of a group, from counts alone."""
    states = [intake.identifiers[key] for key in group.keys]
    customers = sorted((intake.customers[id] for id in group.customers), key=lambda c: (c.created_at, c.id))
    newcomers = [state for state in states if state.customer_id is None]
    winner = customers[0] if customers else None
    first = min([state.first_seen for state in states] + [c.first_seen for c in customers])
    last = max([state.last_seen for state in states] + [c.last_seen for c in customers])
    if winner is not None and len(customers) == 1 and not newcomers:
        if (first, last) == (winner.first_seen, winner.last_seen):
            return Joined(group, winner, Fate.AS_IT_WAS)
        return Joined(group, replace(winner, first_seen=first, last_seen=last), Fate.TOUCHED)
    counts = count_scopes((state.identifier for state in newcomers), regime.rules)
    for customer in customers:
        for scope, count in customer.counts.items():
            counts[scope] = counts.get(scope, 0) + count
    joined = CustomerState(
        id=new_id("cus") if winner is None else winner.id,
        created_at=at if winner is None else winner.created_at,
        first_seen=first,
        last_seen=last,
        updated_at=at,
        size=len(newcomers) + sum(customer.size for customer in customers),
        counts=counts,
        contested=any(customer.contested for customer in customers),
        contested_by_window=any(customer.contested_by_window for customer in customers),
        rule_version=regime.version,
    )
    fate = Fate.CREATED if winner is None else Fate.UPDATED
    return Joined(group, joined, fate, tuple(customer.id for customer in customers[1:]))


def _settle_region(region: Region, outcome: Derivation, regime: Regime, at: Instant) -> Settled:
    """Give the derived parts their customers, and tell what changed."""
    members = region.members
    claims = claim_ids(outcome.parts, _former_customers(region))
    ids = [new_id("cus") if claim.customer_id is None else claim.customer_id for claim in claims]
    customer_of = {key: id for claim, id in zip(claims, ids, strict=True) for key in claim.part}
    merged = {loser: id for claim, id in zip(claims, ids, strict=True) for loser in claim.merged}
    contested, by_window = _contested(outcome, customer_of, members)
    created: dict[str, CustomerState] = {}
    updated: dict[str, CustomerState] = {}
    moved: dict[str, str] = {}
    for claim, customer_id in zip(claims, ids, strict=True):
        states = [members[key] for key in claim.part]
        before = region.customers.get(customer_id)
        strangers = [state for state in states if state.customer_id != customer_id]
        moved.update({state.key: customer_id for state in strangers if state.customer_id is not None})
        is_other = before is None or before.size != len(states) or bool(claim.merged) or bool(strangers)
        after = CustomerState(
            id=customer_id,
            created_at=at if before is None else before.created_at,
            first_seen=min(state.first_seen for state in states),
            last_seen=max(state.last_seen for state in states),
            updated_at=at if is_other or before is None else before.updated_at,
            size=len(states),
            counts=count_scopes((state.identifier for state in states), regime.rules),
            contested=customer_id in contested,
            contested_by_window=customer_id in by_window,
            judged=any(state.judged for state in states),
            rule_version=regime.version,
        )
        if before is None:
            created[customer_id] = after
        elif after != before:
            updated[customer_id] = after
    moves = [(former, id) for key, id in moved.items() if (former := members[key].customer_id) is not None]
    fresh = {id for claim, id in zip(claims, ids, strict=True) if claim.customer_id is None}
    return Settled(
        customer_of=customer_of,
        created=created,
        updated=updated,
        moved=moved,
        merged=merged,
        ended=frozenset(region.customers.keys() - {state.customer_id for state in members.values()}),
        witnesses=region.changed_witnesses(outcome),
        awaited=frozenset(region.awaited_customers(outcome)),
        ambiguity={
            key: state._replace(ambiguous=key in outcome.ambiguous)
            for key, state in members.items()
            if state.ambiguous != (key in outcome.ambiguous)
        },
        changes=net_changes(moves, merged, fresh),
        slow_loads=region.loads(),
    )


def _contested(outcome: Derivation, customer_of: dict[str, str], members: Container[str]) -> tuple[set[str], set[str]]:
    """Name the customers that refused links lead out of, and those of whom a window refused one."""
    contested: set[str] = set()
    by_window: set[str] = set()
    for pair, witness in outcome.refused.items():
        ids = {customer_of[key] for key in pair if key in members}
        contested |= ids
        if witness.kind is ObstacleKind.WINDOW:
            by_window |= ids
    return contested, by_window


def _former_customers(region: Region) -> Iterable[FormerCustomer]:
    oldest: dict[str, tuple[Instant, str]] = {}
    for state in region.members.values():
        if state.customer_id is not None:
            age = (state.first_seen, state.key)
            oldest[state.customer_id] = min(oldest.get(state.customer_id, age), age)
    for id, (_, key) in oldest.items():
        yield FormerCustomer(id, region.customers[id].created_at, key)
