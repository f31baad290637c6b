"""Computed traits over GraphQL."""

from typing import Any

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask

NOW = 1_800_000_000_000_000
CATALOGUE = """
computed:
  revenue: {event: Order Completed, policy: sum, of: total}
  level:
    event: Order Completed
    policy: sum
    of: total
    named: [{name: Gold, from: 30}, {name: Basic}]
  lately: {event: Order Completed, policy: count, within: P1D}
  best: {event: Order Completed, policy: max, of: total}
"""
APPLY = "mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { version } } }"
COMPUTED = """query($value: String!, $names: [String!]) { customer(by: {namespace: "user_id", value: $value}) {
  profile { computed(names: $names) { name value asOf } } } }"""


def bought(number: int, total: float, **ids: str) -> dict[str, Any]:
    at = f"2026-01-01T{number:02}:00:00Z"
    properties = {"order_id": str(number), "total": total, "currency": "USD"}
    return {"event": "Order Completed", "messageId": f"m{number}", "timestamp": at, "properties": properties, **ids}


async def computed(ask: Ask, value: str, *names: str) -> dict[str, Any]:
    found = (await ask(COMPUTED, value=value, names=list(names) or None))["customer"]["profile"]["computed"]
    assert all(one["asOf"] > "2026-01-01" for one in found)
    return {one["name"]: one["value"] for one in found}


async def test_traits_are_computed_of_all_events_of_a_customer_and_of_each_side_after_a_split(
    service: Service, ask: Ask
) -> None:
    await ask(APPLY, yaml=CATALOGUE)
    events = [
        {"type": "track"} | bought(1, 10.5, userId="ann"),
        {"type": "track"} | bought(2, 20, userId="bob"),
        {"type": "track", "event": "Seen", "messageId": "m3", "timestamp": "2026-01-01T03:00:00Z", "userId": "bob"},
    ]
    await collect(service, events, source="web", received_at=NOW)
    assert await computed(ask, "ann") == {"revenue": 10.5, "level": "Basic", "lately": 0, "best": 10.5}
    said = """mutation { declareSame(a: {namespace: "user_id", value: "ann"}, b: {namespace: "user_id", value: "bob"},
      reason: "asked them") { id } }"""
    id = (await ask(said))["declareSame"]["id"]
    assert await computed(ask, "bob") == {"revenue": 30.5, "level": "Gold", "lately": 0, "best": 20}
    assert await computed(ask, "bob", "level", "unknown") == {"level": "Gold"}
    await ask("mutation($id: ID!) { withdrawJudgement(id: $id) { id } }", id=id)
    assert await computed(ask, "bob", "revenue") == {"revenue": 20}
    await ask('mutation { retractObservation(source: "web", messageId: "m2") { stillLinked } }')
    assert await computed(ask, "bob") == {"revenue": 0, "level": "Basic", "lately": 0}
