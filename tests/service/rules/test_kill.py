"""Rules are applied to the end, whatever is killed meanwhile: the service, and Neo4j."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Event
from identity_graph.runtime import ServerHandle, ensure_server
from identity_graph.service.commit.taking_in import take_in
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from tests.killing import ask, in_force_when, kill, own, start_service
from tests.worlds.stored import check_stored
from tests.worlds.worlds import SECOND, keep_rules, make_event, make_rules, to_yaml

__all__ = ["own"]

PEOPLE = 2000
"""Each has four identifiers: enough that the application of rules takes some seconds, in which it can be killed twice."""

SIGN_INS = 160
"""Of people on tablets that others use, too."""

TABLETS = 20
AT_ONCE = 1000
BEFORE = make_rules(max_partners=20)
AFTER = replace(
    make_rules(conflict=Conflict.OLDEST, max_partners=20),
    namespaces={
        name: replace(rule, blocked=frozenset({"tablet1", "x2"}))
        for name, rule in make_rules(conflict=Conflict.OLDEST, max_partners=20).namespaces.items()
    },
    session_gap=5 * SECOND,
)


def world() -> list[Event]:
    """Make the events of people who share tablets."""
    events = [
        make_event(n, n, (f"crm:x{n}", f"phone:x{n}", f"device:x{n}", f"cookie:x{n}"), BEFORE) for n in range(PEOPLE)
    ]
    for n in range(SIGN_INS):
        keys = (f"crm:x{n * 7 % PEOPLE}", f"device:tablet{n % TABLETS}")
        events.append(make_event(PEOPLE + n, PEOPLE + n, keys, BEFORE))
    return events


def rules_when(settings: Settings, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    return in_force_when(settings, "rules", wanted)


@pytest.mark.timeout(900)
async def test_rules_are_applied_to_the_end_though_the_service_and_neo4j_are_killed(own: Settings) -> None:
    events = world()
    server = ensure_server(own)
    await load(server, events)
    service = start_service(own)
    try:
        assert rules_when(own, lambda rules: rules["status"] == "ACTIVE")["version"] == 1
        apply = "mutation($yaml: String!) { applyRules(yaml: $yaml, expectedVersion: 1) { rules { status } } }"
        assert ask(own, apply, yaml=to_yaml(AFTER))["applyRules"] == {"rules": {"status": "APPLYING"}}
        reached = rules_when(own, lambda rules: rules["progress"] >= 0.1)
        assert reached["status"] == "APPLYING", "it was done before it could be killed"
        kill(service.pid)
        service.wait()
        service = start_service(own)
        reached = rules_when(own, lambda rules: rules["progress"] >= max(0.5, reached["progress"]))
        assert reached["status"] == "APPLYING", "it was done before it could be killed"
        kill(server.pid)
        server = ensure_server(own)
        done = rules_when(own, lambda rules: rules["status"] != "APPLYING")
    finally:
        service.terminate()
        service.wait(60)
    assert done == {"version": 2, "status": "ACTIVE", "progress": 1.0, "error": None}
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await check_stored(graph, [reread_event(event, AFTER) for event in events], AFTER, may_end=True)


async def load(server: ServerHandle, events: list[Event]) -> None:
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await apply_migrations(graph)
        await keep_rules(graph, BEFORE)
        for start in range(0, len(events), AT_ONCE):
            batch = events[start : start + AT_ONCE]
            await graph.write(lambda tx, batch=batch: take_in(tx, batch, Regime(BEFORE, 1, 10**15)))
        counted = await graph.run("MATCH (i:Identifier) RETURN count(i) AS identifiers")
        assert counted[0]["identifiers"] >= 4 * PEOPLE
