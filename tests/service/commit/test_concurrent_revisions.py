"""Several processes that observe, take back, judge and change rules at once leave what follows from the facts that stand."""

import asyncio
import random
from contextlib import suppress
from itertools import accumulate

import pytest

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.rules.regime import Regime, VersionedRules
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Event
from identity_graph.errors import NotFoundError
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import (
    AlreadyWithdrawnError,
    ContradictionError,
    NotLinkedError,
    Statement,
    judge,
    overrule,
    unlink,
    withdraw,
)
from identity_graph.service.corrections.retracting import AlreadyRetractedError, retract
from identity_graph.service.rules import applying
from identity_graph.service.rules.applying import Totals, apply_step
from identity_graph.service.rules.changing import VersionConflictError, apply_all, open_units, put_in_force
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from tests.neo4j_server import TestServer
from tests.worlds.stored import check_stored, instant
from tests.worlds.worlds import SECOND, VALUES, keep_rules, make_event, make_rules, to_yaml

KEYS = [f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values]
EVENTS = 60
WRITERS = 3
REFUSALS = (
    NotFoundError,
    AlreadyRetractedError,
    AlreadyWithdrawnError,
    ContradictionError,
    NotLinkedError,
    VersionConflictError,
)


class Writer:
    """One of several processes, which does as chance has it; what cannot be done is refused, and that is all right."""

    def __init__(self, units: Units, rng: random.Random, events: list[Event]) -> None:
        self.units = units
        self.rng = rng
        self.events = events

    async def run(self) -> None:
        for _ in range(25):
            with suppress(*REFUSALS):
                await self.rng.choice(
                    [self.observe, self.observe, self.retract, self.judge, self.withdraw, self.rules]
                )()

    async def observe(self) -> None:
        some = self.rng.sample(self.events, 4)

        async def unit(tx: WriteTransaction, regime: Regime) -> None:
            await take_in(tx, [reread_event(e, regime.rules) for e in some], regime)

        await self.units.run(unit)

    async def retract(self) -> None:
        name = ("test", f"m{self.rng.randrange(EVENTS)}")
        await self.units.run(lambda tx, regime: retract(tx, *name, "?", regime))

    async def judge(self) -> None:
        a, b = self.rng.sample(KEYS, 2)
        pair = (min(a, b), max(a, b))
        kind = self.rng.randrange(4)

        async def unit(tx: WriteTransaction, regime: Regime) -> str:
            said = Statement(reason="?", actor="?", regime=regime)
            if kind == 0:
                return await unlink(tx, pair, 30 * SECOND, said)
            if kind == 1:
                return await overrule(tx, a, said)
            return await judge(tx, Verdict.SAME if kind == 2 else Verdict.DIFFERENT, pair, said)

        await self.units.run(unit)

    async def withdraw(self) -> None:
        rows = await self.units.graph.run("MATCH (j:Judgement) WHERE j.id > '' RETURN j.id AS id ORDER BY id")
        if rows:
            id = self.rng.choice(rows)["id"]
            await self.units.run(lambda tx, regime: withdraw(tx, id, Statement(reason="", actor="?", regime=regime)))

    async def rules(self) -> None:
        version = self.units.in_force.version
        rules = make_rules(
            conflict=self.rng.choice(list(Conflict)),
            max_identifiers=self.rng.choice([4, 500]),
            max_partners=self.rng.choice([2, 50]),
        )
        try:
            await put_in_force(self.units, to_yaml(rules), version, "?")
        finally:
            for _ in range(self.rng.randrange(6)):
                await apply_step(self.units, self.units.in_force.version, Totals(1, 1, 1))


@pytest.mark.parametrize("seed", range(5))
async def test_several_processes_leave_what_follows_from_the_facts_that_stand(
    graph: Graph, neo4j_server: TestServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(applying, "CUSTOMERS_AT_ONCE", 3)
    monkeypatch.setattr(applying, "EVENTS_AT_ONCE", 10)
    monkeypatch.setattr(applying, "IDENTIFIERS_AT_ONCE", 4)
    rng = random.Random(seed)
    rules = make_rules()
    await keep_rules(graph, rules)
    events = [
        make_event(number, rng.randrange(60), tuple(rng.sample(KEYS, rng.randrange(1, 4))), rules)
        for number in range(EVENTS)
    ]

    async def write(number: int) -> None:
        server = neo4j_server
        async with await Graph.connect(server.uri, server.user, server.password, server.database) as own:
            units, _ = await open_units(own)
            await Writer(units, random.Random(100 * seed + number), events).run()

    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    units, _ = await open_units(graph)
    await apply_all(units)
    await check_facts(graph, events, (await open_units(graph))[0].in_force)
    changes = await graph.run("MATCH (c:Change) RETURN c.at AS at, c.reached_at AS reached_at ORDER BY c.position")
    latest = list(accumulate((row["at"] for row in changes), max))
    assert [row["reached_at"] for row in changes] == latest


async def test_no_step_is_taken_while_a_unit_under_earlier_rules_runs(graph: Graph, neo4j_server: TestServer) -> None:
    """Neither by the process that put the rules in force, nor by another that takes the first step."""
    await keep_rules(graph, make_rules())
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(tx: ReadTransaction, regime: Regime) -> int:
        begun.set()
        await may_end.wait()
        return regime.version

    server = neo4j_server
    async with await Graph.connect(server.uri, server.user, server.password, server.database) as own:
        units, other, third = [(await open_units(one))[0] for one in (own, graph, graph)]
        running = asyncio.create_task(units.run(slow))
        await begun.wait()
        await put_in_force(other, to_yaml(make_rules(conflict=Conflict.OLDEST)), 1, "?")
        step = asyncio.create_task(apply_step(third, 2, Totals(1, 1, 1)))
        done, _ = await asyncio.wait({step}, timeout=0.5)
        assert not done
        may_end.set()
        assert await running == 1
        assert await step


async def check_facts(graph: Graph, events: list[Event], in_force: VersionedRules) -> None:
    """Compare the graph with what follows from the events and judgements that it says are in force."""
    stored = await graph.run("MATCH (e:Event) RETURN e.id AS id, e.retracted_at IS NOT NULL AS retracted")
    taken = {row["id"]: row["retracted"] for row in stored}
    rows = await graph.run(
        "MATCH (j:Judgement) WHERE j.withdrawn_at IS NULL "
        f"RETURN j.verdict AS verdict, j.a AS a, j.b AS b, {instant('j.until')} AS until"
    )
    judgements = {
        Judgement.of(Verdict(row["verdict"]), row["a"], row["b"]) for row in rows if row["verdict"] in set(Verdict)
    }
    unlinked = {(row["a"], row["b"]): row["until"] for row in rows if row["verdict"] == "unlinked"}
    overruled = frozenset(row["a"] for row in rows if row["verdict"] == "overruled")
    await check_stored(
        graph,
        [reread_event(event, in_force.rules) for event in events if event.id in taken],
        in_force.rules,
        judgements,
        Corrections(unlinked, overruled),
        {id for id, retracted in taken.items() if retracted},
        may_end=True,
    )
