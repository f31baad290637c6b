"""A follower of a journey: what other processes take in, at the follower's own pace, and everything once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from identity_graph.domain.journeys.read_models import TouchpointView
from identity_graph.domain.values.observations import Instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.journeys import feed
from identity_graph.service.journeys.feed import LATE, JourneyFeed
from identity_graph.store.driver.graph import Graph

pytestmark = pytest.mark.timeout(60)

NOW: Instant = 1_800_000_000_000_000
SECONDS = 20


def track(event: str, **ids: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, **ids}


async def customer_of(graph: Graph, key: str) -> str:
    rows = await graph.run("MATCH (:Identifier {key: $key})-[:BELONGS_TO]->(c) RETURN c.id AS id", key=key)
    return rows[0]["id"]


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
