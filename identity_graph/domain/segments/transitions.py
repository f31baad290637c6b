"""Transitions: a customer enters or leaves a segment, numbered, with the time and the cause."""

from dataclasses import dataclass
from enum import StrEnum

from identity_graph.domain.values.observations import Instant


class TransitionCause(StrEnum):
    """Why a membership was looked at and found to be another one."""

    INITIAL = "INITIAL"
    EVENT = "EVENT"
    TIME = "TIME"
    MERGE = "MERGE"
    SPLIT = "SPLIT"
    RETRACTION = "RETRACTION"
    RULES = "RULES"
    RULE_CHANGED = "RULE_CHANGED"
    ERASURE = "ERASURE"
    PIN = "PIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One step of a customer into a segment or out of it.

    ``number`` counts 1, 2, 3 … for the segment and customer. ``occurred_at`` is when what caused it happened: the moment at
    which a window moved on, or the time of the event; ``at`` is when the service wrote it. ``reason`` is the condition that
    turned, as a sentence.
    """

    segment_id: str
    customer_id: str
    number: int
    entered: bool
    at: Instant
    occurred_at: Instant
    cause: TransitionCause
    reason: str

    @property
    def key(self) -> str:
        """What no other transition has: segment, customer and number."""
        return f"{self.segment_id}/{self.customer_id}/{self.number}"
