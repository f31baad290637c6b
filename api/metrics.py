"""Metrics of the collector, and the page where Prometheus reads all metrics of the service."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from api.connections import Seats
from identity_graph.domain.collecting.segment.messages import Rejection
from identity_graph.service.collecting.collecting import CollectReport


class CollectorMetrics:
    """Counts requests by status and dead letters by code."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._dead_letters = Counter(
            "identity_graph_collector_dead_letters",
            "Messages that could not be accepted, repeats of them too.",
            ["code"],
            registry=registry,
        )
        self._requests = Counter(
            "identity_graph_collector_requests", "Requests to the collector.", ["status"], registry=registry
        )
        self._seconds = Histogram(
            "identity_graph_collector_request_seconds",
            "Seconds from the head of a request to its answer.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=registry,
        )

    def observe_request(self, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(str(status)).inc()
        self._seconds.observe(seconds)

    def observe_report(self, report: CollectReport) -> None:
        """Count the dead letters of a request."""
        if report.dead_lettered:
            for result in report.results:
                if isinstance(result, Rejection):
                    self._dead_letters.labels(result.code.value).inc()


def show_connections(registry: CollectorRegistry, seats: Seats) -> None:
    """Count the connections of a server in its metrics."""
    for name, text, read in (
        ("connections", "Open connections.", lambda: seats.taken),
        (
            "connections_parted",
            "Connections closed to make room for others, or because they timed out.",
            lambda: seats.parted,
        ),
        ("connections_refused", "Connections refused because all others were busy.", lambda: seats.refused),
    ):
        Gauge(f"identity_graph_{name}", text, registry=registry).set_function(read)


async def show_metrics(request: Request) -> Response:
    """Write all metrics as text."""
    registry: CollectorRegistry = request.app.state.service.metrics.registry
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
