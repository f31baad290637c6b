"""A bridge is what its name says: without the evidence of that pair, and of no other, the customer falls apart."""

from hypothesis import HealthCheck, given, settings

from identity_graph.domain.judgements import Verdict
from identity_graph.service.holding import Holding, find_falls, find_joins, read_parts
from identity_graph.service.parts import Parts
from identity_graph.store.graph import Graph
from identity_graph.store.query import Transaction
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

    async def work(tx: Transaction, parts: Parts) -> list[tuple[Holding, Holding]]:
        known = await parts.load_known(tx, ids)
        joined, falling = await find_joins(tx, parts, known), await find_falls(tx, parts, known)
        return [(joined[id], falling[id]) for id in ids]

    holdings = await read_parts(graph, world.rules, 1, work)
    links = set(world.evidence().links)
    same = {(j.a, j.b) for j in world.judgements if j.verdict is Verdict.SAME}
    for joined, holding in holdings:
        members = frozenset(holding.part.members)
        assert len(joined.joins) == len(members) - 1
        assert {join.pair for join in joined.joins} <= holding.held
        for pair in links | same:
            if members.issuperset(pair):
                customers = {customer & members for customer in world.resolve(without=pair).customers} - {frozenset()}
                assert set(holding.falls.get(pair, [members])) == customers, pair
            else:
                assert pair not in holding.falls
