"""``identity-graph segments export``: who is in a segment, as a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity_graph.cli.segments.base import Name, run
from identity_graph.domain.activation.hashing import Platform
from identity_graph.domain.consent.permission import say_refusal
from identity_graph.domain.values.instants import format_minute
from identity_graph.domain.values.observations import Channel
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.files.segment_export import Exported, Wanted
    from identity_graph.service.core import Service


def export(
    name: Name,
    output: Annotated[Path, typer.Argument(help="A .csv, .ndjson or .parquet file, or - for CSV on standard output.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="customer_id, since, or trait:NAME; repeat it. Without it, customer_id and since."),
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(help="A namespace such as email: one row for each address instead of each customer; repeat it."),
    ] = None,
    hash_: Annotated[
        Platform | None, typer.Option("--hash", help="Hash e-mail addresses and phone numbers as this platform wants.")
    ] = None,
    channel: Annotated[
        Channel | None,
        typer.Option(
            help="How people are to be contacted: of a segment with a purpose, only those who permit it.",
            case_sensitive=False,
        ),
    ] = None,
    difference: Annotated[
        bool, typer.Option("--difference", help="Only who entered or left since the last export of the series.")
    ] = False,
    series: Annotated[
        str, typer.Option(help="Exports that follow each other, such as those for one tool.")
    ] = "default",
) -> None:
    """Export the members of a segment, or who entered and left since the last time."""
    from identity_graph.files.segment_export import PLAIN_COLUMNS, Wanted, export_segment
    from identity_graph.service.segments.files import read_overview

    wanted = Wanted(
        columns=tuple(column or PLAIN_COLUMNS),
        addresses=tuple(address or ()),
        platform=hash_,
        channel=channel,
        difference=difference,
        series=series,
    )

    async def write(service: "Service") -> "Exported":
        segment = (await read_overview(service.units)).get(name)
        return await export_segment(service, segment.id, output, wanted)

    _tell(run(write), output, wanted)


def _tell(done: "Exported", output: Path, wanted: "Wanted") -> None:
    console = Console(stderr=True, soft_wrap=True)
    what = "customers who entered or left" if wanted.difference and done.since is not None else "members"
    console.print(f"Wrote {done.rows:,} rows of {done.customers:,} {what} of {done.segment.name!r} to {output}.")
    if wanted.difference:
        console.print(
            f"They are the changes since {format_minute(done.since)} UTC."
            if done.since is not None
            else f"It is the first export of the series {wanted.series!r}, so it has all members."
        )
    for refusal, count in sorted(done.withheld.items(), key=lambda item: (-item[1], item[0])):
        console.print(f"Withheld: {count:,}, since {say_refusal(refusal)}.")
    if wanted.addresses:
        kinds = " or ".join(wanted.addresses)
        console.print(f"One row for each address. {done.without_address:,} have no {kinds} and are not in the file.")
