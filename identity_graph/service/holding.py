"""What holds customers together: in which order it joined them, and without which of it they fall apart.

A customer that is not contested, not judged and within all limits is held by every one of its links, so its bridges are
those of a graph. Of any other a link that goes may let others join that stood back, so it is derived again without.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from identity_graph.domain.bridges import find_bridges
from identity_graph.domain.derivation import Derivation, Join
from identity_graph.domain.evidence import Pair
from identity_graph.domain.joining import limit_of
from identity_graph.domain.rules import RuleSet
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.parts import Part, Parts, Without
from identity_graph.store.explaining import PartLinkRow
from identity_graph.store.graph import ConflictError, Graph
from identity_graph.store.judgements import ActiveJudgement
from identity_graph.store.query import Transaction

T = TypeVar("T")

_ATTEMPTS = 5
_TURN = 20
"""Derivations after which other requests get their turn."""


@dataclass(frozen=True, slots=True)
class Held:
    """A pair that holds a customer together: observed, or judged to be one person's, or both."""

    pair: Pair
    link: PartLinkRow | None
    judgement: ActiveJudgement | None


@dataclass(slots=True)
class Holding:
    """A customer with its joins in their order, and how it falls apart: the parts by the bridge that goes.

    ``falls`` is empty unless bridges were asked for.
    """

    part: Part
    held: dict[Pair, Held]
    joins: list[Join] = field(default_factory=list[Join])
    falls: dict[Pair, list[frozenset[str]]] = field(default_factory=dict[Pair, list[frozenset[str]]])

    def separates(self, pair: Pair, a: str, b: str) -> bool:
        """Whether two members are in different customers when the pair goes."""
        return not any(a in side and b in side for side in self.falls.get(pair, [frozenset((a, b))]))


async def read_parts(
    graph: Graph, rules: RuleSet, rule_version: int, work: Callable[[Transaction, Parts], Awaitable[T]]
) -> T:
    """Read and derive in one transaction; what changes meanwhile is read again.

    Raises:
        GraphUnavailableError: writers were always faster.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await graph.read(lambda tx: work(tx, Parts(rules, rule_version)))
        except ConflictError:
            await asyncio.sleep(0.01)
    raise GraphUnavailableError("These customers changed again and again while they were read; try again.")


async def read_holdings(
    graph: Graph, ids: Sequence[str], *, rules: RuleSet, rule_version: int, with_bridges: bool
) -> list[Holding | None]:
    """Read what holds each customer together; None for one that ended meanwhile."""

    async def work(tx: Transaction, parts: Parts) -> list[Holding | None]:
        known = await parts.load_known(tx, ids)
        holdings = await hold(tx, parts, known, with_bridges=with_bridges)
        return [holdings.get(id) for id in ids]

    return await read_parts(graph, rules, rule_version, work)


async def hold(tx: Transaction, parts: Parts, ids: Collection[str], *, with_bridges: bool) -> dict[str, Holding]:
    """Tell what holds customers together that were read.

    Raises:
        ConflictError: a writer changed them meanwhile.
    """
    tasks = {id: _Task({id}) for id in ids}
    await _solve(tx, parts, tasks.values())
    holdings: dict[str, Holding] = {}
    for id, task in tasks.items():
        part = parts.customers[id]
        is_current = part.state.rule_version == parts.rule_version
        if is_current and frozenset(part.members) not in task.outcome.parts:
            raise ConflictError
        joins = [join for join in task.outcome.joins if join.a in part.members and join.b in part.members]
        holdings[id] = Holding(part, _held(parts, part), joins)
    if with_bridges:
        await _find_falls(tx, parts, tasks, holdings)
    return holdings


@dataclass(slots=True)
class _Task:
    """Customers to be derived, which grow until nothing outside can matter to them."""

    ids: set[str]
    without: Without | None = None
    outcome: Derivation = field(default_factory=lambda: Derivation([]))


async def _solve(tx: Transaction, parts: Parts, tasks: Iterable[_Task]) -> None:
    pending = list(tasks)
    while pending:
        again: list[_Task] = []
        missing: set[str] = set()
        for number, task in enumerate(pending):
            if number % _TURN == _TURN - 1:
                await asyncio.sleep(0)
            task.ids = parts.closure(task.ids)
            task.outcome, more = parts.derive(task.ids, task.without)
            if more:
                task.ids |= more
                missing |= more
                again.append(task)
        await parts.load(tx, missing)
        pending = again


async def _find_falls(tx: Transaction, parts: Parts, tasks: dict[str, _Task], holdings: dict[str, Holding]) -> None:
    """Find the bridges of all these customers."""
    difficult = {id: holding.part for id, holding in holdings.items() if not _is_plain(holding.part, parts)}
    await parts.load_quarantined(tx, {key for part in difficult.values() for key in parts.may_be_released(part)})
    trials: list[tuple[Holding, _Task]] = []
    for id, holding in holdings.items():
        if id not in difficult:
            pairs = holding.held.keys()
            holding.falls = {pair: _components(holding.part.members, pairs - {pair}) for pair in find_bridges(pairs)}
            continue
        candidates = {join.pair: Without(join.pair) for join in holding.joins}
        members = holding.part.members
        claims = tasks[id].outcome.claims
        candidates.update({pair: Without(pair) for pair in claims if pair[0] in members and pair[1] in members})
        candidates.update({without.pair: without for without in parts.quarantined_pairs(holding.part)})
        trials += [(holding, _Task({*tasks[id].ids}, without)) for without in candidates.values()]
    await _solve(tx, parts, [task for _, task in trials])
    for holding, task in trials:
        sides = [side for part in task.outcome.parts if (side := part.intersection(holding.part.members))]
        if len(sides) > 1 and task.without is not None:
            holding.falls[task.without.pair] = sides


def _is_plain(part: Part, parts: Parts) -> bool:
    state, rules = part.state, parts.rules
    if state.rule_version != parts.rule_version:
        return True  # it was joined under other rules, and nothing better can be said of it before it is converted
    if state.contested or state.judged or state.size > rules.max_identifiers:
        return False
    counts: dict[str, int] = json.loads(state.counts)
    return all((limit := limit_of(scope, rules)) is None or count <= limit.count for scope, count in counts.items())


def _held(parts: Parts, part: Part) -> dict[Pair, Held]:
    links, judged = part.holding_links(), parts.same_rows(part)
    return {pair: Held(pair, links.get(pair), judged.get(pair)) for pair in sorted(links.keys() | judged.keys())}


def _components(keys: Iterable[str], pairs: Iterable[Pair]) -> list[frozenset[str]]:
    component = {key: {key} for key in keys}
    for a, b in pairs:
        large, small = sorted((component[a], component[b]), key=len, reverse=True)
        if large is not small:
            large |= small
            component.update(dict.fromkeys(small, large))
    return [frozenset(keys) for keys in {id(keys): keys for keys in component.values()}.values()]
