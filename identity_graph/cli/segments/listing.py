"""``identity-graph segments list`` and ``show``: what is saved."""

from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph import terminal
from identity_graph.cli.segments.base import Format, Language, Name, run
from identity_graph.cli.terminal import OutputFormat
from identity_graph.domain.segments.read_models import SegmentState
from identity_graph.domain.values.instants import format_minute
from identity_graph.terminal import Console, Text

if TYPE_CHECKING:
    from identity_graph.domain.segments.read_models import StoredSegment


def list_(format_: Format = OutputFormat.TEXT) -> None:
    """List all segments with their sizes."""
    from identity_graph.service.segments.files import read_overview

    overview = run(lambda service: read_overview(service.units))
    if format_ is OutputFormat.JSON:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "version": row.version,
                "size": row.size,
                "state": row.state,
                "fault": row.fault,
            }
            for row in overview.segments
        ]
        typer.echo(terminal.as_json(rows, indent=True))
        return
    console = Console(soft_wrap=True)
    if not overview.segments:
        console.print("There are no segments yet: see `identity-graph segments templates` for some to start from.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("segment", "members", "state", "changed", "id"):
        table.add_column(column, no_wrap=column != "segment", justify="right" if column == "members" else "left")
    for row in overview.segments:
        table.add_row(Text(row.name), f"{row.size:,}", tell_state(row), format_minute(row.updated_at), row.id)
    console.print(table)


def show(name: Name, language: Language = "en") -> None:
    """Print a segment as a file: identity-graph segments show NAME > segment.yaml. What it says is in comments."""
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.saving import draft_of

    overview = run(lambda service: read_overview(service.units))
    row = overview.get(name)
    draft = draft_of(row)
    said = [
        f"{row.id}, version {row.version}, {row.size:,} members, {tell_state(row)}",
        overview.say(draft.rule, draft.audience, language),
        *([] if row.fault is None else [f"It has a fault, so the rule lets nobody in: {row.fault}"]),
    ]
    from identity_graph.domain.segments.file import write_segment

    for line in said:
        print(f"# {terminal.printable(line)}")
    print(terminal.printable(write_segment(draft), but="\n"), end="")


def tell_state(row: "StoredSegment") -> str:
    """Say what is being done for a segment."""
    if row.fault is not None:
        return "fault"
    doing = {
        SegmentState.FILLING: "filling",
        SegmentState.CHANGING: "changing",
        SegmentState.SETTLING: "settling",
    }.get(SegmentState(row.state))
    return "live" if doing is None else f"{doing} ({row.progress:.0%})"
