"""``identity-graph segments apply`` and ``delete``: save a file, and delete what nobody uses."""

import asyncio
from typing import Annotated

import typer

from identity_graph.cli.segments.base import File, Name
from identity_graph.cli.segments.checking import print_warnings
from identity_graph.cli.terminal import run_on_graph
from identity_graph.service.segments.source import read_segment_text
from identity_graph.terminal import Console


def apply(
    file: File,
    segment: Annotated[
        str | None,
        typer.Option(
            help="The segment that the file changes; so it gets another name.", show_default="that of its name"
        ),
    ] = None,
) -> None:
    """Save the segment of a file: the segment of its name is changed, or a new one is made."""
    source = read_segment_text(file)
    from identity_graph.service.segments.on_graph import apply_on_graph

    saved, checked = asyncio.run(run_on_graph(lambda graph: apply_on_graph(graph, source, segment)))
    row, console = saved.segment, Console(soft_wrap=True)
    done = f"Version {row.version} of {row.name!r} is saved" if saved.changed else f"{row.name!r} is as it was"
    console.print(f"{done} ({row.id}).")
    console.print(checked.sentence)
    print_warnings(console, saved.warnings)
    if saved.changed:
        console.print("A running service evaluates all customers; see `identity-graph segments list`.")


def delete(name: Name) -> None:
    """Delete a segment that nothing uses. Its name is never used again."""
    from identity_graph.service.segments.on_graph import delete_on_graph

    row = asyncio.run(run_on_graph(lambda graph: delete_on_graph(graph, name)))
    Console(soft_wrap=True).print(f"{row.name!r} ({row.id}) is deleted.")
