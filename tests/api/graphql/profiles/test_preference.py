"""The preferred channel over GraphQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from tests.asking import Ask

PREFERRED = """query($user: String!) { customer(by: {namespace: "user_id", value: $user}) {
  profile { preferredChannel { channel scores { channel contacts responses score } } } } }"""
APPLY = "mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { version } } }"
NOW = datetime.now(UTC)


def happened(id: str, name: str, days: int, user: str, **said: Any) -> dict[str, Any]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {"type": "track", "event": name, "messageId": id, "timestamp": at, "userId": user, "properties": said}


async def preferred(ask: Ask, user: str) -> tuple[str | None, dict[str, tuple[int, int]]]:
    found = (await ask(PREFERRED, user=user))["customer"]["profile"]["preferredChannel"]
    return found["channel"], {one["channel"]: (one["contacts"], one["responses"]) for one in found["scores"]}


async def test_the_preferred_channel_follows_merges_retractions_and_another_catalogue(
    service: Service, ask: Ask
) -> None:
    events = [
        happened("m1", "Email Sent", 9, "ann"),
        happened("m2", "Email Opened", 8, "ann"),
        happened("m3", "Order Completed", 4, "ann", order_id="1", total=5, currency="USD"),
        *[happened(f"s{day}", "SMS Sent", day, "bob") for day in (3, 2)],
        *[happened(f"c{day}", "SMS Link Clicked", day, "bob") for day in (3, 2)],
        happened("p", "Page Seen", 1, "eve"),
    ]
    await collect(service, events, source="web", received_at=int(NOW.timestamp()) * 1_000_000)
    assert await preferred(ask, "ann") == ("EMAIL", {"EMAIL": (1, 1)})
    assert await preferred(ask, "bob") == ("SMS", {"SMS": (2, 2)})
    assert await preferred(ask, "eve") == (None, {})

    same = """mutation { declareSame(a: {namespace: "user_id", value: "ann"}, b: {namespace: "user_id", value: "bob"},
      reason: "asked them") { id } }"""
    id = (await ask(same))["declareSame"]["id"]
    assert await preferred(ask, "ann") == await preferred(ask, "bob") == ("SMS", {"EMAIL": (1, 1), "SMS": (2, 2)})
    await retract_observation(service, "web", "m2", "test")
    assert await preferred(ask, "ann") == ("SMS", {"EMAIL": (1, 1), "SMS": (2, 2)})
    await ask("mutation($id: ID!) { withdrawJudgement(id: $id) { id } }", id=id)
    assert await preferred(ask, "ann") == ("EMAIL", {"EMAIL": (1, 1)})

    await ask(APPLY, yaml="preference: {purchase_within: P2D, contacts: {SMS: {sent: [Text Sent]}}}")
    assert await preferred(ask, "ann") == (None, {"EMAIL": (1, 0)})
    assert await preferred(ask, "bob") == (None, {})
