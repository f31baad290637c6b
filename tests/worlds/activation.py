"""Destinations and transitions to try activation with."""

from typing import Any

from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.service.activation.outbox import enqueue
from identity_graph.store.activation.destinations import create_destination
from identity_graph.store.driver.graph import Graph

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECOND = 1_000_000
NOW = 1_769_904_000 * SECOND


def transition(
    customer: str = "cus_1", number: int = 1, *, entered: bool | None = None, segment: str = "seg_1", **fields: Any
) -> Transition:
    """Make a transition; odd numbers enter."""
    given: dict[str, Any] = {
        "segment_id": segment,
        "customer_id": customer,
        "number": number,
        "entered": number % 2 == 1 if entered is None else entered,
        "at": NOW + number * SECOND,
        "occurred_at": NOW,
        "cause": TransitionCause.EVENT,
        "reason": "bought something within 30 days",
    } | fields
    return Transition(**given)


async def make_destination(graph: Graph, id: str = "dst_1", url: str = "http://127.0.0.1:9/", **fields: Any) -> str:
    """Keep a destination."""
    given: dict[str, Any] = {
        "id": id,
        "name": id,
        "url": url,
        "secret": SECRET,
        "segments": None,
        "kinds": ["segment.entered", "segment.exited"],
        "reentry": "EVERY_TIME",
        "cool_down": None,
        "initial": False,
        "region": None,
        "at_s": NOW // SECOND,
        "at_ns": 0,
    } | fields
    await graph.write(lambda tx: create_destination(tx, **given))
    return id


async def put(graph: Graph, *transitions: Transition, now: int = NOW) -> None:
    """Put transitions into the outbox, as who writes them does."""
    await graph.write(lambda tx: enqueue(tx, transitions, now))
