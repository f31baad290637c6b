"""The outbox: one row per destination, segment, customer and number."""

import json
from typing import Any

from identity_graph.domain.activation.messages import message_id
from identity_graph.store.driver.graph import Graph
from tests.worlds.activation import NOW, make_destination, put, transition


async def rows(graph: Graph) -> list[dict[str, Any]]:
    return [row["d"] for row in await graph.run("MATCH (d:Delivery) RETURN properties(d) AS d ORDER BY d.position")]


async def test_each_destination_gets_a_row_of_its_own_with_its_own_id(graph: Graph) -> None:
    await make_destination(graph, "dst_1")
    await make_destination(graph, "dst_2", segments=["seg_2"])
    await put(graph, transition("cus_1"), transition("cus_2"), transition("cus_1", segment="seg_2"))
    assert [(row["destination_id"], row["customer_id"], row["position"]) for row in await rows(graph)] == [
        ("dst_1", "cus_1", 1),
        ("dst_1", "cus_2", 2),
        ("dst_1", "cus_1", 3),
        ("dst_2", "cus_1", 4),
    ]
    assert {row["id"] for row in await rows(graph)} == {
        message_id("dst_1", "segment", "seg_1", "cus_1", 1),
        message_id("dst_1", "segment", "seg_1", "cus_2", 1),
        message_id("dst_1", "segment", "seg_2", "cus_1", 1),
        message_id("dst_2", "segment", "seg_2", "cus_1", 1),
    }


async def test_the_message_says_who_entered_what_when_and_why_and_nothing_personal(graph: Graph) -> None:
    await make_destination(graph)
    await put(graph, transition(number=2, entered=False, at=NOW), transition())
    assert await rows(graph) == []  # an exit without an entry, and a number that is past
    await put(graph, transition("cus_9"))
    (row,) = await rows(graph)
    assert row["lane"] == "dst_1/cus_9"
    assert json.loads(row["payload"]) == {
        "type": "segment.entered",
        "timestamp": "2026-02-01T00:00:01Z",
        "data": {
            "segment": "seg_1",
            "customer": "cus_9",
            "number": 1,
            "cause": "EVENT",
            "reason": "bought something within 30 days",
            "at": "2026-02-01T00:00:01Z",
            "occurredAt": "2026-02-01T00:00:00Z",
        },
    }


async def test_the_same_transition_again_adds_nothing(graph: Graph) -> None:
    await make_destination(graph)
    await put(graph, transition())
    first = await rows(graph)
    await put(graph, transition())
    assert await rows(graph) == first
    await graph.run("MATCH (t:ToldEntry) DELETE t")
    await put(graph, transition())
    assert await rows(graph) == first


async def test_once_holds_over_batches(graph: Graph) -> None:
    await make_destination(graph, reentry="ONCE")
    for number in range(1, 6):
        await put(graph, transition(number=number))
    assert [(row["kind"], row["position"]) for row in await rows(graph)] == [
        ("segment.entered", 1),
        ("segment.exited", 2),
    ]


async def test_without_destinations_nothing_is_written(graph: Graph) -> None:
    await put(graph, transition())
    await put(graph)
    assert await rows(graph) == []
    assert await graph.run("MATCH (n) WHERE n:ToldEntry OR (n:Sequence AND n.name = 'deliveries') RETURN n") == []
