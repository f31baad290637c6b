"""Requests that come at once: whose messages are read when."""

import asyncio

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.builders import NOON


def pages(name: str, count: int) -> list[object]:
    return [{"type": "page", "messageId": f"{name}{n}", "anonymousId": f"{name}{n}"} for n in range(count)]


async def test_a_small_request_does_not_wait_until_a_large_one_before_it_is_read(
    graph: Graph, settings: Settings
) -> None:
    answered: list[str] = []

    async with open_service(settings) as service:

        async def send(name: str, count: int) -> None:
            report = await collect(service, pages(name, count), source="web", received_at=NOON)
            assert report.accepted == count
            answered.append(name)

        await asyncio.gather(send("large", 5000), send("small", 1))
    assert answered == ["small", "large"]


async def test_a_request_that_cannot_be_read_leaves_the_others_their_turn(graph: Graph, settings: Settings) -> None:
    async with open_service(settings) as service:
        broken = collect(service, pages("a", 10), source="web", received_at="never")  # pyright: ignore[reportArgumentType]
        whole = collect(service, pages("b", 10), source="web", received_at=NOON)
        failure, report = await asyncio.gather(broken, whole, return_exceptions=True)
    assert isinstance(failure, TypeError)
    assert not isinstance(report, BaseException)
    assert report.accepted == 10
