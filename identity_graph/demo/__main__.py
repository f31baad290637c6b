"""The demo from one command: ``make demo``, or ``make demo ONCE=1`` to end after the summary."""

import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from identity_graph.demo.catalogue import apply_catalogue
from identity_graph.demo.findings import find_out
from identity_graph.demo.purchases import CDNOW_PURCHASES, find_mapping, find_purchases
from identity_graph.demo.receiver import print_entry, told_of_entries
from identity_graph.demo.records import import_records
from identity_graph.demo.segments import SizeWatch, print_segments, save_segments
from identity_graph.demo.sending import Delivery, first_day, send_world
from identity_graph.demo.service import RunningService, command_path, started_service
from identity_graph.demo.summary import (
    RECUT,
    print_addresses,
    print_card,
    print_counts,
    print_cut,
    print_query,
    print_score,
)
from identity_graph.errors import IdentityGraphError
from identity_graph.runtime import shown_on
from identity_graph.simulation import BackOffice, simulate
from identity_graph.terminal import print_error

PEOPLE = 2_200
"""People of the simulation: about 40,000 messages."""


def main(
    once: Annotated[
        bool, typer.Option("--once", help="End after the summary instead of serving until Ctrl-C.")
    ] = False,
    people: Annotated[int, typer.Option(min=20, help="People to simulate; each sends about 18 messages.")] = PEOPLE,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 7,
    purchases: Annotated[bool, typer.Option(help="Import the real purchase history.")] = True,
    port: Annotated[int, typer.Option(help="Port of the service; 0 means any free port.")] = 0,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the demo; emptied at the start.")] = None,
) -> None:
    """Load real purchases and a simulated retailer, show the customers, and serve until Ctrl-C."""
    console = Console(highlight=False)
    folder = data_dir or user_data_path("identity-graph") / "demo"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(console, folder, once=once, people=people, seed=seed, purchases=purchases, port=port)
    except IdentityGraphError as error:
        print_error(error)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("The demo has stopped.")


def _run(console: Console, folder: Path, *, once: bool, people: int, seed: int, purchases: bool, port: int) -> None:
    begun = time.monotonic()
    console.print("[bold]Identity Graph[/]: real purchases and a simulated retailer become customers.")
    with ExitStack() as running, ExitStack() as starting:
        progress = starting.enter_context(shown_on(Console(stderr=True)))
        service = running.enter_context(started_service(folder, port=port, progress=progress))
        starting.close()
        console.print(f"Neo4j and the service run after {time.monotonic() - begun:.0f} s.")
        apply_catalogue(console, service)
        save_segments(console, service)
        receiver = running.enter_context(told_of_entries(console, service))
        if purchases:
            _import_purchases(console, service)
        office = _send_simulation(console, service, people, seed)
        _import_records(console, service, office, folder)
        with console.status("Scoring and reading the customers"):
            cut = service.ask(RECUT)["recutRfm"]["cut"]
            findings = find_out(service, folder, office)
        print_counts(console, findings)
        print_score(console, findings, people)
        print_cut(console, cut)
        print_segments(console, service)
        print_entry(console, receiver)
        print_card(console, service, findings)
        print_query(console, service, findings)
        print_addresses(console, service, findings)
        console.print(f"All of it took {time.monotonic() - begun:.0f} s.")
        if once:
            console.print("The service and Neo4j end with this run; without ONCE=1 they run until Ctrl-C.")
        else:
            console.print("The service keeps running. Ctrl-C stops it and Neo4j.")
            while True:
                time.sleep(3600)


def _import_purchases(console: Console, service: RunningService) -> None:
    path = find_purchases()
    console.rule("[bold]CDNOW: the purchases of a music shop, 1997 to 1998")
    console.print(f"$ identity-graph import {path.name} --mapping cdnow.yaml --source cdnow", style="dim")
    command = [
        str(command_path()),
        "import",
        str(path),
        "--mapping",
        str(find_mapping()),
        "--source",
        "cdnow",
        "--strict",
    ]
    begun = time.monotonic()
    subprocess.run(command, env=service.environment, cwd=service.log.parent, check=True)
    seconds = time.monotonic() - begun
    console.print(f"{CDNOW_PURCHASES:,} purchases in {seconds:.0f} s.")


def _send_simulation(console: Console, service: RunningService, people: int, seed: int) -> BackOffice:
    """Send a world that ends today through the SDK; return what saw all of it, with the whole truth."""
    console.rule("[bold]A simulated retailer, sent by the Segment SDK for Python")
    start = first_day()
    office = BackOffice(simulate(people, seed, start=start))
    total = 0
    for sent in office.world:
        office.note(sent)
        total += 1
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=console) as bars:
        task = bars.add_task("messages", total=total)
        delivery = Delivery(host=service.url, write_key=service.write_key, people=people, seed=seed, start=start)
        segments = SizeWatch(service, bars)

        def show(count: int) -> None:
            bars.update(task, completed=count)
            segments.look()

        sent = send_world(delivery, show)
    seconds = time.monotonic() - begun
    console.print(f"{sent:,} messages of {people:,} people in {seconds:.0f} s ({sent / seconds:,.0f} a second).")
    return office


def _import_records(console: Console, service: RunningService, office: BackOffice, folder: Path) -> None:
    console.rule("[bold]What its e-mail service, call centre, survey tool and loyalty programme know")
    import_records(console, service, office.write(folder))


if __name__ == "__main__":
    typer.run(main)
