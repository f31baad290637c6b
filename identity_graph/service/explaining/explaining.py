"""Explaining: why two identifiers are one customer's, or why they are not."""

from dataclasses import dataclass, field

from identity_graph.domain.explaining.sentences import explain_apart, explain_linked, say_claimed, say_step
from identity_graph.domain.explaining.violations import IgnoredCode, explain_ignored
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.normalization import read_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier, IgnoredIdentifier, RawIdentifier
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.explaining.chains import BOUND, find_chain
from identity_graph.service.explaining.holding import Holding, find_falls, find_joins, read_parts
from identity_graph.service.explaining.parts import Parts, pair_of
from identity_graph.service.explaining.shown_links import ShownLink, path_between, seen_on_the_way, show_pair
from identity_graph.service.explaining.standing_between import Between, find_between, find_judged
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.explaining import parts as store
from identity_graph.store.identity import customers as customer_store

_EVENTS = 10_000
"""Events of an identifier, those with values that are none, in which such a value is looked for."""


@dataclass(slots=True)
class Explanation:
    """Why two identifiers are one customer's, or not. ``path`` leads from one to the other, refused links included."""

    linked: bool
    text: str
    path: list[ShownLink] = field(default_factory=list[ShownLink])
    bridges: list[ShownLink] = field(default_factory=list[ShownLink])
    blocked_by: list[Between] = field(default_factory=list[Between])


@dataclass(frozen=True, slots=True)
class JoinStep:
    """One link or judgement that joined a customer, with the namespace of its tier, or ``judgement``."""

    order: int
    link: ShownLink
    tier: str
    reason: str


async def read_how(graph: Graph, customer_ids: list[str], regime: Regime) -> list[list[JoinStep]]:
    """Read, for each customer, what joined it, in that order; nothing for one that ended meanwhile."""

    async def work(tx: ReadTransaction, parts: Parts) -> list[list[JoinStep]]:
        known = await parts.load_known(tx, customer_ids)
        holdings = await find_joins(tx, parts, known)
        return [_steps(parts, holdings[id]) if id in holdings else [] for id in customer_ids]

    return await read_parts(graph, regime, work)


async def explain(graph: Graph, one: RawIdentifier, other: RawIdentifier, regime: Regime) -> Explanation:
    """Explain how two identifiers, in any spelling, are related.

    Raises:
        InvalidInputError: the two are one identifier.
        NotFoundError: no event observed one of them.
        GraphUnavailableError: Neo4j does not answer.
    """
    ends = [_read(raw, regime.rules) for raw in (one, other)]
    if ends[0] == ends[1]:
        raise InvalidInputError("Both are the same identifier: name two different ones.", key=_key(ends[0]))

    async def work(tx: ReadTransaction, parts: Parts) -> Explanation:
        keys = [end.key for end in ends if isinstance(end, Identifier)]
        owners = {row.key: row.customer_id for row in await customer_store.find_owners(tx, keys=keys)} if keys else {}
        for end in ends:
            if isinstance(end, Identifier) and end.key not in owners:
                raise NotFoundError(
                    f"No event observed the {end.namespace} {end.value!r}: check the namespace and the value.",
                    namespace=end.namespace,
                    value=end.value,
                )
        if len(keys) < len(ends):
            return await _explain_ignored(tx, ends, keys, regime)
        a, b = keys
        if owners[a] == owners[b]:
            return await _explain_linked(tx, parts, owners[a], a, b)
        return await _explain_apart(tx, parts, owners, a, b)

    return await read_parts(graph, regime, work)


def _steps(parts: Parts, holding: Holding) -> list[JoinStep]:
    steps: list[JoinStep] = []
    for order, join in enumerate(holding.joins, start=1):
        link = show_pair(parts, holding.part, join.pair)
        reason = say_step(link.seen(), join.tier, order)
        steps.append(JoinStep(order, link, join.tier or "judgement", reason))
    return steps


