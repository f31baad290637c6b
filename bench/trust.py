"""What the spool, scopes and the audit log cost: services with and without them take turns on the same Neo4j."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import orjson
import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

from bench.bodies import BATCH, Bodies
from bench.export import driver_of
from bench.questions import LOOKUP, ask, over_http
from bench.throughput import generate
from identity_graph.demo.service import RunningService, serving
from identity_graph.runtime import ServerHandle

WHOLE, BARE = "the service", "without the three"
VARIANTS = {
    WHOLE: "",
    BARE: "spool,access,audit",
    "without the spool": "spool",
    "without scopes and masks": "access",
    "without the audit log": "audit",
}
"""The services that take turns, and what each goes without."""

CLIENTS = 16
ROUNDS = 6
_LOOKUPS = 2000
_WARM_UP = 300
_SETTLE_SECONDS = 1.5
"""In this time what was shown is in the audit log, so that nobody pays for what another was asked."""

_SAMPLE = "MATCH (i:Identifier) WHERE rand() < $share RETURN i.value AS value LIMIT $count"
_EVENTS = "MATCH (e:Event) RETURN count(e) AS n"
_ENTRIES = "MATCH (a:AuditEntry) RETURN count(a) AS n"


class Turn(NamedTuple):
    """What was measured in a turn, and milliseconds of processor time of service and Neo4j for one event or lookup."""

    value: float
    processor: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of the services did: events taken in a second, and milliseconds in which 95 of 100 lookups were answered, by rounds."""

    variant: str
    events: list[Turn]
    lookups: list[Turn]

    @property
    def rate(self) -> float:
        """Events in a second, of the median round."""
        return median(turn.value for turn in self.events)

    @property
    def lookup(self) -> float:
        """Milliseconds in which 95 of 100 lookups were answered, of the median round."""
        return median(turn.value for turn in self.lookups)

    @property
    def event_processor(self) -> float:
        """Milliseconds of processor time for an event."""
        return median(turn.processor for turn in self.events)

    @property
    def lookup_processor(self) -> float:
        """Milliseconds of processor time for a lookup."""
        return median(turn.processor for turn in self.lookups)

    def rate_beside(self, whole: "Cost") -> float:
        """How many times as many events it takes in a second as the whole service: the median over the rounds."""
        return median(mine.value / other.value for mine, other in zip(self.events, whole.events, strict=True))

    def lookup_beside(self, whole: "Cost") -> float:
        """How many times as long lookups take with the whole service as with it: the median over the rounds."""
        return median(other.value / mine.value for mine, other in zip(self.lookups, whole.lookups, strict=True))


def measure_trust(server: ServerHandle, bodies: Bodies, folder: Path, seed: int) -> list[Cost]:
    """Let the services take turns: first they take in the same number of events each, then they answer the same lookups.

    The order of turns is reversed from round to round, so that a graph that grows and a machine that changes its speed treat all alike.
    The first round does not count.
    """
    with ExitStack() as running:
        services = {
            name: running.enter_context(_started(server, folder, number, parts))
            for number, (name, parts) in enumerate(VARIANTS.items())
        }
        parts = _parts(bodies, folder, len(VARIANTS) * (ROUNDS + 1))
        events = _take_turns(services, lambda service, _: _take_in(service, next(parts)))
        values = _choose(server, seed)
        lookups = _take_turns(services, lambda service, name: _look_up(service, values, name))
        _check(server, bodies)
    return [Cost(name, events[name], lookups[name]) for name in VARIANTS]


def _started(server: ServerHandle, folder: Path, number: int, parts: str) -> AbstractContextManager[RunningService]:
    command = [sys.executable, "-m", "bench.without", parts]
    return serving(folder, server, name=f"service-{number}", command=command)


def _take_turns(
    services: dict[str, RunningService], measure: Callable[[RunningService, str], Turn]
) -> dict[str, list[Turn]]:
    found: dict[str, list[Turn]] = {name: [] for name in services}
    for turn in range(ROUNDS + 1):
        for name in list(services) if turn % 2 else reversed(services):
            value = measure(services[name], name)
            if turn:
                found[name].append(value)
    return found


def _take_in(service: RunningService, bodies: Bodies) -> Turn:
    """Send events; tell how many a second were taken in, until the last of them was in the graph and not in the spool."""
    processor = _processor(service)
    report = generate(service, bodies, CLIENTS)
    answered = time.perf_counter()
    while _read(service, "identity_graph_spool_messages"):
        time.sleep(0.02)
    waited = time.perf_counter() - answered
    if report["failures"]:
        raise RuntimeError(f"the service refused a request: {report['failures'][0]}")
    taken = 1000 * (_processor(service) - processor) / bodies.events
    return Turn(bodies.events / (max(report["answered"]) + waited), taken)


def _look_up(service: RunningService, values: Sequence[str], name: str) -> Turn:
    """Ask lookups by all clients; tell in how many milliseconds 95 of 100 were answered."""
    questions = [{"query": LOOKUP, "variables": {"value": value}} for value in values]
    ask(over_http(service), questions[:_WARM_UP], CLIENTS)
    time.sleep(_SETTLE_SECONDS)
    before = _count(service.neo4j)
    processor = _processor(service)
    took = sorted(ask(over_http(service), questions, CLIENTS))
    time.sleep(_SETTLE_SECONDS)
    taken = 1000 * (_processor(service) - processor) / len(values)
    recorded = _count(service.neo4j) - before
    expected = 0 if "audit" in VARIANTS[name] else len(values)
    if recorded != expected:
        raise RuntimeError(f"{name}: {recorded} entries of the audit log are there, not {expected}")
    return Turn(1000 * took[ceil(len(took) * 0.95) - 1], taken)


def _choose(server: ServerHandle, seed: int) -> list[str]:
    with driver_of(server) as driver:
        total = driver.execute_query("MATCH (i:Identifier) RETURN count(i) AS n").records[0]["n"]
        rows = driver.execute_query(_SAMPLE, share=min(1.0, 4 * _LOOKUPS / max(1, total)), count=4 * _LOOKUPS).records
    return Random(seed).choices([row["value"] for row in rows], k=_LOOKUPS)


def _count(server: ServerHandle) -> int:
    with driver_of(server) as driver:
        return driver.execute_query(_ENTRIES).records[0]["n"]


def _check(server: ServerHandle, bodies: Bodies) -> None:
    """See that every event is there once, whoever took it in."""
    sent = {message["messageId"] for line in bodies.read() for message in orjson.loads(line)["batch"]}
    with driver_of(server) as driver:
        found = driver.execute_query(_EVENTS).records[0]["n"]
    if found != len(sent):
        raise RuntimeError(f"{len(sent)} events were sent, {found} are there")


def _parts(bodies: Bodies, folder: Path, count: int) -> Iterator[Bodies]:
    """Cut the bodies into parts of the same size, each in a file of its own."""
    size = bodies.events // BATCH // count
    lines = bodies.read()
    for number in range(count):
        part = list(islice(lines, size if number < count - 1 else None))
        path = folder / "part.ndjson"
        path.write_bytes(b"".join(line + b"\n" for line in part))
        yield Bodies(path, sum(len(orjson.loads(line)["batch"]) for line in part))


def _processor(service: RunningService) -> float:
    """Read the seconds of processor time that a service and its Neo4j have had."""
    times = [psutil.Process(pid).cpu_times() for pid in (service.pid, service.neo4j.pid)]
    return sum(one.user + one.system for one in times)


def _read(service: RunningService, name: str) -> float:
    """Read a metric of the service; 0 when it has none of that name."""
    text = requests.get(f"{service.url}/metrics", timeout=30).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    )
