"""The stored customers and sessions equal the pure derivation, whatever the order, the repeats and the batches."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.stored import check_stored, read_stored
from tests.worlds.worlds import VALUES, make_rules, source_rules, worlds

EXAMPLES = examples(25)


async def feed(graph: Graph, batches: list[list[Event]], rules: RuleSet) -> None:
    for number, batch in enumerate(batches):
        await graph.write(lambda tx, batch=batch, number=number: take_in(tx, batch, Regime(rules, 1, 10**15 + number)))


@EXAMPLES
@given(world=worlds())
async def test_the_stored_graph_is_what_follows_from_the_events(
    graph: Graph, world: tuple[RuleSet, list[list[Event]]]
) -> None:
    rules, batches = world
    await wipe(graph)
    await feed(graph, batches, rules)
    await check_stored(graph, [event for batch in batches for event in batch], rules)


LIMITED = st.builds(make_rules, sources=st.fixed_dictionaries({"test": source_rules(VALUES)}))


@examples(10)
@given(world=worlds(LIMITED))
async def test_what_a_source_only_claims_joins_nobody(graph: Graph, world: tuple[RuleSet, list[list[Event]]]) -> None:
    rules, batches = world
    events = [event for batch in batches for event in batch]
    await wipe(graph)
    await feed(graph, batches, rules)
    await check_stored(graph, events, rules)
    stored = await read_stored(graph)
    source = rules.sources["test"]
    for a, b in stored.links:
        assert not source.find_claimed([namespace_of(a), namespace_of(b)])


@examples(25)
@given(world=worlds(st.just(make_rules(limits=False))))
async def test_without_limits_customers_are_connected_components(
    graph: Graph, world: tuple[RuleSet, list[list[Event]]]
) -> None:
    rules, batches = world
    await wipe(graph)
    await feed(graph, batches, rules)
    network: nx.Graph[str] = nx.Graph()
    for batch in batches:
        for event in batch:
            nx.add_path(network, [identifier.key for identifier in event.identifiers])
            network.add_nodes_from(identifier.key for identifier in event.identifiers)
    stored = await read_stored(graph)
    assert stored.parts() == {frozenset(component) for component in nx.connected_components(network)}
