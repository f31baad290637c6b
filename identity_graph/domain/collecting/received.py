"""What one request brought, with all that reading it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Messages (JSON values) of one source, as they came.

    ``sent_at`` is what their batch says; ``default_type`` is what a message without a type is.
    """

    messages: Sequence[object]
    source: str
    received_at: Instant
    sent_at: object = None
    default_type: str | None = None
    protocol: Protocol = Protocol.SEGMENT
