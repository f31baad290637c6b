"""What holds customers together: in which order it joined them, and without which of it they fall apart.

A customer that is not contested, not judged and within all limits is held by every one of its links, so its bridges are
those of a graph. Of any other a link that goes may let others join that stood back, so it is derived again without.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from identity_graph.domain.explaining.bridges import find_bridges
from identity_graph.domain.identity.derivation import Derivation, Join
from identity_graph.domain.identity.joining import limit_of
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.pairs import Pair
from identity_graph.errors import GraphUnavailableError, IdentityGraphError
from identity_graph.service.explaining.parts import Part, Parts, Without
from identity_graph.store.driver.graph import ConflictError, Graph
from identity_graph.store.driver.query import ReadTransaction

T = TypeVar("T")

_ATTEMPTS = 5
_MAX_WORK = 1_000_000
"""Identifiers that may be derived anew for one answer, each time counted: they take some ten seconds."""


class TooContestedError(IdentityGraphError):
    """The bridges of so many, or such large, contested customers take too long to find for one answer."""

    code = "QUERY_TOO_LARGE"


@dataclass(slots=True)
class Holding:
    """A customer with its joins in their order, and how it falls apart: the parts by the bridge that goes.

    ``held`` are the pairs that hold it: observed, or judged to be one person's, or both. Joins
    and falls are empty unless they were asked for.
    """

    part: Part
    held: set[Pair]
    joins: list[Join] = field(default_factory=list[Join])
    falls: dict[Pair, list[frozenset[str]]] = field(default_factory=dict[Pair, list[frozenset[str]]])

    def separates(self, pair: Pair, a: str, b: str) -> bool:
        """Whether two members are in different customers when the pair goes."""
        return not any(a in side and b in side for side in self.falls.get(pair, [frozenset((a, b))]))


async def read_parts(
    graph: Graph, in_force: VersionedRules, work: Callable[[ReadTransaction, Parts], Awaitable[T]]
) -> T:
    """Read and derive in one transaction; what changes meanwhile is read again.

    Raises:
        GraphUnavailableError: writers were always faster.
        TooContestedError: the answer takes too long.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await graph.read(lambda tx: work(tx, Parts(in_force)))
        except ConflictError:
            await asyncio.sleep(0.01)
    raise GraphUnavailableError("These customers kept changing while they were read; try again.")


async def read_bridges(graph: Graph, customer_ids: Sequence[str], in_force: VersionedRules) -> list[frozenset[Pair]]:
    """Read the bridges of each customer; none of one that ended meanwhile."""

    async def work(tx: ReadTransaction, parts: Parts) -> list[frozenset[Pair]]:
        known = await parts.load_known(tx, customer_ids)
        holdings = await find_falls(tx, parts, known)
        return [frozenset(holdings[id].falls if id in holdings else ()) for id in customer_ids]

    return await read_parts(graph, in_force, work)


async def find_joins(tx: ReadTransaction, parts: Parts, ids: Collection[str]) -> dict[str, Holding]:
    """Tell what joined customers that were read, in its order.

    Raises:
        ConflictError: a writer changed them meanwhile.
    """
    return {id: holding for id, (holding, _) in (await _derive_stored(tx, parts, ids)).items()}


async def find_falls(tx: ReadTransaction, parts: Parts, ids: Collection[str]) -> dict[str, Holding]:
    """Tell without what customers that were read fall apart, and how.

    Raises:
        ConflictError: a writer changed them meanwhile.
    """
    plain = {id for id in ids if _is_plain(parts.customers[id], parts)}
    holdings: dict[str, Holding] = {}
    for id in plain:
        holding = holdings[id] = _holding_of(parts, id)
        members, held = holding.part.members, holding.held
        holding.falls = {pair: _components(members, held - {pair}) for pair in find_bridges(sorted(held))}
    derived = await _derive_stored(tx, parts, set(ids) - plain)
    await _try_without(tx, parts, derived.values())
    return holdings | {id: holding for id, (holding, _) in derived.items()}


