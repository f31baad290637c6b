"""``check_stored`` sees everything that is wrong with a graph, and says which rule was broken."""

import re

import pytest

from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from tests.worlds.stored import check_stored
from tests.worlds.worlds import keep_rules, make_event, make_rules

RULES = make_rules(max_partners=2)
SEEN = [
    (0, ("crm:1", "cookie:1")),
    (5, ("crm:1", "phone:1")),
    (7, ("crm:2", "phone:2")),
    (9, ("crm:1", "device:1")),  # refused to one of the two, with a witness
    (11, ("crm:2", "device:1")),
    *((number, (f"crm:{number}", "device:2")) for number in (1, 2, 3)),  # quarantined
]
EVENTS = [make_event(number, at, keys, RULES) for number, (at, keys) in enumerate(SEEN)]


def of(key: str) -> str:
    return f"MATCH (i:Identifier {{key: '{key}'}})"


LINK = "MATCH (:Identifier {key: 'cookie:1'})-[l:OBSERVED_WITH]->(:Identifier {key: 'crm:1'})"

FAULTS = {
    "identifiers without exactly one customer": f"{of('phone:1')}-[r:BELONGS_TO]->() DELETE r",
    "members of customers that were merged": f"{of('phone:2')}-[:BELONGS_TO]->(c) SET c:Former",
    "customers: stored alone": f"{of('phone:1')}-[r:BELONGS_TO]->() MATCH (:Identifier {{key: 'crm:2'}})-[:BELONGS_TO]->(c) "
    "DELETE r CREATE (i)-[:BELONGS_TO]->(c)",
    "refused links": "MATCH (c:Customer) SET c.size = 1000",
    "quarantined: stored alone": f"{of('cookie:1')} SET i.quarantined = true",
    "ambiguous owners": f"{of('cookie:1')} SET i.ambiguous = true",
    "customers with members": "CREATE (:Customer {id: 'cus_empty'})",
    "merged ids without one survivor": "CREATE (:Customer:Former {id: 'cus_lost'})",
    "first and last seen of crm:1": f"{of('crm:1')} SET i.last_seen = i.last_seen + duration('PT1S')",
    "labels of crm:1": f"{of('crm:1')} SET i:Wrong",
    "pairs that are linked": f"{LINK} DELETE l",
    "first and last seen of cookie:1 and crm:1": f"{LINK} SET l.first_seen = l.first_seen - duration('PT1S')",
    "count of cookie:1 and crm:1": f"{LINK} SET l.count = l.count + 1",
    "sources of cookie:1 and crm:1": f"{LINK} SET l.sources = ['another']",
    "whether cookie:1 and crm:1 have a witness": f"{LINK} SET l.witness = '[]'",
    "whether crm:1 and device:1 have a witness": f"{of('device:1')}-[l:OBSERVED_WITH]-() SET l.witness = null",
    "partners of device:1": f"{of('device:1')} SET i.partners = '{{}}'",
    "size of": f"{of('crm:3')}-[:BELONGS_TO]->(c) SET c.size = c.size + 1",
    "first seen of": f"{of('crm:3')}-[:BELONGS_TO]->(c) SET c.first_seen = c.first_seen - duration('PT1S')",
    "last seen of": f"{of('crm:3')}-[:BELONGS_TO]->(c) SET c.last_seen = c.last_seen + duration('PT1S')",
    "counts of": f"{of('crm:3')}-[:BELONGS_TO]->(c) SET c.counts = '{{}}'",
    "contested of": f"{of('crm:1')}-[:BELONGS_TO]->(c) SET c.contested = null",
    "contested by window of": f"{of('crm:1')}-[:BELONGS_TO]->(c) SET c.contested_by_window = true",
    "sessions: stored alone": "MATCH (s:Session {visitor: 'cookie:1'}) SET s.channel = 'WRONG'",
    "owner of m1": "MATCH (e:Event {message_id: 'm1'}) SET e.owner = 'crm:9'",
    "events: stored alone": "CREATE (:Event {message_id: 'another'})",
    "keys of m0": "MATCH (:Event {message_id: 'm0'})-[r:OBSERVED]->(:Identifier {key: 'crm:1'}) DELETE r",
    "number of traits": "CREATE (:Trait)",
    "traits with another number of owners": f"MATCH (t:Trait) {of('phone:1')} CREATE (i)-[:HAS_TRAIT]->(t)",
    "traits: stored": "MATCH (t:Trait) SET t.value = '\"another\"'",
}


@pytest.fixture
async def stored(graph: Graph) -> Graph:
    """Give a graph with all that ``check_stored`` looks at."""
    await keep_rules(graph, RULES)
    await graph.write(lambda tx: take_in(tx, EVENTS, Regime(RULES, 1, 10**15)))
    return graph


async def test_a_graph_that_follows_from_its_events_passes(stored: Graph) -> None:
    resolved = await check_stored(stored, EVENTS, RULES)
    assert resolved.quarantined == {"device:2"}
    assert any({link.a, link.b} == {"crm:1", "device:1"} for link in resolved.refused)


@pytest.mark.parametrize("broken", FAULTS)
async def test_what_is_wrong_is_named(stored: Graph, broken: str) -> None:
    await stored.run(FAULTS[broken])
    with pytest.raises(AssertionError, match=re.escape(broken)):
        await check_stored(stored, EVENTS, RULES)
