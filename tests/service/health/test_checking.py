"""The doctor finds customers that are not what follows from their events, and says what it left out."""

import json
from asyncio import to_thread
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.rule_set import Conflict, RuleSet
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import Statement, judge, overrule, unlink
from identity_graph.service.health import checking
from identity_graph.service.health.checking import check_sample
from identity_graph.store.driver.graph import Graph
from tests.service.identity.test_revisions import Step, World, revising
from tests.worlds.worlds import SECOND, any_rules, keep_rules, make_event, make_rules

RULES = make_rules(max_partners=2, conflict=Conflict.NEWEST)
SEEN: Sequence[tuple[int, tuple[str, ...]]] = [
    (1, ("crm:1", "phone:1", "cookie:1")),
    (2, ("crm:2", "phone:2")),
    (3, ("crm:1", "device:1")),
    (4, ("crm:2", "device:1")),
    *((5 + n, (f"crm:q{n}", "device:shop")) for n in range(4)),
    (20, ("openid:wxA/1", "openid:wxA/2", "cookie:2")),
    (21, ("phone:3", "cookie:3")),
]


@pytest.fixture
async def world(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Give a graph with customers that meet at tablets, and some that people judged."""
    monkeypatch.setattr(checking, "_WAIT_SECONDS", 0.01)
    await keep_rules(graph, RULES)
    units = Units(graph, InForce(RULES, 1))
    await units.open()
    events = [make_event(number, at, keys, RULES) for number, (at, keys) in enumerate(SEEN)]
    await units.run(lambda tx, regime: take_in(tx, events, regime))

    def said(regime: Regime) -> Statement:
        return Statement(reason="?", actor="test", regime=regime)

    await units.run(lambda tx, regime: judge(tx, Verdict.SAME, ("cookie:2", "crm:2"), said(regime)))
    await units.run(lambda tx, regime: judge(tx, Verdict.DIFFERENT, ("crm:1", "crm:q0"), said(regime)))
    await units.run(lambda tx, regime: unlink(tx, ("cookie:3", "phone:3"), 30 * SECOND, said(regime)))
    await units.run(lambda tx, regime: overrule(tx, "device:1", said(regime)))
    return graph


async def test_a_right_graph_is_right(world: Graph) -> None:
    checked = await check_sample(world, RULES)
    assert (checked.wrong, checked.too_large) == ([], [])
    (counted,) = await world.run("MATCH (c:Customer) WHERE NOT c:Former RETURN count(c) AS customers")
    assert checked.looked_at == counted["customers"] >= 8


DAMAGE = {
    "one that moved": "MATCH (i:Identifier {key: 'phone:1'})-[b:BELONGS_TO]->(), (:Identifier {key: 'crm:2'})-[:BELONGS_TO]->(c) "
    "DELETE b CREATE (i)-[:BELONGS_TO {since: datetime()}]->(c)",
    "one that parted": "MATCH (i:Identifier {key: 'phone:1'})-[b:BELONGS_TO]->() DELETE b "
    "CREATE (i)-[:BELONGS_TO {since: datetime()}]->(:Customer {id: 'cus_0', created_at: datetime()})",
    "a time": "MATCH (i:Identifier {key: 'crm:1'}) SET i.last_seen = datetime()",
    "a quarantine": "MATCH (i:Identifier {key: 'device:shop'}) REMOVE i.quarantined",
    "evidence": "MATCH (:Event)-[o:OBSERVED]->(i:Identifier {key: 'phone:2'}) DELETE o",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_what_does_not_follow_from_the_events_is_found(world: Graph, damage: str) -> None:
    await world.run(damage)
    assert (await check_sample(world, RULES)).wrong


async def test_a_sample_is_drawn_and_what_is_too_large_is_left_out_and_counted(world: Graph) -> None:
    some = await check_sample(world, RULES, sample=3)
    assert 1 <= some.looked_at <= 3
    none = await check_sample(world, RULES, most_events=0)
    assert none.looked_at == 0
    assert len(none.too_large) >= 8


@pytest.mark.usefixtures("environment")
async def test_the_doctor_tells_it(world: Graph) -> None:
    run = CliRunner(env={"COLUMNS": "300"}).invoke
    well = await to_thread(run, app, ["doctor"])
    assert "customers with their events: all agree; not compared: links" in well.stdout
    await world.run("MATCH (i:Identifier {key: 'crm:1'}) SET i.last_seen = datetime()")
    ill = await to_thread(run, app, ["doctor", "--format", "json"])
    told = json.loads(ill.stdout)
    assert ill.exit_code == 1
    assert (told["verdict"], [found["code"] for found in told["findings"]]).count("act") == 1
    assert "customers_differ" in [found["code"] for found in told["findings"]]
    assert len(told["checked"]["differ"]) == 1
    assert "sessions" in told["checked"]["not_looked_at"]


@pytest.mark.usefixtures("environment")
async def test_nothing_is_compared_while_rules_are_applied(world: Graph) -> None:
    await world.run("MATCH (r:RuleSet {version: 1}) SET r.status = 'APPLYING', r.progress = 0.5")
    run = CliRunner(env={"COLUMNS": "300"}).invoke
    assert "not completely applied yet" in (await to_thread(run, app, ["doctor"])).stdout
    assert json.loads((await to_thread(run, app, ["doctor", "--format", "json"])).stdout)["checked"] is None


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rules=any_rules, steps=revising)
async def test_no_right_customer_is_called_wrong(graph: Graph, rules: RuleSet, steps: list[Step]) -> None:
    one = World(graph, rules)
    await one.open()
    for step in steps:
        await one.run(step)
    assert (await check_sample(graph, rules)).wrong == []
