"""Following a customer over a WebSocket: touchpoints as they arrive, across merges and processes, at the follower's own pace."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from identity_graph.domain.journeys.read_models import TouchpointView
from identity_graph.domain.values.observations import Instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.journeys import feed
from identity_graph.service.journeys.feed import LATE, JourneyFeed
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.changes.following import Follower, following
from tests.live import Live

pytestmark = pytest.mark.timeout(60)

JOURNEY = "subscription($id: ID!) { journey(customerId: $id) { name channel session { touchpointCount } } }"
NOW: Instant = 1_800_000_000_000_000
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
        await follower.subscribe(JOURNEY, id=await customer_of(graph, "user_id:ann"))
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
        await follower.subscribe(JOURNEY, id=younger)
        await until_followed(live)
        await send(live, track("Signed In", userId="ann", anonymousId="c1"))
        assert await customer_of(graph, "anonymous_id:c1") != younger
        assert {(await hear(follower))["name"], (await hear(follower))["name"]} == {"First", "Signed In"}
        await send(live, track("After", userId="ann"))
        assert (await hear(follower))["name"] == "After"


async def test_nobody_follows_a_customer_that_is_none(live: Live) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(JOURNEY, id="cus_none")
        message = await follower.hear()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"] == {"code": "NOT_FOUND", "id": "cus_none"}


async def tell(service: Service, *messages: dict[str, Any]) -> None:
    await collect(service, list(messages), source="web", received_at=NOW)


@pytest.fixture
async def followed(service: Service) -> AsyncGenerator[tuple[JourneyFeed, AsyncGenerator[TouchpointView]]]:
    """Give a feed as another process has it, which hears of no commit, and a follower of Ann's."""
    await tell(service, track("Before", userId="ann"))
    other = JourneyFeed(service.graph, clock=lambda: NOW)
    id = await customer_of(service.graph, "user_id:ann")
    async with aclosing(other.follow(id)) as touchpoints:
        yield other, touchpoints
    assert not other.is_followed


Followed = tuple[JourneyFeed, AsyncGenerator[TouchpointView]]


async def begun(touchpoints: AsyncGenerator[TouchpointView]) -> asyncio.Task[TouchpointView]:
    """Wait for the first touchpoint, from now on."""
    waiting = asyncio.ensure_future(anext(touchpoints))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    return waiting


async def test_what_another_process_takes_in_arrives_within_a_second_or_so(
    service: Service, followed: Followed
) -> None:
    waiting = await begun(followed[1])
    await tell(service, track("Elsewhere", userId="ann"))
    async with asyncio.timeout(SECONDS):
        assert (await waiting).name == "Elsewhere"


async def test_a_slow_follower_gets_everything_once_and_holds_up_nobody(
    service: Service, followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 3)
    waiting = await begun(followed[1])
    await tell(service, *(track(f"n{n}", userId="ann") for n in range(5)))
    async with asyncio.timeout(SECONDS):
        seen = [(await waiting).name]
    await tell(service, *(track(f"n{n}", userId="ann") for n in range(5, 11)))  # it reads nothing meanwhile
    async with asyncio.timeout(SECONDS):
        seen += [(await anext(followed[1])).name for _ in range(10)]
    assert sorted(seen) == sorted(f"n{n}" for n in range(11))


async def test_what_was_received_long_before_is_not_new(service: Service, followed: Followed) -> None:
    waiting = await begun(followed[1])
    await collect(service, [track("Old", userId="ann")], source="web", received_at=NOW - LATE - 1)
    await tell(service, track("New", userId="ann"))
    async with asyncio.timeout(SECONDS):
        assert (await waiting).name == "New"
