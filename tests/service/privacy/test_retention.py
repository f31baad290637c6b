"""Retention: what is left is what follows from what may be kept, and who was seen together stays known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.privacy.retention import count_due, take_page
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.worlds.stored import read_stored
from tests.worlds.worlds import make_event, make_rules

RULES = make_rules()
NOW = 2000 * DAY
KEPT = parse_catalogue("""
traits: {name: {class: identity}, points: {type: integer, policy: sum, class: quantitative}}
retention:
  events: {default: P400D, Product Viewed: P100D, Signed Up: never}
  orders: P300D
  traits: {identity: P200D, quantitative: P500D}
""")
NAMES = ("Product Viewed", "Signed Up", "Order Completed", "Other")
FACTS = """MATCH (e:Event) RETURN e.id AS id, e.name AS name, e.properties AS properties, e.traits AS traits, e.context AS context,
  COLLECT { MATCH (e)-[:OBSERVED]->(i) RETURN i.key ORDER BY i.key } AS keys ORDER BY id"""
TRAITS = "MATCH (t:Trait) RETURN t.key AS key, t.value AS value ORDER BY key"
ORDERS = "MATCH (o:Order) RETURN o.id AS id, o.total AS total, o.state AS state ORDER BY id"

Sent = tuple[int, int, int, str]
"""How many days ago, which customer, which order, and the name."""

sent = st.lists(
    st.tuples(st.integers(1, 600), st.integers(1, 3), st.integers(1, 2), st.sampled_from(NAMES)), min_size=1, max_size=8
)


def make(number: int, one: Sent) -> Event:
    days, who, order, name = one
    event = make_event(number, 0, (f"crm:{who}", f"cookie:{number % 2}"), RULES)
    properties = {"order_id": f"o{order}", "total": 10 + number, "currency": "EUR"}
    at, traits = NOW - days * DAY, {"name": f"n{number}", "points": number}
    return replace(
        event, name=name, properties=properties, traits=traits, occurred_at=at, received_at=NOW, campaign=None
    )


def left_of(event: Event, one: Sent, all_sent: Sequence[Sent]) -> Event:
    """Say by hand what may be kept of an event."""
    days, _, order, name = one
    last = min(other[0] for other in all_sent if other[3] == name and other[2] == order)
    gone = {"Product Viewed": days >= 100, "Signed Up": False, "Order Completed": last >= 300, "Other": days >= 400}[
        name
    ]
    if gone:
        event = replace(event, name="$Removed", properties={}, context={}, campaign=None)
    ages = {"name": 200, "points": 500}
    return replace(event, traits={key: value for key, value in event.traits.items() if days < ages[key]})


async def take(graph: Graph, events: list[Event], catalogue: Catalogue) -> int:
    regime = Regime(RULES, 1, NOW, catalogue)
    return (await graph.write(lambda tx: take_in(tx, events, regime))).accepted


async def retain(graph: Graph) -> tuple[int, int]:
    events = traits = 0
    while True:
        step = await graph.write(lambda tx: take_page(tx, Regime(RULES, 1, NOW, KEPT), "test"))
        events, traits = events + step.events, traits + step.traits
        if step.is_last:
            return events, traits


async def read(graph: Graph) -> dict[str, Any]:
    stored = await read_stored(graph)
    facts = {"events": await graph.run(FACTS), "traits": await graph.run(TRAITS), "orders": await graph.run(ORDERS)}
    return {**facts, "parts": stored.parts()}


@examples(8)
@given(before=sent, after=sent)
async def test_what_is_left_is_what_follows_from_what_may_be_kept(
    graph: Graph, before: list[Sent], after: list[Sent]
) -> None:
    everything = [*before, *after]
    events = [make(number, one) for number, one in enumerate(everything)]
    plain = parse_catalogue(KEPT.yaml.partition("retention:")[0])
    await graph.run("MATCH (n) DETACH DELETE n")
    await take(graph, [left_of(event, one, everything) for event, one in zip(events, everything, strict=True)], plain)
    expected = await read(graph)
    for row in expected["events"]:
        row["context"] = None if row["name"] == "$Removed" else row["context"]
    await graph.run("MATCH (n) DETACH DELETE n")
    early, late = events[: len(before)], events[len(before) :]
    await take(graph, early, plain)
    await take(graph, late, KEPT)
    await retain(graph)
    assert await read(graph) == expected
    assert await take(graph, events, KEPT) == 0, "a message that is sent again is a repeat"
    assert await retain(graph) == (0, 0)


async def test_what_comes_late_goes_after_its_time_has_passed(graph: Graph) -> None:
    await take(graph, [make(1, (50, 1, 1, "Other"))], KEPT)
    assert await retain(graph) == (0, 0)
    assert await take(graph, [make(2, (450, 1, 1, "Other"))], KEPT) == 1
    due = await graph.read(lambda tx: count_due(tx, KEPT, NOW))
    assert {row.name: row.events for row in due} == {"Product Viewed": 0, "default": 1, "orders": 0}
    assert await retain(graph) == (1, 1)
    (entry,) = await graph.run("MATCH (a:AuditEntry) RETURN a.operation AS operation, a.counts AS counts")
    assert entry["operation"] == "retention"
    assert '"events":1' in entry["counts"].replace(" ", "")
