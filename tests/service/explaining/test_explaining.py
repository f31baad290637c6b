"""Why: what is said of two identifiers agrees with what is stored, and with what would be without a pair's evidence."""

from collections import Counter
from itertools import combinations

from hypothesis import given

from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.identifiers import Identifier, RawIdentifier
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.explaining.explaining import Explanation, explain
from identity_graph.store.customers.links import page_refused_links
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.judged_worlds import JudgedWorld, judged_worlds
from tests.worlds.stored import Stored, read_stored

EXAMPLES = examples(30)


@EXAMPLES
@given(world=judged_worlds())
async def test_an_explanation_agrees_with_what_is_stored(graph: Graph, world: JudgedWorld) -> None:
    await wipe(graph)
    await world.store(graph)
    stored = await read_stored(graph)
    for a, b in combinations(sorted(stored.identifiers), 2):
        found = await why(graph, world, a, b)
        if stored.identifiers[a]["customers"] == stored.identifiers[b]["customers"]:
            check_linked(world, found, a, b)
        else:
            check_apart(world, stored, found, a, b)


@EXAMPLES
@given(world=judged_worlds())
async def test_a_list_of_refused_links_has_the_codes_that_follow_from_the_facts(
    graph: Graph, world: JudgedWorld
) -> None:
    await wipe(graph)
    await world.store(graph)
    ids = sorted((await read_stored(graph)).customers)
    rows = await graph.read(
        lambda tx: page_refused_links(
            tx, customer_ids=ids, after_a="", after_b="", limit=1000, max_identifiers=world.rules.max_identifiers
        )
    )
    found = Counter((row.a, row.b, row.refused) for row in rows)
    assert found == {tuple(link): 2 for link in world.resolve().refused}


async def why(graph: Graph, world: JudgedWorld, a: str, b: str) -> Explanation:
    one, other = (RawIdentifier(*Identifier.from_key(key)) for key in (a, b))
    return await explain(graph, one, other, Regime(world.rules, 1, 10**15))


def check_linked(world: JudgedWorld, found: Explanation, a: str, b: str) -> None:
    assert (found.linked, found.blocked_by) == (True, [])
    check_path(world, found, a, b)
    assert all(link.refused is None for link in found.path)
    bridges = {link.pair for link in found.bridges}
    resolution = world.resolve()
    (customer,) = [customer for customer in resolution.customers if a in customer]
    for pair in combinations(sorted(customer), 2):
        assert (pair in bridges) == (not is_one(world, a, b, pair)), pair
    assert "the same customer" in found.text


def check_apart(world: JudgedWorld, stored: Stored, found: Explanation, a: str, b: str) -> None:
    assert (found.linked, found.bridges) == (False, [])
    codes = {link.pair: link.refused for link in found.path if link.refused}
    expected = {(link.a, link.b): link.code for link in world.resolve().refused}
    owner = {key: row["customers"][0] for key, row in stored.identifiers.items()}
    for pair, code in codes.items():
        judged_only = pair not in expected
        assert code == (RefusalCode.JUDGED_DIFFERENT if judged_only else expected[pair])
    assert all((owner[link.pair[0]] == owner[link.pair[1]]) == (link.refused is None) for link in found.path)
    if found.path:
        check_path(world, found, a, b)
        assert found.blocked_by
        assert set(codes.values()) <= {item.code for item in found.blocked_by}
    else:
        assert not is_reachable(world, a, b)
        assert "Nothing that counts connects them" in found.text
    assert "different customers" in found.text


def check_path(world: JudgedWorld, found: Explanation, a: str, b: str) -> None:
    """Follow the path: it leads from one end to the other, and shows what was observed."""
    links = world.evidence().links
    key = a
    for link in found.path:
        assert key in link.pair
        key = link.pair[0] if key == link.pair[1] else link.pair[1]
        seen = links.get(link.pair)
        assert link.count == (0 if seen is None else seen.count)
        assert seen is not None or link.judgement is not None
        if seen is not None:
            assert (link.first_seen, link.last_seen) == (seen.first_seen, seen.last_seen)
            assert set(link.sources) == seen.sources
    assert key == b


def is_one(world: JudgedWorld, a: str, b: str, without: Pair) -> bool:
    return any(a in customer and b in customer for customer in world.resolve(without).customers)


def is_reachable(world: JudgedWorld, a: str, b: str) -> bool:
    """Walk over everything that was observed or judged to be the same."""
    pairs = [*world.evidence().links, *((j.a, j.b) for j in world.judgements if j.verdict == "same")]
    known = set(world.evidence().identifiers)
    reached = {a}
    while True:
        more = {key for pair in pairs if reached & set(pair) and known.issuperset(pair) for key in pair}
        if more <= reached:
            return b in reached
        reached |= more