def _read(raw: RawIdentifier, rules: RuleSet) -> Identifier | IgnoredIdentifier:
    usable, ignored = read_identifiers([raw], rules)
    if usable:
        return usable[0]
    return IgnoredIdentifier(raw.namespace, raw.value.strip(), ignored[0].code)


def _key(end: Identifier | IgnoredIdentifier) -> str:
    return f"{end.namespace}:{end.value}"


async def _explain_ignored(
    tx: ReadTransaction, ends: list[Identifier | IgnoredIdentifier], keys: list[str], regime: Regime
) -> Explanation:
    """Explain that a value is no identifier, with the last event that holds it beside the other one."""
    found: list[Between] = []
    for end in ends:
        if isinstance(end, IgnoredIdentifier):
            item = f"{end.code} {_key(end)}"
            rows = await store.find_ignored_events(tx, keys=keys, item=item, limit=_EVENTS)
            at = rows[0].occurred_at if rows else regime.now
            message = explain_ignored(end.code, end.namespace, end.value)
            event = rows[0].id if rows else None
            found.append(Between(end.code, message, at, _key(end), None, regime.version, event, seen_at=at))
    return Explanation(linked=False, text=" ".join(item.message for item in found), blocked_by=found)


async def _find_claims(tx: ReadTransaction, parts: Parts, a: str, b: str) -> list[Between]:
    """Name the last event that showed one of two identifiers, and whose source only claimed the other one."""
    found: list[Between] = []
    for key, other in ((a, b), (b, a)) if parts.rules.sources else ():
        item = f"{IgnoredCode.CLAIMED} {other}"
        for row in await store.find_ignored_events(tx, keys=[key], item=item, limit=_EVENTS):
            reason = say_claimed(key, other)
            at = row.occurred_at
            found.append(Between(IgnoredCode.CLAIMED, f"{reason}.", at, other, key, parts.rule_version, row.id, reason))
    return found


async def _explain_linked(tx: ReadTransaction, parts: Parts, customer: str, a: str, b: str) -> Explanation:
    await parts.load(tx, [customer])
    holding = (await find_falls(tx, parts, [customer]))[customer]
    path = path_between(parts, holding.part, a, b)
    order = {step.pair: number for number, step in enumerate(path)}
    bridges = sorted(
        (pair for pair in holding.falls if holding.separates(pair, a, b)),
        key=lambda pair: (order.get(pair, len(order)), pair),
    )
    shown = [show_pair(parts, holding.part, pair, is_bridge=True) for pair in bridges]
    for step in path:
        step.is_bridge = step.pair in holding.falls
    text = explain_linked(a, b, seen_on_the_way(path, a), [link.seen() for link in shown])
    return Explanation(linked=True, text=text, path=path, bridges=shown)


async def _explain_apart(tx: ReadTransaction, parts: Parts, owners: dict[str, str], a: str, b: str) -> Explanation:
    start, end = owners[a], owners[b]
    chain = await find_chain(tx, start, end)
    await parts.load(tx, {start, end}.union(*({hop.source, hop.target} for hop in chain.hops)))
    path: list[ShownLink] = []
    between: list[Between] = []
    key = a
    for hop in chain.hops:
        path += path_between(parts, parts.customers[hop.source], key, hop.key)
        obstacles = await find_between(tx, parts, hop)
        path.append(ShownLink.of_hop(hop, obstacles[0].code))
        between += [obstacle for obstacle in obstacles if obstacle.about not in {known.about for known in between}]
        key = hop.other_key
    if chain.hops:
        path += path_between(parts, parts.customers[end], key, b)
    known = {item.about for item in between}
    between += [
        item
        for item in find_judged(parts, start, end, pair_of(a, b), bool(chain.hops), between)
        if item.about not in known
    ]
    between += await _find_claims(tx, parts, a, b)
    bound = BOUND if chain.is_bounded else None
    text = explain_apart(a, b, seen_on_the_way(path, a), [item.reason for item in between], bound)
    return Explanation(linked=False, text=text, path=path, blocked_by=between)
