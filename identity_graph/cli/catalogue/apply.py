"""``identity-graph catalogue apply``, ``rollback`` and ``history``: change the catalogue of a graph, and see what it was."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import run_on_graph, shown_share
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.catalogue.source import read_catalogue
from identity_graph.terminal import Console, Text

if TYPE_CHECKING:
    from identity_graph.service.catalogue.changing import Applied

ACTOR = "terminal"


def apply(
    file: Annotated[str, typer.Argument(help="Catalogue file, or `default`.", metavar="NEW.yaml")],
    expected: Annotated[
        int | None,
        typer.Option("--expect", help="Replace only this version.", show_default="the one in force"),
    ] = None,
) -> None:
    """Put a catalogue in force on the graph, and derive stored profiles under it; see what changes with `diff` first.

    A running service derives new events under it at once. Stopped in between, the rest is done by a service, or by
    this command when it is called again with the same file.
    """
    catalogue = read_catalogue(file)
    from identity_graph.service.catalogue.changing import apply_on_graph

    with shown_share("Applying") as show:
        _tell(
            asyncio.run(
                run_on_graph(lambda graph: apply_on_graph(graph, catalogue.yaml, expected, ACTOR, on_progress=show))
            )
        )


def roll_back(version: Annotated[int, typer.Argument(help="Version to roll back to.")]) -> None:
    """Put the catalogue of an earlier version in force again: profiles are what they would be had nothing changed."""
    from identity_graph.service.catalogue.changing import roll_back_on_graph

    with shown_share("Applying") as show:
        _tell(asyncio.run(run_on_graph(lambda graph: roll_back_on_graph(graph, version, ACTOR, on_progress=show))))


def history() -> None:
    """List the catalogues that were ever in force, the latest first."""
    from identity_graph.service.catalogue.changing import list_catalogues

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("version", "applied", "by", "status"):
        table.add_column(column, no_wrap=True)
    for row in asyncio.run(run_on_graph(list_catalogues)):
        status = f"{row.status} ({row.progress:.0%})" if row.status == RuleSetStatus.APPLYING else row.status
        table.add_row(str(row.version), format_instant(row.applied_at), Text(row.applied_by), status)
    Console(soft_wrap=True).print(table)


def _tell(outcome: "Applied") -> None:
    put, current = outcome
    console = Console(soft_wrap=True)
    if current.version != put.version:
        console.print(
            f"Version {put.version} of the catalogue was put in force, but somebody put version {current.version} in force "
            "before it was completely applied: see `identity-graph catalogue history`."
        )
    elif current.status == RuleSetStatus.FAILED:
        console.print(f"Version {put.version} of the catalogue is in force, but applying it failed: {current.error}")
        raise typer.Exit(1)
    else:
        undo = f" `identity-graph catalogue rollback {put.version - 1}` undoes this." if put.version > 1 else ""
        console.print(f"Version {put.version} of the catalogue is in force and applied.{undo}")
