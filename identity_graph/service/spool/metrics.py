"""Metrics of the spool."""

from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge

from identity_graph.domain.values.observations import Instant
from identity_graph.service.clock import now_instant

_SECOND = 1_000_000


class Told(Protocol):
    """What a spool tells of itself."""

    @property
    def messages(self) -> int:
        """Messages that wait."""
        ...

    @property
    def size(self) -> int:
        """Their bytes."""
        ...

    @property
    def since(self) -> Instant | None:
        """When the oldest was received."""
        ...

    @property
    def aside(self) -> int:
        """Entries that cannot be delivered."""
        ...


class SpoolMetrics:
    """Counts what goes into the spool and out of it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.spooled = self._counter("spooled", "Messages that were answered from the spool.")
        self.drained = self._counter("drained", "Messages that were delivered from the spool.")
        self.refused = self._counter("refused", "Messages for which the spool had no room.")

    def show(self, read: Callable[[], Told]) -> None:
        """Show what waits, as of each time that somebody looks."""
        for name, text, value in (
            ("messages", "Messages that wait in the spool.", lambda: read().messages),
            ("bytes", "Bytes of the spool.", lambda: read().size),
            ("oldest_seconds", "Age of the oldest message in the spool.", lambda: _age(read().since)),
            ("aside", "Entries of the spool that cannot be delivered.", lambda: read().aside),
        ):
            Gauge(f"identity_graph_spool_{name}", text, registry=self._registry).set_function(value)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(f"identity_graph_spool_{name}", text, registry=self._registry)


def _age(since: Instant | None) -> float:
    return 0.0 if since is None else (now_instant() - since) / _SECOND