@dataclass(slots=True)
class _Task:
    """Customers to be derived, which grow until nothing outside can matter to them."""

    ids: set[str]
    without: Without | None = None
    outcome: Derivation = field(default_factory=lambda: Derivation([]))


async def _solve(tx: ReadTransaction, parts: Parts, tasks: Iterable[_Task]) -> None:
    pending, work = list(tasks), 0
    while pending:
        again: list[_Task] = []
        missing: set[str] = set()
        for task in pending:
            await asyncio.sleep(0)  # other requests get their turn
            task.ids = parts.closure(task.ids)
            work += sum(len(parts.customers[id].members) for id in task.ids)
            if work > _MAX_WORK:
                raise TooContestedError(
                    "Finding the bridges of these customers takes too long: ask for fewer customers, or without `bridge`.",
                    maximum=_MAX_WORK,
                )
            task.outcome, more = parts.derive(task.ids, task.without)
            if more:
                task.ids |= more
                missing |= more
                again.append(task)
        await parts.load(tx, missing)
        pending = again


async def _derive_stored(tx: ReadTransaction, parts: Parts, ids: Collection[str]) -> dict[str, tuple[Holding, _Task]]:
    """Derive customers as they are, with their joins."""
    tasks = {id: _Task({id}) for id in sorted(ids)}
    await _solve(tx, parts, tasks.values())
    derived: dict[str, tuple[Holding, _Task]] = {}
    for id, task in tasks.items():
        holding = _holding_of(parts, id)
        part = holding.part
        if part.state.rule_version == parts.rule_version and frozenset(part.members) not in task.outcome.parts:
            raise ConflictError
        holding.joins = [join for join in task.outcome.joins if join.a in part.members and join.b in part.members]
        derived[id] = (holding, task)
    return derived


async def _try_without(tx: ReadTransaction, parts: Parts, derived: Collection[tuple[Holding, _Task]]) -> None:
    """Derive customers again without each pair that may matter: what joined, what claimed, what quarantined."""
    await parts.load_quarantined(tx, {key for holding, _ in derived for key in parts.may_be_released(holding.part)})
    trials: list[tuple[Holding, Pair, _Task]] = []
    for holding, task in derived:
        members = holding.part.members
        pairs = {join.pair for join in holding.joins} | task.outcome.claims
        candidates = {pair: Without(pair) for pair in pairs if pair[0] in members and pair[1] in members}
        candidates.update({without.pair: without for without in parts.quarantined_pairs(holding.part)})
        trials += [(holding, pair, _Task({*task.ids}, without)) for pair, without in candidates.items()]
    await _solve(tx, parts, [task for _, _, task in trials])
    for holding, pair, task in trials:
        sides = [side for part in task.outcome.parts if (side := part.intersection(holding.part.members))]
        if len(sides) > 1:
            holding.falls[pair] = sides


def _holding_of(parts: Parts, id: str) -> Holding:
    part = parts.customers[id]
    return Holding(part, part.holding_links().keys() | parts.same_rows(part).keys())


def _is_plain(part: Part, parts: Parts) -> bool:
    state, rules = part.state, parts.rules
    if state.rule_version != parts.rule_version:
        return True  # it was joined under other rules, and nothing better can be said of it before it is converted
    if state.contested or state.judged or state.size > rules.max_identifiers:
        return False
    counts: dict[str, int] = json.loads(state.counts)
    return all((limit := limit_of(scope, rules)) is None or count <= limit.count for scope, count in counts.items())


def _components(keys: Iterable[str], pairs: Iterable[Pair]) -> list[frozenset[str]]:
    component = {key: {key} for key in keys}
    for a, b in pairs:
        large, small = sorted((component[a], component[b]), key=len, reverse=True)
        if large is not small:
            large |= small
            component.update(dict.fromkeys(small, large))
    return [frozenset(keys) for keys in {id(keys): keys for keys in component.values()}.values()]
