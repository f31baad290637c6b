"""What the commands of rules and of the catalogue share: versions are applied, and listed."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import run_on_graph, shown_share
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.instants import format_instant
from identity_graph.terminal import Console, Text

if TYPE_CHECKING:
    from identity_graph.service.applying.versions import Applied, Version
    from identity_graph.service.connecting import GraphWork

ACTOR = "terminal"


def show_application(name: str, apply: "Callable[[Callable[[float], None]], GraphWork[Applied[Any]]]") -> None:
    """Apply a version of ``rules`` or of the ``catalogue``, show how far it is, and tell what came of it."""
    with shown_share("Applying") as show:
        _tell(name, asyncio.run(run_on_graph(apply(show))))


def show_history(list_all: "GraphWork[Sequence[Version]]") -> None:
    """Show the versions that were ever in force, the latest first."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("version", "applied", "by", "status"):
        table.add_column(column, no_wrap=True)
    for row in asyncio.run(run_on_graph(list_all)):
        status = f"{row.status} ({row.progress:.0%})" if row.status == RuleSetStatus.APPLYING else row.status
        table.add_row(str(row.version), format_instant(row.applied_at), Text(row.applied_by), status)
    Console(soft_wrap=True).print(table)


def _tell(name: str, outcome: "Applied[Any]") -> None:
    put, current = outcome
    console = Console(soft_wrap=True)
    if current.version != put.version:
        console.print(
            f"Version {put.version} of the {name} was put in force, but somebody put version {current.version} in force "
            f"before it was completely applied: see `identity-graph {name} history`."
        )
    elif current.status == RuleSetStatus.FAILED:
        console.print(f"Version {put.version} of the {name} is in force, but applying it failed: {current.error}")
        raise typer.Exit(1)
    else:
        undo = f" `identity-graph {name} rollback {put.version - 1}` undoes this." if put.version > 1 else ""
        console.print(f"Version {put.version} of the {name} is in force and applied.{undo}")
