"""Whatever is broken by hand in a graph is found and repaired from the events, and what was right stays as it was."""

import json
from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import Statement, judge, overrule
from identity_graph.service.health import checking, mending
from identity_graph.service.health.mending import Broken, look_at_all, mend
from identity_graph.store.driver.graph import Graph
from tests.worlds.stored import check_stored, read_stored
from tests.worlds.worlds import keep_rules, make_event, make_rules

RULES = make_rules(max_partners=2, conflict=Conflict.NEWEST)
SEEN: Sequence[tuple[int, tuple[str, ...]]] = [
    (1, ("crm:1", "phone:1", "cookie:1")),
    (2, ("crm:2", "phone:2")),
    (3, ("crm:1", "device:1")),
    (4, ("crm:2", "device:1")),
    *((5 + n, (f"crm:q{n}", "device:shop")) for n in range(4)),
    (20, ("openid:wxA/1", "openid:wxA/2", "cookie:2")),
    (21, ("phone:3", "cookie:3")),
    (9000, ("crm:1", "phone:1")),
]
JUDGED = {Judgement.of(Verdict.SAME, "cookie:2", "crm:2"), Judgement.of(Verdict.DIFFERENT, "crm:1", "crm:q0")}
OVERRULED = Corrections(overruled=frozenset(["device:1"]))

World = tuple[Units, list[Event]]


