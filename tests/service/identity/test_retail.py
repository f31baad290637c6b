"""The simulated retailer, shuffled and in batches, under each preset."""

import random

import pytest

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.observations import Message
from identity_graph.service.commit.taking_in import take_in
from identity_graph.simulation.retail import simulate
from identity_graph.store.driver.graph import Graph
from tests.worlds.stored import check_stored

RECEIVED = 1_800_000_000_000_000
PEOPLE = 60


@pytest.mark.parametrize("preset", ["last-login", "first-owner", "never-guess"])
async def test_a_retailers_events_in_any_order_give_the_derived_customers(graph: Graph, preset: str) -> None:
    rules = load_preset(preset)
    read = [
        extract(simulated.message, source="default", received_at=RECEIVED) for simulated in simulate(PEOPLE, seed=5)
    ]
    events = [to_event(message, rules) for message in read if isinstance(message, Message)]
    assert len(events) > 15 * PEOPLE
    rng = random.Random(preset)
    stream = rng.sample(events, len(events))
    while stream:
        size = rng.randrange(1, 150)
        batch, stream = stream[:size], stream[size:]
        await graph.write(lambda tx, batch=batch: take_in(tx, batch, Regime(rules, 1, RECEIVED)))
    resolution = await check_stored(graph, events, rules)
    assert len(resolution.refused) > 0
