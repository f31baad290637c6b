"""Moments on their way to Neo4j: whole seconds and nanoseconds, which ``datetime.fromEpoch`` takes."""

from identity_graph.domain.observations import Instant


def seconds(at: Instant) -> int:
    """Whole seconds since the epoch, rounded down."""
    return at // 1_000_000


def nanoseconds(at: Instant) -> int:
    """Nanoseconds within the second, never negative."""
    return at % 1_000_000 * 1000
