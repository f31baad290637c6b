"""Whatever is observed, taken back and judged, in any order: the stored graph is what follows from the facts that remain."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_graph.domain.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.observations import Event, Instant
from identity_graph.domain.rules import RuleSet
from identity_graph.errors import NotFoundError
from identity_graph.service.judging import (
    AlreadyWithdrawnError,
    ContradictionError,
    NotLinkedError,
    Said,
    judge,
    overrule,
    unlink,
    withdraw,
)
from identity_graph.service.retracting import AlreadyRetractedError, retract
from identity_graph.service.taking_in import take_in
from identity_graph.store.graph import Graph
from tests.neo4j_server import wipe
from tests.service.stored import check_stored, instant, read_stored
from tests.service.worlds import SECOND, any_rules, identifier_keys, make_event

START: Instant = 10**15
Step = tuple[str, Any]

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("observe"),
            st.lists(
                st.tuples(st.integers(0, 60), st.lists(identifier_keys, min_size=1, max_size=4).map(tuple)),
                min_size=1,
                max_size=6,
            ),
        ),
        st.tuples(st.just("retract"), st.integers(0, 40)),
        st.tuples(st.just("same"), st.tuples(identifier_keys, identifier_keys)),
        st.tuples(st.just("different"), st.tuples(identifier_keys, identifier_keys)),
        st.tuples(st.just("unlink"), st.tuples(identifier_keys, identifier_keys, st.integers(0, 60))),
        st.tuples(st.just("overrule"), identifier_keys),
        st.tuples(st.just("withdraw"), st.integers(0, 10)),
    ),
    min_size=4,
    max_size=16,
)


@dataclass
class Facts:
    """What is true so far, kept plainly."""

    rules: RuleSet
    events: list[Event] = field(default_factory=list[Event])
    retracted: set[str] = field(default_factory=set[str])
    judged: dict[str, tuple[str, Any]] = field(default_factory=dict[str, tuple[str, Any]])
    withdrawn: set[str] = field(default_factory=set[str])
    membership: list[tuple[Instant, dict[str, str]]] = field(default_factory=list[tuple[Instant, dict[str, str]]])

    def in_force(self) -> list[tuple[str, Any]]:
        return [said for id, said in self.judged.items() if id not in self.withdrawn]

    def judgements(self) -> set[Judgement]:
        return {what for kind, what in self.in_force() if kind in {"same", "different"}}

    def corrections(self) -> Corrections:
        unlinked: dict[tuple[str, str], Instant] = {}
        for kind, what in self.in_force():
            if kind == "unlink":
                pair, until = what
                unlinked[pair] = max(until, unlinked.get(pair, until))
        return Corrections(unlinked, frozenset(what for kind, what in self.in_force() if kind == "overrule"))

    def known(self) -> set[str]:
        return {i.key for e in self.events if e.id not in self.retracted for i in e.identifiers}


class World:
    """Carries steps out, on the graph and on the plain facts."""

    def __init__(self, graph: Graph, rules: RuleSet) -> None:
        self.graph = graph
        self.facts = Facts(rules)

    def said(self) -> Said:
        return Said(reason="?", actor="test", now=self.now(), rules=self.facts.rules, rule_version=1)

    def now(self) -> Instant:
        return START + len(self.facts.membership) * SECOND

    async def run(self, step: Step) -> None:
        kind, what = step
        await getattr(self, kind)(what)
        facts = self.facts
        await check_stored(
            self.graph, facts.events, facts.rules, facts.judgements(), facts.corrections(), facts.retracted
        )
        stored = await read_stored(self.graph)
        facts.membership.append((self.now(), {key: row["customers"][0] for key, row in stored.identifiers.items()}))

    async def observe(self, seen: list[tuple[int, tuple[str, ...]]]) -> None:
        start = len(self.facts.events)
        events = [make_event(start + n, at, keys, self.facts.rules) for n, (at, keys) in enumerate(seen)]
        again = [event for event in self.facts.events if event.id in self.facts.retracted]
        await self.graph.write(lambda tx: take_in(tx, [*events, *again], self.facts.rules, 1, self.now()))
        self.facts.events += events

    async def retract(self, number: int) -> None:
        known = number < len(self.facts.events)
        event = self.facts.events[number] if known else None
        name = ("test", f"m{number}")
        try:
            await self.graph.write(lambda tx: retract(tx, *name, "test", self.facts.rules, 1, self.now()))
        except NotFoundError:
            assert event is None
        except AlreadyRetractedError:
            assert event is not None
            assert event.id in self.facts.retracted
        else:
            assert event is not None
            assert event.id not in self.facts.retracted
            self.facts.retracted.add(event.id)

    async def same(self, pair: tuple[str, str]) -> None:
        await self._judge(Verdict.SAME, pair)

    async def different(self, pair: tuple[str, str]) -> None:
        await self._judge(Verdict.DIFFERENT, pair)

    async def _judge(self, verdict: Verdict, pair: tuple[str, str]) -> None:
        if pair[0] == pair[1]:
            return
        judgement = Judgement.of(verdict, *pair)
        try:
            id = await self.graph.write(lambda tx: judge(tx, verdict, pair, self.said()))
        except NotFoundError:
            assert not set(pair) <= self.facts.known()
        except ContradictionError:
            assert contradicts(self.facts.judgements(), judgement)
        else:
            assert set(pair) <= self.facts.known()
            assert not contradicts(self.facts.judgements(), judgement)
            self.facts.judged[id] = (verdict.value, judgement)

    async def unlink(self, what: tuple[str, str, int]) -> None:
        a, b, at = what
        if a == b:
            return
        pair = (min(a, b), max(a, b))
        try:
            id = await self.graph.write(lambda tx: unlink(tx, pair, at * SECOND, self.said()))
        except (NotFoundError, NotLinkedError):
            return
        self.facts.judged[id] = ("unlink", (pair, at * SECOND))

    async def overrule(self, key: str) -> None:
        try:
            id = await self.graph.write(lambda tx: overrule(tx, key, self.said()))
        except NotFoundError:
            assert key not in self.facts.known()
        else:
            self.facts.judged[id] = ("overrule", key)

    async def withdraw(self, number: int) -> None:
        ids = list(self.facts.judged)
        id = ids[number] if number < len(ids) else "jdg_unknown"
        try:
            await self.graph.write(lambda tx: withdraw(tx, id, self.said()))
        except NotFoundError:
            assert number >= len(ids)
        except AlreadyWithdrawnError:
            assert id in self.facts.withdrawn
        else:
            assert id not in self.facts.withdrawn
            self.facts.withdrawn.add(id)


def contradicts(judgements: set[Judgement], new: Judgement) -> bool:
    """Tell whether judgements cannot all be true."""
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while group.get(key, key) != key:
            key = group[key]
        return key

    for judgement in judgements | {new}:
        if judgement.verdict is Verdict.SAME:
            group[root(judgement.a)] = root(judgement.b)
    return any(j.verdict is Verdict.DIFFERENT and root(j.a) == root(j.b) for j in judgements | {new})


async def check_memory(graph: Graph, facts: Facts) -> None:
    """Check that the intervals give, for every earlier commit, the customers of then."""
    rows = await graph.run(
        "MATCH (i)-[r:BELONGED_TO|BELONGS_TO]->(c:Customer) RETURN i.key AS key, c.id AS customer, "
        f"{instant('r.since')} AS since, {instant('r.until')} AS until"
    )
    for at, membership in facts.membership:
        then = {
            row["key"]: row["customer"]
            for row in rows
            if row["since"] <= at and (row["until"] is None or row["until"] > at)
        }
        assert then == membership


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rules=any_rules, steps=steps)
async def test_the_stored_graph_is_what_follows_from_the_facts_that_remain(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    await wipe(graph)
    world = World(graph, rules)
    for step in steps:
        await world.run(step)
    await check_memory(graph, world.facts)
