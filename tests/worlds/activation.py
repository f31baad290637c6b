"""Destinations and transitions to try activation with."""

from typing import Any

from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.service.activation.outbox import enqueue
from identity_graph.store.activation import alerts
from identity_graph.store.activation.destinations import save_destination
from identity_graph.store.activation.exports import save_export
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction

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
        "channel": None,
        "change_position": None,
        "former_secrets": [],
        "former_until": [],
        "at_s": NOW // SECOND,
        "at_ns": 0,
    } | fields
    await graph.write(lambda tx: save_destination(tx, **given))
    return id


async def put(graph: Graph, *transitions: Transition, now: int = NOW) -> None:
    """Put transitions into the outbox, as who writes them does."""
    await graph.write(lambda tx: enqueue(tx, transitions, now))


async def seed_activation(graph: Graph) -> None:
    """Tell destinations of transitions, with every property that activation writes."""
    for number in range(20):
        await make_destination(
            graph,
            f"dst_{number}",
            cool_down="P1D",
            segments=["seg_1"],
            initial=True,
            region="EU",
            channel="EMAIL",
            change_position=0,
            former_secrets=[SECRET],
            former_until=[NOW],
        )
    await graph.run("MATCH (d:Destination {id: 'dst_1'}) SET d.disabled_at = datetime(), d.disabled_reason = '?'")
    await put(graph, *(transition(f"cus_{number}") for number in range(50)))
    await graph.write(seed_alerts)
    await graph.run(
        "MATCH (d:Delivery {position: 1}) SET d.withheld = '?', d.claim = '?', d.last_status = 500, d.last_error = '?', "
        "d.delivered_at = datetime(), d.failed_at = datetime()"
    )


async def seed_alerts(tx: WriteTransaction) -> None:
    """Keep rules of alerts, an event to be looked at, and alerts that were told and that are held."""
    for number in range(2):
        await alerts.save_alert_rule(
            tx,
            id=f"alr_{number}",
            name="?",
            rule="{}",
            repeat_after="PT1H",
            quiet_from="22:00",
            quiet_to="08:00",
            enabled=number == 0,
            at_s=1,
            at_ns=0,
        )
    await alerts.create_alert_candidates(tx, ids=["evt_1"])
    rows: list[alerts.NewAlert] = [
        {
            "id": f"alt_{number}",
            "rule_id": "alr_0",
            "rule_name": "?",
            "about": "alr_0/cus_1",
            "customer_id": "cus_1",
            "event_id": f"evt_{number}",
            "event_name": "?",
            "repeats": 0,
            "occurred_s": number,
            "occurred_ns": 0,
            "at_s": number,
            "at_ns": 0,
            "held_s": number,
            "held_ns": 0,
        }
        for number in range(30)
    ]
    await alerts.create_alerts(tx, rows=rows)
    await alerts.release_alerts(tx, ids=["alt_1", "alt_2"])
    await save_export(tx, segment_id="seg_1", series="default", position=1, written=1, at_s=1, at_ns=0)
