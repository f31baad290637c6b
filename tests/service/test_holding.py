"""A bridge is what its name says: without the evidence of that pair, and of no other, the customer falls apart."""

from hypothesis import HealthCheck, given, settings

from identity_graph.domain.judgements import Verdict
from identity_graph.service.holding import read_holdings
from identity_graph.store.graph import Graph
from tests.neo4j_server import wipe
from tests.service.judged_worlds import JudgedWorld, judged_worlds
from tests.service.stored import read_stored

EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@EXAMPLES
@given(world=judged_worlds())
async def test_a_pair_is_a_bridge_exactly_when_the_customer_falls_apart_without_it(
    graph: Graph, world: JudgedWorld
) -> None:
    await wipe(graph)
    await world.store(graph)
    expected = world.resolve()
    stored = await read_stored(graph)
    assert stored.parts() == expected.customers
    ids = sorted(stored.customers)
    holdings = await read_holdings(graph, ids, rules=world.rules, rule_version=1, with_bridges=True)
    links = set(world.evidence().links)
    same = {(j.a, j.b) for j in world.judgements if j.verdict is Verdict.SAME}
    for holding in holdings:
        assert holding is not None
        members = frozenset(holding.part.members)
        assert len(holding.joins) == len(members) - 1
        assert {join.pair for join in holding.joins} <= holding.held.keys()
        for pair in links | same:
            if members.issuperset(pair):
                customers = {customer & members for customer in world.resolve(without=pair).customers} - {frozenset()}
                assert set(holding.falls.get(pair, [members])) == customers, pair
            else:
                assert pair not in holding.falls
