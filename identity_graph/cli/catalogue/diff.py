"""``identity-graph catalogue diff``: what another catalogue would come to on the graph as it is."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity_graph import terminal
from identity_graph.cli.terminal import OutputFormat, run_on_graph
from identity_graph.service.catalogue.source import read_catalogue
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.catalogue.preview import CatalogueDiff

_LONGEST = 60


def diff(
    file: Annotated[str, typer.Argument(help="Catalogue file, or `default`.", metavar="NEW.yaml")],
    examples: Annotated[int, typer.Option(help="Examples to show.", min=0, max=100)] = 5,
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.TEXT,
) -> None:
    """Tell what another catalogue says otherwise, and how traits of the customers seen last would change."""
    new = read_catalogue(file)
    from identity_graph.service.catalogue.preview import preview_on_graph

    found = asyncio.run(run_on_graph(lambda graph: preview_on_graph(graph, new)))
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json(as_json(found, examples), indent=True))
    else:
        print_diff(Console(soft_wrap=True), Path(file).name, found, examples)


def as_json(found: "CatalogueDiff", examples: int) -> dict[str, Any]:
    """Write the outcome as JSON has it, in the names of GraphQL."""
    return {
        "changes": [one._asdict() for one in found.changes],
        "rebuilds": found.rebuilds,
        "sampled": found.sampled,
        "changed": found.changed,
        "examples": [
            {"customerId": one.customer_id, "name": one.name, "before": one.before, "after": one.after}
            for one in found.examples[:examples]
        ],
    }


def print_diff(console: Console, name: str, found: "CatalogueDiff", examples: int) -> None:
    """Print what differs, and what that means for customers."""
    if not found.changes:
        console.print(f"{name} says the same as the catalogue in force.")
        return
    for change in found.changes:
        place = f"{change.part}.{change.name}" if change.name else change.part
        if change.before is None or change.after is None:
            console.print(f"  {'+' if change.before is None else '-'} {place}", highlight=False)
            continue
        for key, before, after in _entries(change.before, change.after):
            where = f"{place}.{key}" if key else place
            console.print(f"  ~ {where}: {_short(before)} → {_short(after)}", highlight=False)
    rebuilt = f"{', '.join(found.rebuilds)} would be derived again" if found.rebuilds else "nothing is derived again"
    console.print(f"\nWhen it is applied, {rebuilt}.", highlight=False)
    if found.sampled:
        console.print(
            f"Of the {found.sampled} customers seen last, {found.changed} would have another value of a trait."
        )
    for one in found.examples[:examples]:
        line = f"  {one.customer_id} {one.name}: {_short(one.before)} → {_short(one.after)}"
        console.print(line, highlight=False, markup=False)


def _entries(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [("", before, after)]
    return [
        (key, before.get(key), after.get(key)) for key in sorted(before | after) if before.get(key) != after.get(key)
    ]


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else terminal.as_json(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
