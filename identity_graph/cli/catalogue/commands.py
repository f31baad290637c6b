"""``identity-graph catalogue``: check a catalogue file, try and apply it on the graph, and print what is in force."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.catalogue.apply import apply, history, roll_back
from identity_graph.cli.catalogue.diff import diff
from identity_graph.cli.terminal import run_on_graph
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import read_shipped
from identity_graph.domain.profiles.trait_types import TraitType
from identity_graph.errors import CatalogueError
from identity_graph.service.catalogue.source import DEFAULT, read_catalogue
from identity_graph.terminal import Console, Text

catalogue_app = typer.Typer(
    help="Check a catalogue file, preview it on the graph, apply it, or print one to start from.",
    no_args_is_help=True,
)


@catalogue_app.command("check")
def check(
    file: Annotated[str, typer.Argument(help="Catalogue file, or `default`.", show_default=False)],
) -> None:
    """Check a catalogue file and show its traits; if it is wrong, show every problem with its line and exit with code 1."""
    name = Path(file).name
    try:
        catalogue = read_catalogue(file)
    except CatalogueError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"{error.message}\n{name} is not valid; docs/catalogue.md explains every key.", style="red"
        )
        raise typer.Exit(1) from None
    _show(name, catalogue)


@catalogue_app.command("show")
def show(
    name: Annotated[
        str | None, typer.Argument(help=f"`{DEFAULT}` for the one that ships.", show_default="the one in force")
    ] = None,
) -> None:
    """Print the catalogue in force, or the one that ships: identity-graph catalogue show default > catalogue.yaml."""
    if name == DEFAULT:
        print(read_shipped(), end="")
    elif name is None:
        from identity_graph.service.catalogue.changing import read_yaml

        print(asyncio.run(run_on_graph(read_yaml)), end="")
    else:
        Console(stderr=True, soft_wrap=True).print(
            f"There is no catalogue {name!r} to show: say `{DEFAULT}`, or nothing for the one in force.", style="red"
        )
        raise typer.Exit(1)


catalogue_app.command("diff")(diff)
catalogue_app.command("apply")(apply)
catalogue_app.command("rollback")(roll_back)
catalogue_app.command("history")(history)


def _show(name: str, catalogue: Catalogue) -> None:
    console = Console(soft_wrap=True)
    count = len(catalogue.traits)
    console.print(f"{name} is valid: {count} trait{'' if count == 1 else 's'}.")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("trait", "type", "class", "policy"):
        table.add_column(column, no_wrap=True)
    table.add_column("also")
    for trait in catalogue.traits.values():
        table.add_row(Text(trait.name), trait.type, trait.trait_class, trait.policy, Text(_remarks(trait)))
    console.print(table)
    console.print(f"Of other traits the newest value counts. Days are those of {catalogue.time_zone}.", highlight=False)


def _remarks(trait: TraitType) -> str:
    remarks = ["personal"] if trait.personal else []
    if trait.sources:
        remarks.append(f"sources {', '.join(trait.sources)}")
    if trait.size:
        remarks.append(f"{trait.size} values")
    if trait.values:
        remarks.append(f"one of {', '.join(map(str, trait.values))}")
    return "; ".join(remarks)
