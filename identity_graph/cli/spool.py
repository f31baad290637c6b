"""``identity-graph spool``: what waits on the disk for Neo4j, and its delivery."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from identity_graph.cli.terminal import OutputFormat, opened_service, shown_share
from identity_graph.domain.values.instants import format_instant, format_minute
from identity_graph.service.collecting.draining import Drainer, spooling
from identity_graph.settings import Settings
from identity_graph.spool import SpoolTotals, read_folder, spool_folder
from identity_graph.terminal import Console, as_json

_STILL_WAITING = 1

spool_app = typer.Typer(
    help="Events that wait on the disk because Neo4j did not take them. A running service delivers them by itself.",
    no_args_is_help=True,
)
DataDir = Annotated[
    Path | None, typer.Option(help="Data folder of the service.", show_default="IDENTITY_GRAPH_DATA_DIR, or the user's")
]
_out = Console(soft_wrap=True)


@spool_app.command("status")
def status(
    data_dir: DataDir = None,
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.TEXT,
) -> None:
    """Show how many messages wait, since when, and what cannot be delivered. It needs neither Neo4j nor a service."""
    folder = spool_folder(_settings(data_dir).data_dir)
    totals = read_folder(folder)
    if format_ is OutputFormat.JSON:
        since = None if totals.since is None else format_instant(totals.since)
        print(as_json({**totals._asdict(), "since": since}, indent=True))
        return
    _out.print(_say(totals))
    if totals.aside:
        _out.print(f"Entries that cannot be delivered and were set aside: {totals.aside:,}. The log says why.")
    for name in (*totals.damaged, *totals.unreadable):
        _out.print(f"Damaged: {folder / name}")


@spool_app.command("drain")
def drain(data_dir: DataDir = None) -> None:
    """Deliver what waits, if no service does; exit code 1 when something still waits at the end."""
    settings = _settings(data_dir)
    before = read_folder(spool_folder(settings.data_dir)).messages
    if before:
        with shown_share("Delivering") as show:
            asyncio.run(_drain(settings, lambda left: show(1 - left / before)))
    after = read_folder(spool_folder(settings.data_dir))
    _out.print(f"Messages delivered: {before - after.messages:,}. {_say(after)}")
    if after.messages:
        _out.print("A running service holds them and delivers them by itself, as soon as Neo4j takes events.")
        raise typer.Exit(_STILL_WAITING)


async def _drain(settings: Settings, show: Callable[[int], None]) -> None:
    async with opened_service(settings) as service, spooling(service) as drainer:
        if drainer is not None:
            await _empty(drainer, show)


async def _empty(drainer: Drainer, show: Callable[[int], None]) -> None:
    while await drainer.drain_once():
        show(drainer.waiting)


def _say(totals: SpoolTotals) -> str:
    if totals.since is None:
        return "Nothing waits in the spool."
    since = format_minute(totals.since)
    return (
        f"Messages that wait in the spool: {totals.messages:,} ({decimal(totals.size)}), the oldest since {since} UTC."
    )


def _settings(data_dir: Path | None) -> Settings:
    return Settings() if data_dir is None else Settings(data_dir=data_dir)
