"""Sending a simulated world through the real Segment SDK for Python, from a few processes at once."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from identity_graph.errors import IdentityGraphError
from identity_graph.simulation import DAYS, Simulation
from identity_graph.simulation.people import DAY
from identity_graph.simulation.values import PLACEHOLDER

_PROCESSES = 2
_CLIENTS = 4
_QUEUE = 400
"""Messages that wait in a client at most: enough to fill batches, few enough that the progress is true."""


class DeliveryError(IdentityGraphError):
    """The SDK gave up on a batch."""

    code = "DELIVERY_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What to send where: a world is named by its people, its seed and its first day (milliseconds since 1970)."""

    host: str
    write_key: str
    people: int
    seed: int
    start: int


def first_day() -> int:
    """Give the first day of a world that ends today, so that its customers are as alive as real ones."""
    today = int(time.time() * 1000) // DAY * DAY
    return today - DAYS * DAY


def send_world(delivery: Delivery, progress: Callable[[int], None]) -> int:
    """Send a world and return how many messages it had; ``progress`` is called with the messages sent so far.

    Each process draws the same world and sends its share of it, in the order of the world: the shares overtake each
    other a little, as those of real sources do.

    Raises:
        DeliveryError: the SDK gave up on a batch.
    """
    spawn = get_context("spawn")
    sent = spawn.Value("q", 0)
    lost = spawn.Value("q", 0)
    workers = [
        spawn.Process(target=_send_share, args=(delivery, share, sent, lost), daemon=True)
        for share in range(_PROCESSES)
    ]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            progress(sent.value)
            time.sleep(0.2)
    finally:
        for worker in workers:
            worker.join(timeout=5)
            worker.kill()
    progress(sent.value)
    failed = [worker.exitcode for worker in workers if worker.exitcode]
    if lost.value or failed:
        raise DeliveryError(
            f"The SDK could not deliver {lost.value} messages; see the log of the service.", exits=failed
        )
    return sent.value


def _send_share(delivery: Delivery, share: int, sent: "Synchronized[int]", lost: "Synchronized[int]") -> None:
    from segment.analytics.client import Client

    logging.getLogger("segment").setLevel(logging.CRITICAL)

    def on_error(_: Exception, batch: list[Any]) -> None:
        with lost.get_lock():
            lost.value += len(batch)

    clients = [
        Client(delivery.write_key, host=delivery.host, max_queue_size=10 * _QUEUE, upload_size=100, on_error=on_error)
        for _ in range(_CLIENTS)
    ]
    count = 0
    world = Simulation(delivery.people, delivery.seed, start=delivery.start)
    for count, simulated in enumerate(islice(world, share, None, _PROCESSES), 1):
        client = clients[count % _CLIENTS]
        while client.queue.qsize() > _QUEUE:
            time.sleep(0.005)
        call_sdk(client, simulated.message)
        if count % 100 == 0:
            with sent.get_lock():
                sent.value += 100
    for client in clients:
        client.shutdown()
    with sent.get_lock():
        sent.value += count % 100


def call_sdk(client: Any, message: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    """Make the call of the SDK that sends ``message``, keeping its message id and timestamp.

    Returns the SDK's answer: whether there was room for it, and the message as it goes out. The SDK insists on a user id or an anonymous id; a message with neither gets the placeholder that tills use.
    """
    anonymous_id = message.get("anonymousId")
    common: dict[str, Any] = {
        "context": message["context"],
        "timestamp": datetime.fromisoformat(message["timestamp"]),
        "message_id": message["messageId"],
    }
    user = {"user_id": message.get("userId"), "anonymous_id": anonymous_id}
    if message["type"] != "alias" and not any(user.values()):
        user["anonymous_id"] = PLACEHOLDER
    match message["type"]:
        case "track":
            return client.track(event=message["event"], properties=message["properties"], **user, **common)
        case "identify":
            return client.identify(traits=message["traits"], **user, **common)
        case "page":
            return client.page(name=message["name"], properties=message["properties"], **user, **common)
        case "screen":
            return client.screen(name=message["name"], properties=message["properties"], **user, **common)
        case _:
            return client.alias(previous_id=message["previousId"], user_id=message["userId"], **common)
