"""From the answer to an order until the segment's entry is told: by a webhook, and by a subscription.

A real SDK sends the orders, one by one, while other messages come at a steady rate and many segments are live.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from threading import Event, Thread
from typing import Any

import orjson
import requests
from segment.analytics.client import Client
from standardwebhooks import Webhook
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.bodies import BATCH, Bodies, basic_auth
from bench.questions import Latency
from identity_graph.demo.service import RunningService
from identity_graph.domain.segments.ready import load_templates
from identity_graph.domain.segments.writing import write_rule

RATE = 500
"""Other messages in a second."""

SEGMENTS = 50
"""Live segments."""

_PAUSE = 0.15
_WAIT = 60.0
_WARM_UP = 20.0
"""Seconds of other messages before the first order: Neo4j plans each statement once after a start, and compiles what it runs often."""
_SAVE = "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }"
_TELL = "mutation($input: DestinationInput!) { saveDestination(input: $input) { destination { id secret } } }"
_FOLLOW = "subscription($id: ID!) { segmentMembership(segmentId: $id) { entered customer { id } } }"
_ID = 'query($user: String!) { customer(by: {namespace: "user_id", value: $user}) { id } }'
_MARKER = "bench_probe"


@dataclass(frozen=True, slots=True)
class Telling:
    """How long entries took to arrive, in milliseconds, while so many other messages came in a second."""

    rate: float
    webhook: Latency
    subscription: Latency


def measure_telling(service: RunningService, bodies: Bodies, orders: int) -> Telling:
    """Send ``orders`` orders of new customers, one after the other, and tell when each entry arrived.

    The ready segments are live over and over under other names, and one more, which is told of.

    Raises:
        RuntimeError: an entry was not told within a minute, or a message was not signed as it should be.
    """
    for number, draft in zip(range(SEGMENTS - 1), cycle(load_templates().values()), strict=False):
        rule = {"name": f"{draft.name} {number}", "rule": write_rule(draft.rule), "audience": draft.audience.value}
        service.ask(_SAVE, input=rule)
    rule = {"did": {"event": "Order Completed", "where": [{"name": _MARKER, "op": "EXISTS"}]}}
    segment = service.ask(_SAVE, input={"name": "Orders of the benchmark", "rule": rule})["saveSegment"]["segment"][
        "id"
    ]
    with _receiving() as receiver, _following(service, segment) as follower:
        told = service.ask(_TELL, input={"name": "Benchmark", "url": receiver.url, "segments": [segment]})
        receiver.verify_with(told["saveDestination"]["destination"]["secret"])
        with _sending(service, bodies) as sender:
            time.sleep(_WARM_UP)
            users = _order(service, orders)
            _wait_for(lambda: len(receiver.arrived) >= orders and len(follower.arrived) >= orders)
            rate = sender.sent / (time.monotonic() - sender.began)
    answered = {service.ask(_ID, user=user)["customer"]["id"]: at for user, at in users.items()}
    if receiver.refused or not answered.keys() == receiver.arrived.keys() == follower.arrived.keys():
        raise RuntimeError("entries were told of others than those who entered, or not signed as they should be")
    return Telling(
        rate, _latency("webhook", answered, receiver.arrived), _latency("subscription", answered, follower.arrived)
    )


def _order(service: RunningService, orders: int) -> dict[str, float]:
    """Send the orders by the SDK, and tell when each was answered, by user id."""
    client = Client(service.write_key, host=service.url, sync_mode=True, max_retries=0)
    answered: dict[str, float] = {}
    for number in range(orders):
        user = f"{_MARKER}-{number}"
        client.track(user, "Order Completed", {"order_id": user, "total": 10, "currency": "CNY", _MARKER: True})
        answered[user] = time.monotonic()
        time.sleep(_PAUSE)
    return answered


def _latency(way: str, answered: dict[str, float], arrived: dict[str, float]) -> Latency:
    return Latency.of("entry of a segment", way, 1, [max(0.0, arrived[id] - at) for id, at in answered.items()])


def _wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(f"entries were not told within {_WAIT:.0f} s")
        time.sleep(0.01)


class _Receiver:
    """A receiver of webhooks; ``arrived`` is when each customer's entry came first, by id."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.refused = 0
        self.url = ""
        self._webhook: Webhook | None = None

    def verify_with(self, secret: str) -> None:
        """Check signatures from now on."""
        self._webhook = Webhook(secret)

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        """Note when a message came."""
        now = time.monotonic()
        assert self._webhook is not None
        try:
            self._webhook.verify(body, headers)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is counted
            self.refused += 1
            return
        self.arrived.setdefault(orjson.loads(body)["data"]["customer"], now)


@contextmanager
def _receiving() -> Generator[_Receiver]:
    receiver = _Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()
            receiver.take(body, {name.lower(): value for name, value in self.headers.items()})

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()


class _Follower:
    """A subscriber; ``arrived`` is when each customer's entry came first, by id."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.arrived: dict[str, float] = {}

    def read(self) -> None:
        """Note when messages come, until the socket is closed."""
        for text in self._socket:
            now, message = time.monotonic(), orjson.loads(text)
            if message["type"] == "next":
                self.arrived.setdefault(message["payload"]["data"]["segmentMembership"]["customer"]["id"], now)


@contextmanager
def _following(service: RunningService, segment: str) -> Generator[_Follower]:
    address = f"ws://127.0.0.1:{service.port}/graphql"
    with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        payload = {"Authorization": f"Bearer {service.admin_key}"}
        socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
        socket.recv()
        question = {"query": _FOLLOW, "variables": {"id": segment}}
        socket.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": question}).decode())
        follower = _Follower(socket)
        Thread(target=follower.read, daemon=True).start()
        yield follower


class _Sender:
    """Sends messages at a steady rate; ``sent`` were answered."""

    def __init__(self, service: RunningService, bodies: Bodies) -> None:
        self.began = time.monotonic()
        self.sent = 0
        self._service = service
        self._bodies = bodies
        self._done = Event()

    def run(self) -> None:
        """Send until ``stop``; a body that is late is followed by the next one at once."""
        headers = {"Authorization": basic_auth(self._service.write_key), "Content-Type": "application/json"}
        with requests.Session() as session:
            for number, body in enumerate(self._bodies.read()):
                if self._done.wait(max(0.0, self.began + number * BATCH / RATE - time.monotonic())):
                    return
                session.post(f"{self._service.url}/v1/batch", body, headers=headers, timeout=60).raise_for_status()
                self.sent += BATCH

    def stop(self) -> None:
        """End after the current body."""
        self._done.set()


@contextmanager
def _sending(service: RunningService, bodies: Bodies) -> Generator[_Sender]:
    sender = _Sender(service, bodies)
    thread = Thread(target=sender.run)
    thread.start()
    try:
        yield sender
    finally:
        sender.stop()
        thread.join()
