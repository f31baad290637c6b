"""Watching a run: memory of the two processes, and what the service says of its slow path as time goes by."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

from identity_graph.demo.service import RunningService

_EVERY = 2.0
_LOADED = "identity_graph_resolution_loaded_identifiers"


@dataclass(slots=True)
class Sample:
    """Counters of the service at one moment; ``buckets`` are cumulative counts by upper bound."""

    accepted: float = 0
    duplicates: float = 0
    slow: float = 0
    loaded: float = 0
    largest: float = 0
    buckets: dict[float, float] = field(default_factory=dict[float, float])

    @property
    def taken(self) -> float:
        """Events that were taken or recognised as repeats."""
        return self.accepted + self.duplicates

    def p99(self) -> float:
        """Read off the bound under which 99 of 100 slow events stayed."""
        total = max(self.buckets.values(), default=0)
        return next((bound for bound, count in sorted(self.buckets.items()) if count >= 0.99 * total), 0.0)


def read_metrics(service: RunningService) -> Sample:
    """Read the counters of the service."""
    sample = Sample()
    text = requests.get(f"{service.url}/metrics", timeout=30).text
    for family in text_string_to_metric_families(text):
        for found in family.samples:
            match found.name:
                case "identity_graph_events_accepted_total":
                    sample.accepted = found.value
                case "identity_graph_events_duplicate_total":
                    sample.duplicates = found.value
                case "identity_graph_resolution_slow_total":
                    sample.slow = found.value
                case name if name == f"{_LOADED}_sum":
                    sample.loaded = found.value
                case name if name == f"{_LOADED}_max":
                    sample.largest = found.value
                case name if name == f"{_LOADED}_bucket":
                    sample.buckets[float(found.labels["le"])] = found.value
                case _:
                    pass
    return sample


class Watch:
    """Samples memory (MiB, resident) and metrics every other second until it is left."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.service_peak = 0.0
        self.neo4j_peak = 0.0
        self.samples: list[Sample] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.is_set():
            self.service_peak = max(self.service_peak, resident(self._service.pid))
            self.neo4j_peak = max(self.neo4j_peak, resident(self._service.neo4j.pid))
            with suppress(requests.RequestException):  # a busy service may be late; the next sample will do
                self.samples.append(read_metrics(self._service))
            self._done.wait(_EVERY)


def resident(pid: int) -> float:
    """Resident memory of a process and its children, in MiB."""
    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 2**20
