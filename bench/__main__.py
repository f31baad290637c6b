"""The benchmark from one command: ``make bench``, or ``make bench EVENTS=20000`` for a first look."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.bodies import Bodies, write_bodies
from bench.changes import measure_changes
from bench.corrections import measure_corrections
from bench.export import export_graph
from bench.floor import write_floor
from bench.journeys import measure_long_journey
from bench.naive import read_events, write_naively
from bench.previews import measure_previews
from bench.profiles import measure_profiles
from bench.questions import measure_latency
from bench.report import Report, describe_machine
from bench.resolution import ResolveSpeed, measure_resolve
from bench.segments import measure_segments
from bench.targets import Measured, judge
from bench.telling import measure_telling
from bench.throughput import measure_throughput
from bench.trust import measure_trust
from identity_graph.demo.service import started_service
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.runtime import ServerHandle, ensure_server, stop_server
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations

T = TypeVar("T")

FOLDER = Path(".identity-graph") / "bench"
NAIVE_EVENTS = 20_000
RESOLVED_EVENTS = 200_000
MOST_PREVIEWED = 200_000
PREVIEWS = 20
SEGMENT_EVENTS = 30_000
TOLD_ORDERS = 200
TRUST_EVENTS = 150_000
_STEPS = 15


def main(
    events: Annotated[int, typer.Option(min=2000, help="Messages of the simulation to send.")] = 500_000,
    clients: Annotated[int, typer.Option(min=1, max=32, help="Clients that send at the same time.")] = 16,
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
    for name in ("service", "floor", "naive", "previews", "segments", "trust"):
        stop_server(Settings(data_dir=FOLDER / name, neo4j_uri=None))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    os.environ["IDENTITY_GRAPH_WEBHOOK_ALLOW_PRIVATE"] = "true"  # the receiver of the benchmark listens on this machine
    os.environ["IDENTITY_GRAPH_PREVIEW_MAX_IDENTIFIERS"] = str(
        100 * events
    )  # the service answers however many there are
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
            step("(j) whole profiles are read")
            profiles = measure_profiles(service, questions, seed)
            step("(b) the graph is exported")
            files = export_graph(service.neo4j, FOLDER / "graph")
            step("(g) customers are merged and split")
            corrections = measure_corrections(service)
            step("(h) rules are tried and applied")
            changes = measure_changes(service)
            step("(i) a long journey is read")
            journeys = measure_long_journey(service, FOLDER, min(1000, questions))
        step("(b) the floor: the same graph is written again")
        floor = _on_empty_graph("floor", lambda server: write_floor(server, files))
        step("(b) the naive way: MERGE by MERGE")
        now = time.time_ns() // 1000
        few = read_events(bodies, rules, min(NAIVE_EVENTS, events), now)
        naive = len(few) / _on_empty_graph("naive", lambda server: write_naively(server, few))
        step("(l) segments are previewed")
        previews = _on_empty_graph(
            "previews", lambda server: measure_previews(server, min(MOST_PREVIEWED, 2 * events // 5), PREVIEWS, seed)
        )
        step("(k) events are taken in beside live segments")
        some = read_events(bodies, rules, min(SEGMENT_EVENTS, events), now)
        segments = _on_empty_graph("segments", lambda server: measure_segments(server, some, FOLDER / "segments"))
        step("(m) entries of segments are told")
        with started_service(FOLDER / "telling") as service:
            telling = measure_telling(service, bodies, TOLD_ORDERS)
        step("(n) services take turns with and without spool, scopes and audit log")
        part = write_bodies(FOLDER / "some.ndjson", min(TRUST_EVENTS, events), seed)
        trust = _on_empty_graph("trust", lambda server: measure_trust(server, part, FOLDER / "trust", seed))
        step("(f) resolve() alone")
        speed = _measure_resolve(bodies, rules, now)
        step("done")
    for name in ("service", "floor", "naive", "previews", "segments", "trust", "graph"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    bodies.path.unlink()
    part.path.unlink()
    return judge(
        Measured(
            throughput=throughput,
            latencies=latencies,
            corrections=corrections,
            changes=changes,
            journeys=journeys,
            profiles=profiles,
            previews=previews,
            segments=segments,
            telling=telling,
            trust=trust,
            floor=floor,
            naive=naive,
            naive_events=len(few),
            speed=speed,
        )
    )


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


if __name__ == "__main__":
    typer.run(main)
