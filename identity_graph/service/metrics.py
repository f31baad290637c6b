"""Metrics of the write path, for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics


class Metrics:
    """The metrics of one service; each has its own registry, so that several may live in one process."""

    def __init__(self) -> None:
        disable_created_metrics()  # when a counter was made tells nobody anything
        self.registry = CollectorRegistry()
        self.accepted = self._counter("identity_graph_events_accepted", "Events taken in.")
        self.duplicates = self._counter(
            "identity_graph_events_duplicate", "Repeats of known events, which change nothing."
        )
        self.slow = self._counter("identity_graph_resolution_slow", "Events that were resolved by looking at links.")
        self.ignored = Counter(
            "identity_graph_ignored_identifiers",
            "Values that were not identifiers, or linked nothing.",
            ["namespace", "code"],
            registry=self.registry,
        )
        self.loaded = Histogram(
            "identity_graph_resolution_loaded_identifiers",
            "Stored identifiers that were looked at for an event resolved by looking at links.",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000),
            registry=self.registry,
        )
        self.loaded_max = Gauge(
            "identity_graph_resolution_loaded_identifiers_max", "The largest of these numbers.", registry=self.registry
        )
        self.commit_events = Histogram(
            "identity_graph_commit_events",
            "Events in one transaction.",
            buckets=(1, 5, 10, 50, 100, 200, 500, 1000, 5000),
            registry=self.registry,
        )
        self.commit_seconds = Histogram(
            "identity_graph_commit_seconds", "Seconds that one transaction took.", registry=self.registry
        )
        self.pending = Gauge(
            "identity_graph_pending_events", "Events that wait for a transaction.", registry=self.registry
        )
        self._largest = 0

    def observe_loads(self, loads: Iterable[int]) -> None:
        """Note how many identifiers slow events looked at."""
        for load in loads:
            self.slow.inc()
            self.loaded.observe(load)
            if load > self._largest:
                self._largest = load
                self.loaded_max.set(load)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, registry=self.registry)
