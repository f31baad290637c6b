"""The clock of the service."""

import time

from identity_graph.domain.values.observations import Instant


def now_instant() -> Instant:
    """Read the clock."""
    return time.time_ns() // 1000
