"""``identity-graph segments check``: whether a file can be saved, and what it says."""

import typer

from identity_graph.cli.segments.base import File, Language, run
from identity_graph.errors import SegmentError
from identity_graph.service.segments.source import read_segment_text
from identity_graph.terminal import Console


def check(file: File, language: Language = "en") -> None:
    """Check a segment file against the catalogue, the rules and the segments of the graph, and say in words who is in.

    If it is wrong, every problem is shown with its line, and the exit code is 1.
    """
    source = read_segment_text(file)
    from identity_graph.service.segments.files import check_file

    try:
        checked = run(lambda service: check_file(service.units, source, language))
    except SegmentError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"{error.message}\n{source.name} is not valid; docs/segments.md explains every condition.", style="red"
        )
        raise typer.Exit(1) from None
    console = Console(soft_wrap=True)
    console.print(f"{source.name} is valid.")
    console.print(checked.sentence)
    print_warnings(console, checked.warnings)


def print_warnings(console: Console, warnings: list[str]) -> None:
    """Print what is only worth a look."""
    for warning in warnings:
        console.print(f"Worth a look: {warning}", style="yellow")
