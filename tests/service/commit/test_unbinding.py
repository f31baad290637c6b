"""Whatever is bound and unbound, in any order of arrival: customers are what the raw messages say, read with no thought of speed."""

from itertools import combinations
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.collecting.segment.messages import reread_event, to_event
from identity_graph.domain.collecting.sensors.messages import extract
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.values.observations import Event, Message
from identity_graph.service.commit.taking_in import EventResult, take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import AlreadyWithdrawnError, Statement, withdraw
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.rules.changing import apply_all, put_in_force
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.worlds import keep_rules

RULES_TEXT = """
format: 1
namespaces:
  user_id: {label: Account}
  loyalty_id: {label: LoyaltyCard}
  phone: {label: Phone, normalize: phone, max_partners: 1000}
  anonymous_id: {label: Cookie, visitor: true}
"""
RULES = parse_rules(RULES_TEXT, name="test")
NOW = 1_767_225_600_000_000
START = NOW // 1000 - 1_000_000
IDS = {
    "$identity_login_id": ["ann", "bob"],
    "loyalty_id": ["1", "2"],
    "$identity_mobile": ["13800138001", "13800138002"],
    "$identity_cookie_id": ["c1", "c2"],
}
KEYS = {
    **{("$identity_login_id", value): f"user_id:{value}" for value in ("ann", "bob")},
    **{("loyalty_id", value): f"loyalty_id:{value}" for value in "12"},
    **{("$identity_mobile", value): f"phone:+86{value}" for value in IDS["$identity_mobile"]},
    **{("$identity_cookie_id", value): f"anonymous_id:{value}" for value in ("c1", "c2")},
}


def said(kind: str, second: int, *ids: tuple[str, str]) -> dict[str, Any]:
    return {"type": kind, "event": "x", "time": START + second * 1000, "identities": dict(ids), "_track_id": 1}


def bind(second: int, *ids: tuple[str, str]) -> dict[str, Any]:
    return said("track_id_bind", second, *ids)


def unbind(second: int, *ids: tuple[str, str]) -> dict[str, Any]:
    return said("track_id_unbind", second, *ids)


def event_of(message: dict[str, Any]) -> Event:
    read = extract(message, source="shop", received_at=NOW)
    assert isinstance(read, Message)
    return to_event(read, RULES)


def reference(messages: list[dict[str, Any]]) -> set[frozenset[str]]:
    """Connect what was seen together, but for what was unbound then or later."""
    network: nx.Graph[str] = nx.Graph()
    for message in messages:
        keys = [KEYS[one] for one in message["identities"].items()]
        network.add_nodes_from(keys)
        for a, b in combinations(keys, 2):
            cuts = [
                other["time"]
                for other in messages
                if other["type"] == "track_id_unbind" and {a, b} & {KEYS[one] for one in other["identities"].items()}
            ]
            if message["time"] > max(cuts, default=0):
                network.add_edge(a, b)
    return {frozenset(part) for part in nx.connected_components(network)}


async def customers(graph: Graph) -> set[frozenset[str]]:
    rows = await graph.run(
        "MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) WHERE i.key >= '' RETURN c.id AS id, collect(i.key) AS keys"
    )
    return {frozenset(row["keys"]) for row in rows}


async def judgements(graph: Graph) -> int:
    return (await graph.run("MATCH (j:Judgement) RETURN count(j) AS count"))[0]["count"]


@pytest.fixture
async def units(graph: Graph) -> Units:
    return await open_units(graph)


async def open_units(graph: Graph) -> Units:
    await keep_rules(graph, RULES)
    units = Units(graph, InForce(RULES, 1), clock=iter(range(NOW, NOW + 10**9)).__next__)
    await units.open()
    return units


async def take(units: Units, *messages: dict[str, Any]) -> list[EventResult]:
    events = [event_of(message) for message in messages]
    return (await units.run(lambda tx, regime: take_in(tx, events, regime))).results


ANN, PHONE, CARD, COOKIE = (
    ("$identity_login_id", "ann"),
    ("$identity_mobile", "13800138001"),
    ("loyalty_id", "1"),
    ("$identity_cookie_id", "c1"),
)
TOGETHER = {frozenset({KEYS[ANN], KEYS[PHONE]})}
APART = {frozenset({KEYS[ANN]}), frozenset({KEYS[PHONE]})}

_identities = st.dictionaries(st.sampled_from(sorted(IDS)), st.integers(0, 1), min_size=1, max_size=3).map(
    lambda drawn: tuple((name, IDS[name][number]) for name, number in drawn.items())
)
_messages = st.lists(
    st.tuples(st.sampled_from([bind, bind, bind, unbind]), st.integers(0, 12), _identities).map(
        lambda drawn: drawn[0](drawn[1], *drawn[2])
    ),
    min_size=2,
    max_size=14,
)


@examples(40)
@given(messages=_messages, cuts=st.lists(st.integers(1, 5), min_size=1, max_size=14), again=st.integers(0, 13))
async def test_customers_are_what_the_messages_say_in_any_order_and_batches(
    graph: Graph, messages: list[dict[str, Any]], cuts: list[int], again: int
) -> None:
    await wipe(graph)
    units = await open_units(graph)
    rest = [*messages, messages[again % len(messages)]]
    while rest:
        size = cuts[len(rest) % len(cuts)]
        await take(units, *rest[:size])
        rest = rest[size:]
    assert await customers(graph) == reference(messages)


