"""Nothing is lost and nothing is made up, whatever is killed while a thousand messages are pending."""

import asyncio
import os
from collections import defaultdict

import pytest

from identity_graph.domain.activation.messages import message_id
from identity_graph.runtime import ServerHandle, ensure_server
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from tests.killing import kill, own, start_service
from tests.receivers import OK, Received, receiver
from tests.service.activation.test_delivering import numbers
from tests.worlds.activation import make_destination, put, transition

__all__ = ["own"]

CUSTOMERS = 400
STEPS = 4
"""Messages of each customer."""

PENDING = 1000
"""Messages that wait at least when something is killed."""


async def load(server: ServerHandle, url: str) -> None:
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await apply_migrations(graph)
        await make_destination(graph, url=url)
        steps = [transition(f"cus_{c}", n) for n in range(1, STEPS + 1) for c in range(CUSTOMERS)]
        for start in range(0, len(steps), 200):
            await put(graph, *steps[start : start + 200])


async def pending(server: ServerHandle) -> int:
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        (row,) = await graph.run("MATCH (d:Delivery) WHERE d.delivered_at IS NULL RETURN count(d) AS pending")
        return int(row["pending"])


async def answer(_: Received, __: asyncio.StreamWriter) -> bytes:
    await asyncio.sleep(0.05)
    return OK


@pytest.mark.timeout(900)
async def test_kills_of_the_service_and_of_neo4j_lose_and_invent_nothing(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "IDENTITY_GRAPH_WEBHOOK_ALLOW_PRIVATE", "true")
    server = await asyncio.to_thread(ensure_server, own)
    async with receiver(answer) as there:
        await load(server, there.url)
        service = start_service(own)
        try:
            await there.wait_for(150, seconds=120)
            await asyncio.to_thread(kill, service.pid)
            await asyncio.to_thread(service.wait)
            assert await pending(server) >= PENDING, "too much was delivered before it could be killed"
            service = start_service(own)
            await there.wait_for(450, seconds=120)
            await asyncio.to_thread(kill, server.pid)
            server = await asyncio.to_thread(ensure_server, own)
            assert await pending(server) >= PENDING, "too much was delivered before it could be killed"
            async with asyncio.timeout(240):
                while await pending(server):  # noqa: ASYNC110 - it is another process that works
                    await asyncio.sleep(1)
        finally:
            service.terminate()
            await asyncio.to_thread(service.wait, 60)
    wanted = {
        (message_id("dst_1", "segment", "seg_1", f"cus_{c}", n), f"cus_{c}", n)
        for c in range(CUSTOMERS)
        for n in range(1, STEPS + 1)
    }
    assert {(request.id, *about(request)) for request in there.received} == wanted
    firsts = {customer: list(dict.fromkeys(seen)) for customer, seen in numbers(there.received).items()}
    assert firsts == {f"cus_{c}": list(range(1, STEPS + 1)) for c in range(CUSTOMERS)}
    bodies = defaultdict[str, set[str]](set)
    for request in there.received:
        bodies[request.id].add(request.body)
    assert {len(texts) for texts in bodies.values()} == {1}


def about(request: Received) -> tuple[str, int]:
    ((customer, (number,)),) = numbers([request]).items()
    return customer, number
