"""Metrics of what is delivered to destinations."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from identity_graph.domain.activation.retrying import Attempt


class DeliveryMetrics:
    """Counts attempts to deliver by what became of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "identity_graph_delivery_attempts",
            "Attempts to deliver a message to a destination.",
            ["outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "identity_graph_delivery_seconds",
            "Seconds from sending a message until its destination answered, or did not in time.",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
            registry=registry,
        )

    def observe(self, attempt: Attempt, seconds: float | None = None) -> None:
        """Count an attempt; without ``seconds`` nothing was sent."""
        self._attempts.labels(attempt.outcome.value.lower()).inc()
        if seconds is not None:
            self._seconds.observe(seconds)