@pytest.fixture
async def world(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a graph with customers that meet at tablets, and some that people judged."""
    monkeypatch.setattr(checking, "_WAIT_SECONDS", 0.01)
    await keep_rules(graph, RULES)
    units = Units(graph, InForce(RULES, 1))
    await units.open()
    events = [make_event(number, at, keys, RULES) for number, (at, keys) in enumerate(SEEN)]
    events[0] = replace(events[0], traits={"city": "Bern", "age": 41})
    await units.run(lambda tx, regime: take_in(tx, events, regime))

    def said(regime: Regime) -> Statement:
        return Statement(reason="?", actor="test", regime=regime)

    await units.run(lambda tx, regime: judge(tx, Verdict.SAME, ("cookie:2", "crm:2"), said(regime)))
    await units.run(lambda tx, regime: judge(tx, Verdict.DIFFERENT, ("crm:1", "crm:q0"), said(regime)))
    await units.run(lambda tx, regime: overrule(tx, "device:1", said(regime)))
    return units, events


MOVED = (
    "MATCH (i:Identifier {key: 'phone:1'})-[b:BELONGS_TO]->(), (:Identifier {key: 'crm:2'})-[:BELONGS_TO]->(c) "
    "DELETE b CREATE (i)-[:BELONGS_TO {since: datetime()}]->(c)"
)
DAMAGE = {
    "an identifier of another customer": MOVED,
    "an identifier of two customers": "MATCH (i:Identifier {key: 'phone:1'}), (:Identifier {key: 'crm:2'})-[:BELONGS_TO]->(c) "
    "CREATE (i)-[:BELONGS_TO {since: datetime()}]->(c)",
    "an identifier without a customer": "MATCH (:Identifier {key: 'cookie:1'})-[b:BELONGS_TO]->() DELETE b",
    "a missing customer": "MATCH (:Identifier {key: 'crm:1'})-[:BELONGS_TO]->(c) DETACH DELETE c",
    "a customer without identifiers": "CREATE (:Customer {id: 'cus_0', created_at: datetime(), updated_at: datetime()})",
    "one that parted": "MATCH (i:Identifier {key: 'phone:1'})-[b:BELONGS_TO]->() DELETE b "
    "CREATE (i)-[:BELONGS_TO {since: datetime()}]->(:Customer {id: 'cus_0', created_at: datetime()})",
    "first and last seen": "MATCH (i:Identifier {key: 'crm:1'}) SET i.last_seen = datetime(), i.first_seen = datetime()",
    "no first and last seen": "MATCH (i:Identifier {key: 'crm:1'}) REMOVE i.last_seen, i.first_seen, i.partners",
    "totals": "MATCH (:Identifier {key: 'crm:1'})-[:BELONGS_TO]->(c) SET c.size = 99, c.counts = '{}', c.last_seen = datetime()",
    "a count of partners": "MATCH (i:Identifier {key: 'device:1'}) SET i.partners = '{\"crm\": 7}'",
    "a quarantine too few": "MATCH (i:Identifier {key: 'device:shop'}) REMOVE i.quarantined, i.quarantined_at",
    "a quarantine too many": "MATCH (i:Identifier {key: 'crm:1'}) SET i.quarantined = true, i.quarantined_at = datetime()",
    "a link less": "MATCH (:Identifier {key: 'crm:1'})-[l:OBSERVED_WITH]-(:Identifier {key: 'phone:1'}) DELETE l",
    "a link more": "MATCH (a:Identifier {key: 'cookie:3'}), (b:Identifier {key: 'crm:1'}) CREATE (a)-[:OBSERVED_WITH "
    "{first_seen: datetime(), last_seen: datetime(), count: 1, sources: ['test']}]->(b)",
    "a link twice": "MATCH (a:Identifier {key: 'crm:1'})-[l:OBSERVED_WITH]->(b:Identifier {key: 'phone:1'}) "
    "CREATE (a)-[n:OBSERVED_WITH]->(b) SET n = properties(l)",
    "the count of a link": "MATCH (:Identifier {key: 'crm:1'})-[l:OBSERVED_WITH]-() SET l.count = 17, l.sources = ['x']",
    "a refusal that cannot be read": "MATCH (:Identifier {key: 'crm:1'})-[l:OBSERVED_WITH]-(:Identifier {key: 'phone:1'}) "
    'SET l.witness = \'["count","crm",1,1]\', l.refused_at = datetime()',
    "a refusal that is none": "MATCH (:Identifier {key: 'crm:1'})-[l:OBSERVED_WITH]-(:Identifier {key: 'phone:1'}) "
    "SET l.witness = '[\"different\"]', l.refused_at = datetime()",
    "an event that observes less": "MATCH (:Event)-[o:OBSERVED]->(i:Identifier {key: 'phone:2'}) DELETE o",
    "a missing identifier": "MATCH (i:Identifier {key: 'phone:3'}) DETACH DELETE i",
    "an identifier of no event": "MATCH (:Identifier {key: 'crm:1'})-[:BELONGS_TO]->(c) CREATE (:Identifier:Cookie {key: 'cookie:9', "
    "namespace: 'cookie', value: '9', first_seen: datetime(), last_seen: datetime(), partners: '{}'})-[:BELONGS_TO {since: datetime()}]->(c)",
    "an orphan session": "CREATE (:Session {id: 'ses_0', visitor: 'cookie:none', started_at: datetime()})",
    "a session without an owner": "MATCH (s:Session)-[o:OF]->() WITH o LIMIT 1 DELETE o",
    "an event without its session": "MATCH (e:Event)-[i:IN]->(s:Session) WITH i LIMIT 1 DELETE i",
    "the totals of a session": "MATCH (s:Session) WITH s LIMIT 1 SET s.touchpoint_count = 9, s.ended_at = datetime()",
    "a trait": "MATCH (t:Trait {name: 'city'}) SET t.value = '\"Rome\"'",
    "a missing trait": "MATCH (t:Trait {name: 'age'}) DETACH DELETE t",
    "the rules of a customer": "MATCH (:Identifier {key: 'crm:1'})-[:BELONGS_TO]->(c) SET c.rule_version = 7",
}


async def check_is_right(world: World) -> None:
    units, events = world
    await check_stored(units.graph, events, RULES, JUDGED, OVERRULED, may_end=True, catalogue=units.in_force.catalogue)


async def owners(graph: Graph) -> dict[str, Any]:
    return {key: row["customers"] for key, row in (await read_stored(graph)).identifiers.items()}


async def test_nothing_is_found_in_a_right_graph_and_nothing_is_written(world: World) -> None:
    units, _ = world
    before = await units.graph.run("MATCH (n) RETURN elementId(n) AS id, properties(n) AS row ORDER BY id")
    walk = await look_at_all(units)
    assert (walk.broken, walk.too_large) == ([], [])
    assert walk.looked_at >= 8
    assert await units.graph.run("MATCH (n) RETURN elementId(n) AS id, properties(n) AS row ORDER BY id") == before
    assert (await mend(units, walk.broken)).mended == []


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_what_is_broken_is_found_and_mended(world: World, damage: str) -> None:
    units, _ = world
    await check_is_right(world)
    before = await owners(units.graph)
    await units.graph.run(damage)
    walk = await look_at_all(units)
    assert walk.broken
    done = await mend(units, walk.broken)
    assert done.unmended == []
    assert done.mended
    await check_is_right(world)
    after = await owners(units.graph)
    neighbours = {
        key for key in before if key.startswith("crm:q") or key in ("device:shop", "cookie:3", "openid:wxA/1")
    }
    assert {key: after[key] for key in neighbours} == {key: before[key] for key in neighbours}
    again = await look_at_all(units)
    assert again.broken == []
    assert (await mend(units, again.broken)).mended == []


@pytest.mark.usefixtures("environment")
async def test_the_doctor_tells_it_mends_it_and_records_it(world: World) -> None:
    units, _ = world
    graph = units.graph
    invoke = CliRunner(env={"COLUMNS": "300"}).invoke

    async def doctor(*arguments: str) -> tuple[int, dict[str, Any]]:
        told = await to_thread(invoke, app, ["doctor", "--format", "json", *arguments])
        return told.exit_code, json.loads(told.stdout)

    (owner,) = (await owners(graph))["crm:2"]
    taken = MOVED.replace("phone:1", "device:1").replace("crm:2", "crm:1")
    await graph.run(taken)
    exit_code, told = await doctor("--whole")
    assert (exit_code, owner in told["checked"]["differ"], told["repaired"]) == (1, True, None)
    assert await graph.run("MATCH (a:AuditEntry {operation: 'doctor'}) RETURN a.id") == []
    exit_code, told = await doctor("--whole", "--fix")
    assert (exit_code, told["not_repaired"]) == (0, [])
    gained = {one["customer_id"]: one["joined"] for repair in told["repaired"] for one in repair["customers"]}
    assert gained[owner] == ["device:1"]
    assert "repaired" in [finding["code"] for finding in told["findings"]]
    assert [
        row["action"] for row in await graph.run("MATCH (a:AuditEntry {operation: 'doctor'}) RETURN a.action AS action")
    ] == ["identity.correct"]
    changes = await graph.run(
        "MATCH (c:Change {trigger_kind: 'RULES'})-[:AFFECTED]->(:Customer {id: $id}) RETURN c.kind AS kind", id=owner
    )
    assert [row["kind"] for row in changes] == ["IDENTIFIER_MOVED"]
    await check_is_right(world)
    exit_code, told = await doctor("--whole", "--fix")
    assert (exit_code, told["repaired"], told["not_repaired"]) == (0, [], [])
    await graph.run(taken)
    text = await to_thread(invoke, app, ["doctor", "--fix"])  # of the sample, which a small graph is as a whole
    assert f"customer {owner}: identifier device:1 joined" in text.stdout
    await check_is_right(world)


async def test_what_is_too_large_is_named_and_left_as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    units, _ = world
    monkeypatch.setattr(mending, "MOST_EVENTS", 2)
    await units.graph.run(MOVED)
    walk = await look_at_all(units)
    assert walk.too_large
    (owner,) = (await owners(units.graph))["crm:1"]
    done = await mend(units, [Broken(owner, ("identifiers",))])
    assert [one.broken.subject for one in done.unmended] == [owner]
    assert done.mended == []
