"""A graph that was written under reading 2 is opened by this version, stays right and goes on; none of its log is lost."""

import asyncio
from pathlib import Path

from identity_graph.domain.rules.difference import READING
from identity_graph.service.changes.log import ChangeFilter, read_changes
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.service.corrections.corrections import retract_observation
from identity_graph.service.reads import Reads
from identity_graph.service.rules.changing import get_rule_set
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import find_pending, read_migrations
from tests.worlds.kept_graphs import KeptGraph

KEPT = KeptGraph(Path(__file__).parent / "graph_of_reading_2")
LATER = {
    "type": "track",
    "event": "later",
    "messageId": "later-1",
    "timestamp": "2026-01-14T08:00:00Z",
    "userId": "u2",
    "anonymousId": "c1",
}


async def load(graph: Graph, name: str) -> Graph:
    """Give a graph as it was left then: later migrations are still to be applied to it."""
    known = [row["version"] for row in KEPT.facts["migrations"]]
    await graph.run("MATCH (m:Migration) WHERE m.version > 0 AND NOT m.version IN $known DELETE m", known=known)
    return await KEPT.load(graph, name)


async def until_applied(graph: Graph) -> int:
    async with asyncio.timeout(60):
        while (current := await graph.read(get_rule_set)).status != "ACTIVE":  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)
    return current.version


def test_the_migrations_that_it_remembers_are_as_they_were() -> None:
    today = {migration.version: (migration.name, migration.checksum) for migration in read_migrations()}
    kept = {row["version"]: (row["name"], row["checksum"]) for row in KEPT.facts["migrations"]}
    assert kept
    assert kept.items() <= today.items()


async def test_it_is_right_as_it_is_until_values_are_read_otherwise(graph: Graph) -> None:
    await load(graph, "applied.ndjson")
    current = await graph.read(get_rule_set)
    assert (current.version, current.status) == (2, "ACTIVE")
    if current.reading == READING:
        await KEPT.check(graph)
    assert await graph.run("MATCH (d:DeadLetter) RETURN count(d) AS letters") == [{"letters": 1}]


async def test_a_service_opens_it_and_goes_on(graph: Graph, settings: Settings) -> None:
    await load(graph, "applied.ndjson")
    before = await graph.run("MATCH (c:Change) RETURN c.position AS position, c.id AS id ORDER BY position")
    assert before
    async with open_service(settings) as service:
        assert await find_pending(graph) == []
        await until_applied(graph)
        await KEPT.check(graph)
        await collect(service, [LATER], source=KEPT.facts["source"], received_at=KEPT.facts["received_at"])
        more = KEPT.read([LATER], service.units.in_force.rules)
        await KEPT.check(graph, *more)
        await retract_observation(service, KEPT.facts["source"], LATER["messageId"], "support")
    page = await read_changes(Reads(graph), ChangeFilter(), first=1000, after=None, newest_first=False)
    log = [(change.position, change.id) for change in page.items]
    assert log[: len(before)] == [(row["position"], row["id"]) for row in before]
    assert [position for position, _ in log] == list(range(1, len(log) + 1))


async def test_rules_that_it_was_applying_are_applied_to_the_end(graph: Graph, settings: Settings) -> None:
    await load(graph, "applying.ndjson")
    current = await graph.read(get_rule_set)
    assert (current.version, current.status) == (3, "APPLYING")
    async with open_service(settings) as service:
        await until_applied(graph)
        more = KEPT.read(KEPT.facts["while_applying"], service.units.in_force.rules)
        await KEPT.check(graph, *more)
