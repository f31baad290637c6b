"""Events per second through HTTP: the load generator runs beside the service, on the same cores."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import orjson
from rich.progress import Progress

from bench.bodies import BATCH, Bodies
from bench.watching import Sample, Watch, read_metrics
from identity_graph.demo.service import RunningService


@dataclass(frozen=True, slots=True)
class Throughput:
    """A run through HTTP: events in a second, by tenths; seconds of each request; memory peaks in MiB."""

    events: int
    seconds: float
    tenths: list[float]
    took: list[float]
    service_peak: float
    neo4j_peak: float
    samples: list[Sample]

    @property
    def rate(self) -> float:
        """Events in a second."""
        return self.events / self.seconds

    @property
    def last_over_first(self) -> float:
        """The rate of the last tenth over that of the first."""
        return self.tenths[-1] / self.tenths[0]

    def loaded_by_half(self) -> tuple[float, float]:
        """Count identifiers loaded per slow event, in the first and in the second half of the run."""
        final = self.samples[-1]
        middle = min(self.samples, key=lambda sample: abs(sample.taken - final.taken / 2))
        late = final.slow - middle.slow
        return (
            middle.loaded / middle.slow if middle.slow else 0.0,
            (final.loaded - middle.loaded) / late if late else 0.0,
        )


def measure_throughput(service: RunningService, bodies: Bodies, clients: int, progress: Progress) -> Throughput:
    """Post all bodies by ``clients`` clients and watch; every event must have arrived at the end."""
    task = progress.add_task("(a) events through HTTP", total=bodies.events)
    with Watch(service) as watch:
        shown = threading.Event()
        follower = threading.Thread(
            target=lambda: _follow(watch, lambda done: progress.update(task, completed=done), shown), daemon=True
        )
        follower.start()
        report = generate(service, bodies, clients)
        shown.set()
    watch.samples.append(read_metrics(service))
    progress.update(task, completed=bodies.events)
    if report["failures"]:
        raise RuntimeError(f"the service refused a request: {report['failures'][0]}")
    arrived = int(watch.samples[-1].taken)
    if arrived != bodies.events:
        raise RuntimeError(f"{bodies.events} events were sent, {arrived} arrived")
    answered = sorted(report["answered"])
    return Throughput(
        events=bodies.events,
        seconds=answered[-1],
        tenths=_tenths(answered),
        took=sorted(report["took"]),
        service_peak=watch.service_peak,
        neo4j_peak=watch.neo4j_peak,
        samples=watch.samples,
    )


def generate(service: RunningService, bodies: Bodies, clients: int) -> dict[str, list[Any]]:
    """Post all bodies from a process of its own; tell when each was answered, how long it took, and what failed."""
    command = [sys.executable, "-m", "bench.load", "127.0.0.1", str(service.port), str(bodies.path), str(clients)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        keys, output = _pipes(process)
        keys.write(service.write_key.encode() + b"\n")
        keys.close()
        return orjson.loads(output.read())


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _follow(watch: Watch, show: Callable[[float], None], done: threading.Event) -> None:
    while not done.wait(1):
        if watch.samples:
            show(watch.samples[-1].taken)


def _tenths(answered: list[float]) -> list[float]:
    """Rates of the tenths of all bodies, in the order in which they were answered."""
    size = max(1, len(answered) // 10)
    edges = [0.0, *(answered[min(len(answered), size * part) - 1] for part in range(1, 10)), answered[-1]]
    counts = [size] * 9 + [len(answered) - size * 9]
    return [BATCH * count / (end - start) for count, start, end in zip(counts, edges, edges[1:], strict=False)]
