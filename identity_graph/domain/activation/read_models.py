"""What is read of destinations and deliveries to be shown."""

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
    change_position: int | None
    created_at: Instant
    updated_at: Instant
    disabled_at: Instant | None
    disabled_reason: str | None


class DeliveryRow(NamedTuple):
    """A delivery as it is shown; ``state`` is ``PENDING``, ``DELIVERED`` or ``FAILED``."""

    id: str
    position: int
    kind: str
    customer_id: str
    state: str
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
