"""Several processes that observe, take back, judge and change rules at once leave what follows from what each was told."""

import asyncio
import random
from itertools import accumulate

import pytest

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.identity.judgements import Judgement, Pair, Verdict
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Event
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import Statement, judge, overrule, unlink, withdraw
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.rules import applying
from identity_graph.service.rules.changing import APPLICABLE, apply_all, get_rule_set, open_units, put_in_force
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from tests.neo4j_server import TestServer
from tests.worlds.ledger import Ledger
from tests.worlds.stored import check_stored, same
from tests.worlds.worlds import SECOND, VALUES, keep_rules, make_event, make_rules, to_yaml

KEYS = [
    read_key(f"{namespace}:{value}", make_rules()) or "" for namespace, values in VALUES.items() for value in values
]
"""As all rules spell them that are put in force here."""

EVENTS = 60
WRITERS = 3


class Writer:
    """One of several processes, which does as chance has it and notes what it is told."""

    def __init__(self, units: Units, rng: random.Random, events: list[Event], ledger: Ledger) -> None:
        self.units = units
        self.rng = rng
        self.events = events
        self.ledger = ledger

    async def run(self) -> None:
        for _ in range(25):
            await self.rng.choice([self.observe, self.observe, self.retract, self.judge, self.withdraw, self.rules])()

    async def observe(self) -> None:
        some = self.rng.sample(self.events, 4)
        taken = await self.units.run(
            lambda tx, regime: take_in(tx, [reread_event(e, regime.rules) for e in some], regime)
        )
        self.ledger.take(some, [result.duplicate for result in taken.results])

    async def retract(self) -> None:
        event = self.rng.choice(self.events)
        name = (event.source, event.message_id)
        with self.ledger.refusing(f"retract {name}", **self.ledger.retracting(event)):
            await self.units.run(lambda tx, regime: retract(tx, *name, "?", regime))
            self.ledger.retract(event)

    async def judge(self) -> None:
        a, b = self.rng.sample(KEYS, 2)
        pair = (min(a, b), max(a, b))
        await self.rng.choice([self.unlink, self.overrule, self.same, self.different])(pair)

    async def unlink(self, pair: Pair) -> None:
        until = 30 * SECOND
        with self.ledger.refusing(f"unlink {pair}", **self.ledger.unlinking(pair, until)):
            id = await self.units.run(lambda tx, regime: unlink(tx, pair, until, said(regime)))
            self.ledger.judge(id, "unlink", (pair, until))

    async def overrule(self, pair: Pair) -> None:
        key = pair[0]
        with self.ledger.refusing(f"overrule {key}", **self.ledger.naming(key)):
            id = await self.units.run(lambda tx, regime: overrule(tx, key, said(regime)))
            self.ledger.judge(id, "overrule", key)

    async def same(self, pair: Pair) -> None:
        await self._judge(Verdict.SAME, pair)

    async def different(self, pair: Pair) -> None:
        await self._judge(Verdict.DIFFERENT, pair)

    async def _judge(self, verdict: Verdict, pair: Pair) -> None:
        with self.ledger.refusing(f"judge {pair} {verdict}", **self.ledger.judging(verdict, pair)):
            id = await self.units.run(lambda tx, regime: judge(tx, verdict, pair, said(regime)))
            self.ledger.judge(id, verdict.value, Judgement.of(verdict, *pair))

    async def withdraw(self) -> None:
        if ids := list(self.ledger.facts.judged):
            id = self.rng.choice(ids)
            with self.ledger.refusing(f"withdraw {id}", **self.ledger.withdrawing(id)):
                await self.units.run(lambda tx, regime: withdraw(tx, id, said(regime)))
                self.ledger.withdraw(id)

    async def rules(self) -> None:
        expected = self.units.in_force.version
        rules = make_rules(
            conflict=self.rng.choice(list(Conflict)),
            max_identifiers=self.rng.choice([4, 500]),
            max_partners=self.rng.choice([2, 50]),
        )
        with self.ledger.refusing(f"replace version {expected}", **self.ledger.changing(expected)):
            put = await put_in_force(self.units, to_yaml(rules), expected, "?")
            self.ledger.put_in_force(put.version, rules)
        for _ in range(self.rng.randrange(6)):
            await take_step(self.units, APPLICABLE, self.units.in_force.version, Totals(1, 1, 1))


def said(regime: Regime) -> Statement:
    return Statement(reason="?", actor="?", regime=regime)


@pytest.mark.parametrize("seed", range(5))
async def test_several_processes_leave_what_follows_from_what_they_were_told(
    graph: Graph, neo4j_server: TestServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(applying, "CUSTOMERS_AT_ONCE", 3)
    monkeypatch.setattr(applying, "EVENTS_AT_ONCE", 10)
    monkeypatch.setattr(applying, "IDENTIFIERS_AT_ONCE", 4)
    rng = random.Random(seed)
    rules = make_rules()
    await keep_rules(graph, rules)
    ledger = Ledger(rules)
    events = [
        make_event(number, rng.randrange(60), tuple(rng.sample(KEYS, rng.randrange(1, 4))), rules)
        for number in range(EVENTS)
    ]

    async def write(number: int) -> None:
        server = neo4j_server
        async with await Graph.connect(server.uri, server.user, server.password, server.database) as own:
            units, _ = await open_units(own)
            await Writer(units, random.Random(100 * seed + number), events, ledger).run()

    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    units, _ = await open_units(graph)
    await apply_all(units)
    ledger.check()
    await check_graph(graph, ledger)
    changes = await graph.run("MATCH (c:Change) RETURN c.at AS at, c.reached_at AS reached_at ORDER BY c.position")
    latest = list(accumulate((row["at"] for row in changes), max))
    assert [row["reached_at"] for row in changes] == latest


async def test_no_step_is_taken_while_a_unit_under_earlier_rules_runs(graph: Graph, neo4j_server: TestServer) -> None:
    """Neither by the process that put the rules in force, nor by another that takes the first step."""
    await keep_rules(graph, make_rules())
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(tx: WriteTransaction, regime: Regime) -> int:
        begun.set()
        await may_end.wait()
        return regime.version

    server = neo4j_server
    async with await Graph.connect(server.uri, server.user, server.password, server.database) as own:
        units, other, third = [(await open_units(one))[0] for one in (own, graph, graph)]
        running = asyncio.create_task(units.run(slow))
        await begun.wait()
        await put_in_force(other, to_yaml(make_rules(conflict=Conflict.OLDEST)), 1, "?")
        step = asyncio.create_task(take_step(third, APPLICABLE, 2, Totals(1, 1, 1)))
        done, _ = await asyncio.wait({step}, timeout=0.5)
        assert not done
        may_end.set()
        assert await running == 1
        assert await step


async def check_graph(graph: Graph, ledger: Ledger) -> None:
    """Compare the graph with what follows from what was acknowledged, and with nothing that the graph says."""
    current = await graph.read(get_rule_set)
    same("rules in force", (current.version, current.yaml), (ledger.version, to_yaml(ledger.rules[ledger.version])))
    facts = ledger.facts
    rows = await graph.run("MATCH (j:Judgement) RETURN j.id AS id, j.withdrawn_at IS NOT NULL AS withdrawn")
    same(
        "judgements that are kept, and whether they are withdrawn",
        {row["id"]: row["withdrawn"] for row in rows},
        {id: id in facts.withdrawn for id in facts.judged},
    )
    await check_stored(
        graph,
        facts.events_as_read(),
        facts.rules,
        facts.judgements(),
        facts.corrections(),
        facts.retracted,
        may_end=True,
    )
