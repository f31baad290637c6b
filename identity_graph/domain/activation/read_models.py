"""What is read of destinations, deliveries and alerts to be shown."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class DestinationRow(NamedTuple):
    """A destination. ``cool_down`` is as it was written; no ``segments`` means all."""

    id: str
    name: str
    url: str
    segments: list[str] | None
    kinds: list[str]
    reentry: str
    cool_down: str | None
    initial: bool
    region: str | None
    channel: str | None
    change_position: int | None
    created_at: Instant
    updated_at: Instant
    disabled_at: Instant | None
    disabled_reason: str | None


class DeliveryRow(NamedTuple):
    """A delivery as it is shown; ``state`` is ``PENDING``, ``DELIVERED``, ``FAILED`` or ``WITHHELD``; ``withheld`` is why."""

    id: str
    position: int
    kind: str
    customer_id: str | None
    state: str
    withheld: str | None
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: Instant
    due_at: Instant | None
    delivered_at: Instant | None
    failed_at: Instant | None


class DeliveryCounts(NamedTuple):
    """How many deliveries of a destination are pending, and how many were given up."""

    id: str
    pending: int
    failed: int


class WithheldCount(NamedTuple):
    """How many deliveries of a destination were withheld for one reason."""

    id: str
    reason: str
    total: int


class AlertRuleRow(NamedTuple):
    """A rule of alerts; ``rule`` is JSON, ``repeat_after`` a duration as it was written, quiet hours are ``22:00``."""

    id: str
    name: str
    rule: str
    repeat_after: str | None
    quiet_from: str | None
    quiet_to: str | None
    enabled: bool
    created_at: Instant
    updated_at: Instant


class AlertView(NamedTuple):
    """An alert. ``repeats`` counts the events that would have been alerts so soon after it."""

    id: str
    position: int
    rule_id: str
    rule_name: str
    customer_id: str | None
    event_id: str
    event_name: str
    repeats: int
    occurred_at: Instant
    at: Instant
