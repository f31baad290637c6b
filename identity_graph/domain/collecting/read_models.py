"""Messages that could not be accepted, as readers are told of them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class DeadLetterView(NamedTuple):
    """A message that could not be accepted; ``raw`` is the text as it came."""

    id: str
    code: str
    reason: str
    received_at: Instant
    source: str
    raw: str
    attempts: int
    last_error: str | None
