"""Destinations: who is told of what."""

from dataclasses import dataclass
from enum import StrEnum

from identity_graph.domain.values.observations import Instant


class MessageKind(StrEnum):
    """What a message to a destination tells of."""

    SEGMENT_ENTERED = "segment.entered"
    SEGMENT_EXITED = "segment.exited"
    ALERT = "alert"
    CUSTOMER_CHANGED = "customer.changed"
    CUSTOMER_ERASED = "customer.erased"


DEFAULT_KINDS = frozenset((MessageKind.SEGMENT_ENTERED, MessageKind.SEGMENT_EXITED))
"""What a destination is told of that does not say what it wants."""


ENTRY_WITHHELD = "ENTRY_WITHHELD"
"""Why an exit is withheld: the destination was not told of the entry before it."""


class Reentry(StrEnum):
    """How often a destination is told that the same customer entered the same segment."""

    ONCE = "ONCE"
    EVERY_TIME = "EVERY_TIME"
    COOL_DOWN = "COOL_DOWN"


class DeliveryState(StrEnum):
    """What became of a message.

    ``FAILED``: it was given up after the last attempt. ``WITHHELD``: it was not sent, since the customer does not permit the purpose.
    """

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What a destination wants to be told of.

    ``segments`` is None for all segments. ``cool_down`` is in microseconds; only ``COOL_DOWN`` has one. ``initial``: also
    those who were in a segment when it was filled for the first time.
    """

    kinds: frozenset[MessageKind] = DEFAULT_KINDS
    segments: frozenset[str] | None = None
    reentry: Reentry = Reentry.EVERY_TIME
    cool_down: Instant | None = None
    initial: bool = False

    def wants_segment(self, segment_id: str) -> bool:
        """Tell whether it is told anything of a segment."""
        return not self.kinds.isdisjoint(DEFAULT_KINDS) and (self.segments is None or segment_id in self.segments)
