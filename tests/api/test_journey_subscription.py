"""Following a customer over a WebSocket: touchpoints as they arrive, also after a merge."""

import asyncio
from typing import Any

import httpx
import pytest

from identity_graph.store.driver.graph import Graph
from tests.api.graphql.changes.following import Follower, following
from tests.live import Live

pytestmark = pytest.mark.timeout(60)

JOURNEY = "subscription($customer: ID!) { journey(customerId: $customer) { name channel session { touchpointCount } } }"
SECONDS = 20


async def send(live: Live, *messages: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=live.url, auth=(live.write_key, "")) as client:
        response = await client.post("/v1/batch", json={"batch": messages}, timeout=30)
        assert response.status_code == 200, response.text


def track(event: str, **ids: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, **ids}


async def customer_of(graph: Graph, key: str) -> str:
    rows = await graph.run("MATCH (:Identifier {key: $key})-[:BELONGS_TO]->(c) RETURN c.id AS id", key=key)
    return rows[0]["id"]


async def until_followed(live: Live) -> None:
    """Wait until a follower knows what was there before."""
    for _ in range(500):
        if live.app.state.service.units.journeys.is_followed:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)


async def hear(follower: Follower) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        message = await follower.hear()
    assert message["type"] == "next", message
    return message["payload"]["data"]["journey"]


async def test_touchpoints_arrive_as_they_happen_and_nobody_elses(live: Live, graph: Graph) -> None:
    await send(live, track("Before", userId="ann"), track("Before", userId="bob"))
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(JOURNEY, customer=await customer_of(graph, "user_id:ann"))
        await until_followed(live)
        await send(live, track("Not hers", userId="bob"), track("Hers", userId="ann", context={"channel": "store"}))
        assert await hear(follower) == {"name": "Hers", "channel": "STORE", "session": {"touchpointCount": 2}}
        await send(live, track("Late", userId="ann", timestamp="2020-01-01T00:00:00Z"))
        assert (await hear(follower))["name"] == "Late"


async def test_a_follower_goes_on_with_the_survivor_of_a_merge(live: Live, graph: Graph) -> None:
    await send(live, track("First", userId="ann"))
    await send(live, track("Cookie", anonymousId="c1"))
    younger = await customer_of(graph, "anonymous_id:c1")
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(JOURNEY, customer=younger)
        await until_followed(live)
        await send(live, track("Signed In", userId="ann", anonymousId="c1"))
        assert await customer_of(graph, "anonymous_id:c1") != younger
        assert {(await hear(follower))["name"], (await hear(follower))["name"]} == {"First", "Signed In"}
        await send(live, track("After", userId="ann"))
        assert (await hear(follower))["name"] == "After"


async def test_nobody_follows_a_customer_that_is_none(live: Live) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(JOURNEY, customer="cus_none")
        message = await follower.hear()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"] == {"code": "NOT_FOUND", "id": "cus_none"}
