"""Several writers at once come to the same customers as one."""

import asyncio
import random

import pytest

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import EventResult, take_in
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import TestServer
from tests.worlds.stored import check_stored
from tests.worlds.worlds import VALUES, make_event, make_rules

KEYS = [f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values]


@pytest.mark.parametrize("seed", range(6))
async def test_concurrent_writers_leave_what_follows_from_all_events(
    graph: Graph, neo4j_server: TestServer, seed: int
) -> None:
    rng = random.Random(seed)
    rules = make_rules(
        conflict=rng.choice(list(Conflict)), max_identifiers=rng.choice([5, 500]), max_partners=rng.choice([2, 50])
    )
    events = [
        make_event(number, rng.randrange(60), tuple(rng.sample(KEYS, rng.randrange(1, 4))), rules)
        for number in range(80)
    ]
    streams = [rng.sample(events, len(events) // 2) for _ in range(4)]
    streams.append([event for event in events if not any(event in stream for stream in streams)])

    async def write(stream: list[Event]) -> list[EventResult]:
        server = neo4j_server
        results: list[EventResult] = []
        async with await Graph.connect(server.uri, server.user, server.password, server.database) as own:
            while stream:
                size = rng.randrange(1, 6)
                batch, stream = stream[:size], stream[size:]
                taken = await own.write(lambda tx, batch=batch: take_in(tx, batch, Regime(rules, 1, 10**15)))
                results += taken.results
        return results

    outcomes = await asyncio.gather(*(write(stream) for stream in streams))
    results = [result for outcome in outcomes for result in outcome]
    assert sum(not result.duplicate for result in results) == len(events), "each event is new exactly once"
    await check_stored(graph, events, rules)
