"""Seats of connections: who shares one, who has left, and who does not read."""

import asyncio
import gzip
import time
import tracemalloc
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import FastAPI
from uvicorn import Server as UvicornServer
from uvicorn.server import ServerState

from api.collector.body import MAX_BODY_BYTES
from api.collector.keyless import KeylessBodies
from api.connections import SEAT, ConnectionLimits, Phase, Seat, Seats
from api.protocols import GuardedConfig, GuardedWebSocket
from api.server import Server
from identity_graph.service.access.keys import AccessKeys


async def take(seats: Seats, address: str) -> Seat | None:
    seat = seats.take(asyncio.Transport(), address)
    if seat is not None:
        seat.enter(Phase.SERVED)
    return seat


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "somewhere", False),
    ],
)
async def test_clients_share_the_seats_of_their_network(one: str, other: str, are_one: bool) -> None:
    seats = Seats(ConnectionLimits(connections_per_address=1))
    assert await take(seats, one) is not None
    assert (await take(seats, other) is None) is are_one


async def test_a_seat_that_was_given_up_leaves_nothing_behind() -> None:
    seats = Seats(ConnectionLimits())
    seat = await take(seats, "192.0.2.1")
    assert seat is not None
    seat.leave()
    seat.enter(Phase.QUIET)  # as the answer that comes when the client has gone
    assert seats.taken == 0
    assert not seats._by_address


async def test_a_socket_that_is_not_read_has_a_deadline() -> None:
    async def nothing(scope: object, receive: object, send: object) -> None: ...

    seats = Seats(ConnectionLimits(answer_seconds=7))
    seat = await take(seats, "192.0.2.1")
    assert seat is not None
    socket = GuardedWebSocket(GuardedConfig(nothing, seats=seats), ServerState(), {SEAT: seat})
    socket.pause_writing()
    assert seat.deadline is not None
    assert 0 < seat.deadline - time.monotonic() <= 7
    socket.resume_writing()
    assert seat.deadline is None
    seat.enter(Phase.UNKNOWN)
    seat.expect(3)
    socket.pause_writing()
    socket.resume_writing()
    assert seat.deadline is not None, "it has still to say who it is"


async def test_a_socket_that_takes_no_farewell_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait() -> None:
        await asyncio.sleep(3600)

    async def end(_: UvicornServer, sockets: object = None) -> None:
        ended.set()

    ended = asyncio.Event()
    monkeypatch.setattr(UvicornServer, "shutdown", end)
    app = cast("FastAPI", SimpleNamespace(state=SimpleNamespace(sockets=SimpleNamespace(close=wait))))
    await asyncio.wait_for(Server(GuardedConfig(app, seats=Seats(ConnectionLimits())), app).shutdown(), 5)
    assert ended.is_set()


async def test_bodies_that_wait_for_their_key_to_be_known_are_not_kept_inflated() -> None:
    text = b'{"writeKey": "key", "batch": "' + b"x" * (MAX_BODY_BYTES - 100) + b'"}'
    answer = asyncio.Event()
    waiting = 0

    async def find_source(_: str) -> str:
        nonlocal waiting
        waiting += 1
        await answer.wait()
        return "web"

    keys = cast("AccessKeys", SimpleNamespace(find_source=find_source))
    bodies, packed = KeylessBodies(), gzip.compress(text)

    async def open_one() -> int:
        with bodies.hold() as body:
            body.add(packed)
            return len(await bodies.open(body, "gzip", keys))

    tracemalloc.start()
    try:
        opening = [asyncio.create_task(open_one()) for _ in range(8)]
        async with asyncio.timeout(30):
            while waiting < 8:  # noqa: ASYNC110 - all of them
                await asyncio.sleep(0.01)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * MAX_BODY_BYTES
    answer.set()
    assert set(await asyncio.gather(*opening)) == {len(text)}