async def test_an_id_that_is_unbound_is_nobodys_and_the_answer_says_so(graph: Graph, units: Units) -> None:
    await take(units, bind(1, ANN, PHONE, COOKIE), bind(2, ANN, PHONE))
    assert await customers(graph) == {frozenset({KEYS[ANN], KEYS[PHONE], KEYS[COOKIE]})}
    [result] = await take(units, unbind(3, PHONE))

    assert await customers(graph) == {frozenset({KEYS[ANN], KEYS[COOKIE]}), frozenset({KEYS[PHONE]})}
    rows = await graph.run(
        "MATCH (i:Identifier {key: $key})-[:BELONGS_TO]->(c) RETURN c.id AS id, COUNT { (c)<-[:AFFECTED]-(:Change) } AS changes",
        key=KEYS[PHONE],
    )
    assert rows == [{"id": result.customer_id, "changes": 1}]
    triggers = await graph.run(
        "MATCH (c:Change {kind: 'SPLIT'}) WHERE c.id >= '' RETURN c.trigger_id AS trigger, c.trigger_kind AS kind"
    )
    assert triggers == [{"trigger": event_of(unbind(3, PHONE)).id, "kind": "OBSERVATION"}]


async def test_what_is_bound_later_links_again_and_what_comes_late_does_not(graph: Graph, units: Units) -> None:
    await take(units, unbind(5, PHONE))
    await take(units, bind(4, ANN, PHONE))
    assert await customers(graph) == APART
    await take(units, bind(5, ANN, PHONE))
    assert await customers(graph) == APART
    await take(units, bind(6, ANN, PHONE))
    assert await customers(graph) == TOGETHER


async def test_a_repeat_adds_no_judgement(graph: Graph, units: Units) -> None:
    await take(units, bind(1, ANN, PHONE), unbind(2, PHONE), unbind(2, PHONE))
    [result] = await take(units, unbind(2, PHONE))
    assert (result.duplicate, await judgements(graph), await customers(graph)) == (True, 1, APART)


async def test_a_retracted_event_binds_again_also_after_a_person_did_so(graph: Graph, units: Units) -> None:
    await take(units, bind(1, ANN, PHONE), unbind(2, PHONE), unbind(3, PHONE))
    first, second = event_of(unbind(2, PHONE)), event_of(unbind(3, PHONE))
    await units.run(lambda tx, regime: retract(tx, "shop", second.message_id, "mia", regime))
    assert await customers(graph) == APART
    [row] = await graph.run("MATCH (j:Judgement) WHERE j.withdrawn_at IS NULL RETURN j.id AS id")

    def say(regime: Regime) -> Statement:
        return Statement(reason="", actor="mia", regime=regime)

    await units.run(lambda tx, regime: withdraw(tx, row["id"], say(regime)))
    assert await customers(graph) == TOGETHER
    with pytest.raises(AlreadyWithdrawnError):
        await units.run(lambda tx, regime: withdraw(tx, row["id"], say(regime)))
    await units.run(lambda tx, regime: retract(tx, "shop", first.message_id, "mia", regime))
    assert await customers(graph) == TOGETHER


async def test_an_id_that_the_rules_do_not_know_yet_is_unbound_when_they_do(graph: Graph, units: Units) -> None:
    member = ("member_id", "7")
    await take(units, bind(1, ANN, member), unbind(2, member), bind(1, ANN, PHONE), unbind(2, ("member_id", "8")))
    assert await customers(graph) == TOGETHER
    await put_in_force(units, RULES_TEXT.replace("  phone:", "  member_id: {label: Member}\n  phone:"), 1, "mia")
    await apply_all(units)
    assert await customers(graph) == {
        *TOGETHER,
        frozenset({"member_id:7"}),
        frozenset({"member_id:8"}),
    }


async def test_an_unbinding_follows_its_id_into_another_spelling_and_back(graph: Graph) -> None:
    exact = RULES_TEXT.replace(", normalize: phone", "")
    await keep_rules(graph, parse_rules(exact, name="test"))
    units = Units(graph, InForce(parse_rules(exact, name="test"), 1), clock=iter(range(NOW, NOW + 10**9)).__next__)
    await units.open()
    spelled = ("$identity_mobile", "+8613800138001")
    messages = [bind(1, ANN, spelled), unbind(2, PHONE), bind(3, CARD, COOKIE)]
    events = [reread_event(event_of(message), units.in_force.rules) for message in messages]
    await units.run(lambda tx, regime: take_in(tx, events, regime))
    others = frozenset({KEYS[CARD], KEYS[COOKIE]})
    together = {frozenset({KEYS[ANN], KEYS[PHONE]}), frozenset({"phone:13800138001"}), others}
    assert await customers(graph) == together

    for version, (text, expected) in enumerate([(RULES_TEXT, {*APART, others}), (exact, together)], 1):
        await put_in_force(units, text, version, "mia")
        await apply_all(units)
        assert await customers(graph) == expected
