"""Metrics of the evaluation of segments."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from identity_graph.domain.segments.transitions import Transition, TransitionCause

_SECOND = 1_000_000


class EvaluationMetrics:
    """Counts customers that were evaluated, and who entered and left segments by that."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._customers = Counter(
            "identity_graph_segment_evaluations",
            "Customers that were evaluated since something of them changed, or time passed.",
            registry=registry,
        )
        self._transitions = Counter(
            "identity_graph_segment_transitions",
            "Customers that entered or left a segment.",
            ["direction", "cause"],
            registry=registry,
        )
        self._seconds = Histogram(
            "identity_graph_segment_transition_seconds",
            "Seconds from an event, or the end of a window, until who entered or left a segment by that is written.",
            buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
            registry=registry,
        )

    def observe(self, customers: int, transitions: Iterable[Transition]) -> None:
        """Count what one turn brought."""
        self._customers.inc(customers)
        for one in transitions:
            self._transitions.labels("entered" if one.entered else "left", one.cause.value.lower()).inc()
            if one.cause in {TransitionCause.EVENT, TransitionCause.TIME}:
                self._seconds.observe((one.at - one.occurred_at) / _SECOND)
