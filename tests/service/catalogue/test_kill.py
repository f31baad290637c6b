"""A catalogue is applied to the end though the service is killed in the midst of it, twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Event
from identity_graph.runtime import ensure_server
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.profiles.catalogues import adopt_catalogue
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from tests.killing import ask, in_force_when, kill, own, start_service
from tests.neo4j_server import wipe
from tests.worlds.worlds import keep_rules, make_event, make_rules

__all__ = ["own"]

PEOPLE = 500
"""Each has four identifiers and two events: enough that the application takes some steps, between which it is killed twice."""

AT_ONCE = 1000
RULES = make_rules()
AFTER = """time_zone: Asia/Tokyo
traits:
  points: {type: integer, policy: sum}
  city: {type: text, policy: oldest}
  visits: {policy: active_days}
commerce: {order_scope: {property: number}}
channels: {sources: {test: {channel: STORE}}}
"""
APPLY = "mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { status } } }"
DERIVED = {
    "traits": "MATCH (i:Identifier)-[:HAS_TRAIT]->(t:Trait) RETURN i.key + ' ' + t.name AS id, properties(t) AS found",
    "orders": "MATCH (o:Order) RETURN o.id AS id, {all: properties(o), of: [(o)-[:OF]->(i) | i.key], "
    "told: COLLECT { MATCH (e)-[:REPORTS]->(o) RETURN e.message_id ORDER BY e.message_id }} AS found",
    "events": "MATCH (e:Event) RETURN e.id AS id, {channel: e.channel, campaign: e.campaign} AS found",
    "sessions": "MATCH (s:Session) RETURN s.id AS id, properties(s) AS found",
}


def world() -> list[Event]:
    """Make the events of people who claim traits and buy."""
    events: list[Event] = []
    for n in range(PEOPLE):
        keys = (f"crm:x{n}", f"phone:x{n}", f"device:x{n}", f"cookie:x{n}")
        traits = {"points": n % 7, "city": f"city {n % 5}", "visits": n}
        events.append(replace(make_event(n, n, keys, RULES), traits=traits))
        later = make_event(PEOPLE + n, PEOPLE + 40_000 * n, (f"cookie:x{n}",), RULES)
        events.append(replace(later, traits={"points": 5, "city": "the last", "visits": 1}))
    return events


def under(event: Event, catalogue: Catalogue) -> Event:
    """Give an event as the collector reads it under a catalogue."""
    origin = find_origin(Said(event.source, event.type, event.context, event.properties), catalogue.channels)
    return replace(event, channel=origin.channel, campaign=origin.campaign)


async def take_all_in(graph: Graph, events: list[Event], catalogue: Catalogue, version: int) -> None:
    await keep_rules(graph, RULES)
    regime = Regime(RULES, 1, 10**15, catalogue, version)
    for start in range(0, len(events), AT_ONCE):
        batch = [under(event, catalogue) for event in events[start : start + AT_ONCE]]
        await graph.write(lambda tx, batch=batch: take_in(tx, batch, regime))


async def read_derived(graph: Graph) -> dict[str, dict[str, Any]]:
    """Read all that follows from events and the catalogue."""
    return {part: {row["id"]: row["found"] for row in await graph.run(text)} for part, text in DERIVED.items()}


def catalogue_when(settings: Settings, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    return in_force_when(settings, "catalogue", wanted)


@pytest.mark.timeout(900)
async def test_a_catalogue_is_applied_to_the_end_though_the_service_is_killed_twice(own: Settings) -> None:
    events = world()
    server = ensure_server(own)
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await apply_migrations(graph)
        await graph.write(lambda tx: adopt_catalogue(tx, 1))
        await take_all_in(graph, events, load_catalogue(), 1)
        before = await read_derived(graph)
        service = start_service(own)
        try:
            assert catalogue_when(own, lambda found: found["status"] == "ACTIVE")["version"] == 1
            assert ask(own, APPLY, yaml=AFTER)["applyCatalogue"] == {"catalogue": {"status": "APPLYING"}}
            for least in (0.1, 0.5):
                reached = catalogue_when(own, lambda found, least=least: found["progress"] >= least)
                assert reached["status"] == "APPLYING", "it was done before it could be killed"
                kill(service.pid)
                service.wait()
                service = start_service(own)
            done = catalogue_when(own, lambda found: found["status"] != "APPLYING")
        finally:
            service.terminate()
            service.wait(60)
        assert done == {"version": 2, "status": "ACTIVE", "progress": 1.0, "error": None}
        found = await read_derived(graph)
        await wipe(graph)
        await take_all_in(graph, events, parse_catalogue(AFTER), 2)
        expected = await read_derived(graph)
    for part, rows in expected.items():
        assert found[part].keys() == rows.keys(), part
        assert {id: found[part][id] for id, row in rows.items() if found[part][id] != row} == {}, part
        assert rows != before[part], f"the catalogue changes nothing of the {part}"
