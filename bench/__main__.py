"""The benchmark from one command: ``make bench``, or ``make bench EVENTS=20000`` for a first look."""

import asyncio
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.bodies import Bodies, write_bodies
from bench.export import export_graph
from bench.floor import FloorResult, write_floor
from bench.naive import read_events, write_naively
from bench.questions import Latency, measure_latency
from bench.report import Report, describe_machine
from bench.resolution import ResolveSpeed, measure_resolve
from bench.throughput import Throughput, measure_throughput
from identity_graph.demo.service import started_service
from identity_graph.domain.rules import RuleSet
from identity_graph.domain.rules_file import load_preset
from identity_graph.runtime import ServerHandle, ensure_server, stop_server
from identity_graph.settings import Settings
from identity_graph.store.graph import Graph
from identity_graph.store.migrations import apply_migrations

T = TypeVar("T")

FOLDER = Path(".identity-graph") / "bench"
NAIVE_EVENTS = 20_000
RESOLVED_EVENTS = 200_000
_STEPS = 7


def main(
    events: Annotated[int, typer.Option(min=2000, help="Messages of the simulation to send.")] = 500_000,
    clients: Annotated[int, typer.Option(min=1, max=32, help="Clients that send at the same time.")] = 8,
    questions: Annotated[int, typer.Option(min=100, help="Lookups, and journeys, to ask.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same messages.")] = 7,
) -> None:
    """Measure the service on this machine, print one table, and fail when a target is missed."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=130)
    FOLDER.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is stopped
    try:
        with FileLock(FOLDER.with_suffix(".lock"), timeout=0):
            report = _measure(console, events, clients, questions, seed)
    except Timeout:
        console.print("Another benchmark runs in this folder: wait for it, two would slow each other down.")
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        console.print("The benchmark was stopped.")
        raise typer.Exit(130) from None
    report.show(console)
    path = FOLDER / "result.json"
    path.write_bytes(orjson.dumps({"machine": describe_machine(), **report.numbers}, option=orjson.OPT_INDENT_2))
    console.print(f"The numbers are in {path}.", highlight=False)
    if report.missed:
        console.print(f"[red]{len(report.missed)} of the targets are missed.[/]")
        raise typer.Exit(1)


def _measure(console: Console, events: int, clients: int, questions: int, seed: int) -> Report:
    """Measure everything, one after the other, in an empty folder."""
    for name in ("service", "floor", "naive"):
        stop_server(Settings(data_dir=FOLDER / name, neo4j_uri=None))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    rules = load_preset()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        step = _steps(progress)
        step("the simulation is written")
        bodies = write_bodies(FOLDER / "bodies.ndjson", events, seed)
        step("(a) the service takes the events")
        with started_service(FOLDER / "service") as service:
            throughput = measure_throughput(service, bodies, clients, progress)
            step("(d) the service is asked")
            latencies = measure_latency(service, rules, questions, seed)
            step("(b) the graph is exported")
            files = export_graph(service.neo4j, FOLDER / "graph")
        step("(b) the floor: the same graph is written again")
        floor = _on_empty_graph("floor", lambda server: write_floor(server, files))
        step("(b) the naive way: MERGE by MERGE")
        now = time.time_ns() // 1000
        few = read_events(bodies, rules, min(NAIVE_EVENTS, events), now)
        naive = len(few) / _on_empty_graph("naive", lambda server: write_naively(server, few))
        step("(f) resolve() alone")
        speed = _measure_resolve(bodies, rules, now)
        step("done")
    for name in ("service", "floor", "naive", "graph"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    bodies.path.unlink()
    return _judge(events, throughput, latencies, floor, naive, speed)


def _steps(progress: Progress) -> Callable[[str], None]:
    """Show which step runs: each call ends the one before."""
    task = progress.add_task("", total=_STEPS, completed=-1)

    def begin(name: str) -> None:
        progress.update(task, description=name, advance=1)

    return begin


def _on_empty_graph(name: str, work: Callable[[ServerHandle], T]) -> T:
    """Start a second Neo4j, configured like the first, with the same constraints and indexes, for some work."""
    settings = Settings(data_dir=FOLDER / name, neo4j_uri=None)
    server = ensure_server(settings)
    try:
        asyncio.run(_migrate(server))
        return work(server)
    finally:
        stop_server(settings)


async def _migrate(server: ServerHandle) -> None:
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await apply_migrations(graph)
        await graph.run("MATCH (m:Migration) DETACH DELETE m")


def _measure_resolve(bodies: Bodies, rules: RuleSet, now: int) -> ResolveSpeed:
    return measure_resolve(read_events(bodies, rules, min(RESOLVED_EVENTS, bodies.events), now), rules)


def _judge(
    events: int,
    throughput: Throughput,
    latencies: list[Latency],
    floor: FloorResult,
    naive: float,
    speed: ResolveSpeed,
) -> Report:
    report = Report()
    rate, floor_rate = throughput.rate, events / floor.seconds
    report.judge("a", f"events/s through HTTP, {events:,} events", f"{rate:,.0f}", ">= 2,000", rate >= 2000)
    report.add("", "a request of 100: p50 / p95 / p99", _milliseconds([1000 * t for t in throughput.took]))
    share = rate / floor_rate
    report.add("b", f"the floor: {floor.rows:,} nodes and relationships, events/s", f"{floor_rate:,.0f}")
    report.judge("", "share of the floor", f"{share:.2f}", ">= 0.40", share >= 0.4)
    report.add("", f"one MERGE transaction per event, {min(NAIVE_EVENTS, events):,} events, events/s", f"{naive:,.0f}")
    report.judge("", "times the naive way", f"{rate / naive:.1f}", ">= 5", rate >= 5 * naive)
    steady = throughput.last_over_first
    report.judge("c", "rate of the last tenth over the first", f"{steady:.2f}", ">= 0.80", steady >= 0.8)
    for found in latencies:
        over = "Bolt" if found.target == "bolt" else "GraphQL"
        name = f"{found.question}, {over}, {found.clients} at once: p50 / p95 / p99"
        report.add("d", name, f"{found.p50:.1f} / {found.p95:.1f} / {found.p99:.1f} ms")
    p95 = {(found.question, found.target, found.clients): found.p95 for found in latencies}
    times = p95["lookup", "graphql", 16] / p95["lookup", "bolt", 16]
    report.judge("", "lookup p95 at 16 clients, over that of Bolt", f"{times:.1f}", "<= 4", times <= 4)
    memory = throughput.service_peak
    report.judge("e", "memory of the service, peak", f"{memory:,.0f} MiB", "< 400 MB", memory * 2**20 < 400e6)
    report.add("", "memory of Neo4j, peak", f"{throughput.neo4j_peak:,.0f} MiB")
    report.add("f", f"resolve(), {speed.observations:,} observations: links/s", f"{speed.links_per_second:,.0f}")
    final = throughput.samples[-1]
    first, second = throughput.loaded_by_half()
    report.add("", "slow-path share of events", f"{final.slow / final.accepted:.1%}")
    loaded = f"{final.loaded / max(1, final.slow):.1f} / <= {final.p99():.0f} / {final.largest:.0f}"
    report.add("", "identifiers loaded per slow event: mean / p99 / max", loaded)
    growth = second / first if first else 1.0
    report.judge("", "their mean in the second half over the first", f"{growth:.2f}", "<= 1.5", growth <= 1.5)
    report.numbers = {
        "events": events,
        "events_per_second": rate,
        "tenths": throughput.tenths,
        "floor": {**asdict(floor), "events_per_second": floor_rate},
        "naive_events_per_second": naive,
        "latencies_ms": [asdict(found) for found in latencies],
        "memory_mib": {"service": throughput.service_peak, "neo4j": throughput.neo4j_peak},
        "resolve": asdict(speed),
        "slow_path": {"events": final.slow, "loaded_by_half": [first, second], "largest": final.largest},
        "targets": [asdict(line) for line in report.lines],
    }
    return report


def _milliseconds(values: list[float]) -> str:
    at = [values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.95, 0.99)]
    return f"{at[0]:,.0f} / {at[1]:,.0f} / {at[2]:,.0f} ms"


if __name__ == "__main__":
    typer.run(main)
