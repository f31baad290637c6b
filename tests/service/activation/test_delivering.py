"""Delivering what is in the outbox: order, retries, dead letters, leases, and bad receivers beside good ones."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from identity_graph.domain.activation.messages import message_id
from identity_graph.domain.activation.retrying import JITTER, SCHEDULE
from identity_graph.service.activation.deliverer import Deliverer
from identity_graph.service.activation.pumping import LEASE, PARALLEL
from identity_graph.service.activation.sending import ATTEMPT_SECONDS
from identity_graph.store.driver.graph import Graph
from tests.receivers import OK, Received, always, receiver, status
from tests.worlds.activation import NOW, SECOND, make_destination, put, transition


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def deliverer(graph: Graph, clock: Clock) -> Deliverer:
    return Deliverer(graph, allow_private=True, clock=clock)


async def states(graph: Graph) -> list[dict[str, Any]]:
    return [row["d"] for row in await graph.run("MATCH (d:Delivery) RETURN properties(d) AS d ORDER BY d.position")]


def numbers(received: Iterable[Received]) -> dict[str, list[int]]:
    """Give the numbers that came of each customer, in the order in which they came."""
    found = defaultdict[str, list[int]](list)
    for request in received:
        data = json.loads(request.body)["data"]
        found[data["customer"]].append(data["number"])
    return found


async def test_what_is_due_is_delivered_once_in_the_order_of_each_customer(graph: Graph) -> None:
    clock = Clock()
    clock.now = time.time_ns() // 1000
    async with receiver() as there:
        await make_destination(graph, url=there.url)
        steps = [transition(f"cus_{c}", n) for n in range(1, 8) for c in range(10)]
        await put(graph, *steps, now=clock.now)
        await deliverer(graph, clock).deliver_due()
        assert numbers(there.received) == {f"cus_{c}": list(range(1, 8)) for c in range(10)}
        assert 1 < there.connections <= PARALLEL
    assert {row["delivered_at"].to_native().timestamp() * 1e6 >= NOW for row in await states(graph)} == {True}
    assert all("lane" not in row and "due_at" not in row for row in await states(graph))


async def test_attempts_follow_the_schedule_and_end_in_a_dead_letter(graph: Graph, clock: Clock) -> None:
    async with receiver(always(status(500))) as there:
        await make_destination(graph, url=there.url)
        await put(graph, transition())
        own = deliverer(graph, clock)
        for attempt, wait in enumerate(SCHEDULE):
            clock.now += wait - 1 if wait else 0
            await own.deliver_due()
            assert len(there.received) == attempt + (wait == 0)
            clock.now += int(wait * JITTER) + 1
            await own.deliver_due()
            assert len(there.received) == attempt + 1
            (row,) = await states(graph)
            assert (row["attempts"], row["last_status"]) == (attempt + 1, 500)
        (row,) = await states(graph)
        assert "failed_at" in row
        clock.now += 10 * SCHEDULE[-1]
        await own.deliver_due()
        assert len(there.received) == len(SCHEDULE)
        assert {request.id for request in there.received} == {message_id("dst_1", "segment", "seg_1", "cus_1", 1)}


async def test_a_later_message_of_a_customer_waits_and_others_do_not(graph: Graph, clock: Clock) -> None:
    async def refuse_first(request: Received, _: asyncio.StreamWriter) -> bytes:
        return status(500) if '"customer":"cus_1","number":1' in request.body and is_bad else OK

    is_bad = True
    async with receiver(refuse_first) as there:
        await make_destination(graph, url=there.url)
        await put(graph, *(transition(f"cus_{c}", n) for n in (1, 2, 3) for c in (1, 2)))
        own = deliverer(graph, clock)
        await own.deliver_due()
        assert numbers(there.received) == {"cus_1": [1], "cus_2": [1, 2, 3]}
        clock.now += LEASE + SECOND
        await own.deliver_due()
        assert numbers(there.received) == {"cus_1": [1, 1], "cus_2": [1, 2, 3]}
        is_bad = False
        clock.now += 400 * SECOND
        await own.deliver_due()
        assert numbers(there.received) == {"cus_1": [1, 1, 1, 2, 3], "cus_2": [1, 2, 3]}


async def test_a_dead_letter_lets_the_next_go(graph: Graph, clock: Clock) -> None:
    async with receiver(always(status(500))) as there:
        await make_destination(graph, url=there.url)
        await put(graph, transition(number=1), transition(number=2))
        await graph.run("MATCH (d:Delivery {position: 1}) SET d.attempts = 9")
        await deliverer(graph, clock).deliver_due()
        assert numbers(there.received) == {"cus_1": [1, 2]}


async def test_410_switches_off_and_nothing_is_lost(graph: Graph, clock: Clock) -> None:
    async with receiver(always(status(410))) as there:
        await make_destination(graph, url=there.url)
        await put(graph, *(transition(f"cus_{c}") for c in range(100)))
        own = deliverer(graph, clock)
        await own.deliver_due()
        assert len(there.received) <= 2 * PARALLEL
        seen = len(there.received)
        await put(graph, transition("cus_later"))
        await own.deliver_due()
        assert len(there.received) == seen
        assert all("due_at" in row for row in await states(graph))
        (destination,) = await graph.run("MATCH (d:Destination) RETURN d.disabled_reason AS reason")
        assert "410" in destination["reason"]
        there.answer = always(OK)
        await graph.run("MATCH (d:Destination) REMOVE d.disabled_at")
        await own.deliver_due()
        assert len(there.received) == seen + 101


async def test_who_asks_to_be_left_alone_is(graph: Graph, clock: Clock) -> None:
    async with receiver(always(status(429, "Retry-After: 120"))) as there:
        await make_destination(graph, url=there.url)
        await put(graph, *(transition(f"cus_{c}") for c in range(100)))
        own = deliverer(graph, clock)
        await own.deliver_due()
        assert len(there.received) <= 2 * PARALLEL
        seen = len(there.received)
        clock.now += 119 * SECOND
        await own.deliver_due()
        assert len(there.received) == seen
        there.answer = always(OK)
        clock.now += 2 * SECOND
        await own.deliver_due()
        assert len(there.received) == seen + 100


async def test_a_slow_destination_holds_up_no_other(graph: Graph, clock: Clock) -> None:
    async def hang(_: Received, __: asyncio.StreamWriter) -> bytes:
        await asyncio.sleep(60)
        return OK

    async with receiver(hang) as slow, receiver() as quick:
        await make_destination(graph, "dst_0", url=slow.url)
        await make_destination(graph, "dst_1", url=quick.url)
        await put(graph, *(transition(f"cus_{c}") for c in range(50)))
        own = Deliverer(graph, allow_private=True, clock=clock)
        own.start()
        try:
            await quick.wait_for(50, seconds=ATTEMPT_SECONDS - 1)  # no attempt of the slow one has ended by then
            assert len(slow.received) <= PARALLEL
        finally:
            await own.close()


async def test_two_services_at_once_deliver_each_message_once(graph: Graph, clock: Clock) -> None:
    async with receiver() as there:
        await make_destination(graph, url=there.url)
        await put(graph, *(transition(f"cus_{c}", n) for n in (1, 2, 3) for c in range(60)))
        await asyncio.gather(*(deliverer(graph, clock).deliver_due() for _ in range(3)))
        assert numbers(there.received) == {f"cus_{c}": [1, 2, 3] for c in range(60)}


async def test_what_a_dead_process_had_taken_is_delivered_after_its_lease(graph: Graph, clock: Clock) -> None:
    async with receiver() as there:
        await make_destination(graph, url=there.url)
        await put(graph, transition(), transition(number=2))

        async def hang(_: Received, __: asyncio.StreamWriter) -> bytes:
            await asyncio.sleep(60)
            return OK

        there.answer = hang
        killed = Deliverer(graph, allow_private=True, clock=clock)
        killed.start()
        await there.wait_for(1)
        await killed.close()
        there.answer = always(OK)
        await deliverer(graph, clock).deliver_due()
        assert numbers(there.received) == {"cus_1": [1]}
        clock.now += LEASE
        await deliverer(graph, clock).deliver_due()
        assert numbers(there.received) == {"cus_1": [1, 1, 2]}
