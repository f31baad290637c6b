"""A bridge is what its name says: without the evidence of that pair, and of no other, the customer falls apart."""

from hypothesis import given

from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.rules.rule_set import Conflict, RuleSet
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.explaining.holding import Holding, find_falls, find_joins, read_parts
from identity_graph.service.explaining.parts import Parts
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.judged_worlds import JudgedWorld, judged_worlds
from tests.worlds.stored import read_stored
from tests.worlds.worlds import make_event, make_rules

EXAMPLES = examples(80)


@EXAMPLES
@given(world=judged_worlds())
async def test_a_pair_is_a_bridge_exactly_when_the_customer_falls_apart_without_it(
    graph: Graph, world: JudgedWorld
) -> None:
    await wipe(graph)
    await check_falls(graph, world)


async def test_a_link_may_hold_a_customer_by_leaving_another_end_to_nobody(graph: Graph) -> None:
    """Nobody gets the phone while two accounts claim it; without one of the claims the other one takes it along."""
    rules = make_rules(conflict=Conflict.NOBODY)
    events = [("device:2", "openid:wxA/1", "phone:1"), ("openid:wxA/2", "phone:1")]
    falls = await check_falls(graph, make_world(rules, events, ("device:2", "phone:1")))
    assert ("openid:wxA/1", "phone:1") in falls


async def test_a_link_may_hold_a_customer_by_keeping_an_end_quarantined(graph: Graph) -> None:
    """The device was seen with one account too many; without one of them it goes with the other."""
    rules = make_rules(max_partners=1)
    events = [("device:3", "openid:wxA/2"), ("cookie:4", "device:3", "openid:wxA/1")]
    falls = await check_falls(graph, make_world(rules, events, ("cookie:4", "device:3")))
    assert ("device:3", "openid:wxA/1") in falls


def make_world(rules: RuleSet, seen: list[tuple[str, ...]], same: tuple[str, str]) -> JudgedWorld:
    events = [make_event(number, number, keys, rules) for number, keys in enumerate(seen)]
    return JudgedWorld(rules, [events], frozenset({Judgement.of(Verdict.SAME, *same)}))


async def check_falls(graph: Graph, world: JudgedWorld) -> set[Pair]:
    """Store a world and compare the bridges of every customer with what is true without each pair; return them all."""
    await world.store(graph)
    expected = world.resolve()
    stored = await read_stored(graph)
    assert stored.parts() == expected.customers
    ids = sorted(stored.customers)

    async def work(tx: ReadTransaction, parts: Parts) -> list[tuple[Holding, Holding]]:
        known = await parts.load_known(tx, ids)
        joined, falling = await find_joins(tx, parts, known), await find_falls(tx, parts, known)
        return [(joined[id], falling[id]) for id in ids]

    holdings = await read_parts(graph, VersionedRules(world.rules, 1), work)
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
    return {pair for _, holding in holdings for pair in holding.falls}
