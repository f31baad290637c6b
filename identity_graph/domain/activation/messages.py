"""Messages to destinations: their ids and what they say.

A message is written once, when it is put into the outbox; every attempt to deliver it sends the same text under the same id.
It names customers by id alone: who receives it looks them up, and sees what is true then.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.read_models import AlertView
from identity_graph.domain.identity.read_models import ChangeView
from identity_graph.domain.segments.transitions import Transition
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant


def message_id(destination_id: str, *what: object) -> str:
    """Make the id under which a destination is told of something: the same for the same thing, whoever makes it."""
    return f"msg_{sha256(json.dumps([destination_id, *map(str, what)]).encode()).hexdigest()[:40]}"


def write_message(kind: MessageKind, at: Instant, data: dict[str, Any]) -> str:
    """Write a message as Standard Webhooks suggests: its type, the time of what it tells of, and the data."""
    return json.dumps(
        {"type": kind.value, "timestamp": format_instant(at), "data": data}, ensure_ascii=False, separators=(",", ":")
    )


def write_transition(kind: MessageKind, transition: Transition) -> str:
    """Write the message that a customer entered or left a segment."""
    return write_message(
        kind,
        transition.at,
        {
            "segment": transition.segment_id,
            "customer": transition.customer_id,
            "number": transition.number,
            "cause": transition.cause.value,
            "reason": transition.reason,
            "at": format_instant(transition.at),
            "occurredAt": format_instant(transition.occurred_at),
        },
    )


def write_change(change: ChangeView, customer_id: str, customer_ids: Sequence[str]) -> str:
    """Write the message that a customer changed; ``customer_ids`` are all that the change is about."""
    return write_message(
        MessageKind.CUSTOMER_CHANGED,
        change.at,
        {
            "customer": customer_id,
            "change": change.id,
            "kind": str(change.kind),
            "customers": list(customer_ids),
            "at": format_instant(change.at),
        },
    )


def write_erasure(customer_id: str, receipt_id: str, at: Instant) -> str:
    """Write the message that a customer was erased, by the id under which the destination knows it."""
    return write_message(
        MessageKind.CUSTOMER_ERASED, at, {"customer": customer_id, "receipt": receipt_id, "at": format_instant(at)}
    )


def write_alert(alert: AlertView) -> str:
    """Write the message that something happened of which somebody wanted to hear."""
    return write_message(
        MessageKind.ALERT,
        alert.at,
        {
            "alert": alert.id,
            "rule": alert.rule_id,
            "name": alert.rule_name,
            "customer": alert.customer_id,
            "event": alert.event_id,
            "eventName": alert.event_name,
            "at": format_instant(alert.at),
            "occurredAt": format_instant(alert.occurred_at),
        },
    )
