"""``identity-graph segments members``: who is in."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph import terminal
from identity_graph.cli.segments.base import Format, Name, run
from identity_graph.cli.terminal import OutputFormat
from identity_graph.domain.values.instants import format_instant, format_minute
from identity_graph.terminal import Console, Text

if TYPE_CHECKING:
    from identity_graph.domain.identity.read_models import CustomerIdentifier
    from identity_graph.domain.segments.read_models import Member, StoredSegment
    from identity_graph.service.core import Service
    from identity_graph.service.positions import Page

_SHOWN = 3
"""Identifiers that are shown of a member: the strongest."""


def members(
    name: Name,
    first: Annotated[int, typer.Option(help="How many to show, of those who entered last.", min=1, max=10_000)] = 20,
    format_: Format = OutputFormat.TEXT,
) -> None:
    """Show who is in a segment, the last to enter first."""
    from identity_graph.cli.identifiers import strongest_first
    from identity_graph.service.customers.cards import read_identifiers_of
    from identity_graph.service.reads import Reads
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.members import read_members

    async def read(
        service: "Service",
    ) -> "tuple[StoredSegment, Page[Member], list[list[CustomerIdentifier]]]":
        row = (await read_overview(service.units)).get(name)
        page = await read_members(service.graph, row.id, first=first, after=None)
        owned = await read_identifiers_of(Reads(service.graph), [one.customer_id for one in page.items])
        return row, page, [strongest_first(own, service.rules) for own in owned]

    row, page, owned = run(read)
    if format_ is OutputFormat.JSON:
        typer.echo(
            terminal.as_json(
                [{"customerId": one.customer_id, "since": format_instant(one.since)} for one in page.items], indent=True
            )
        )
        return
    console = Console(soft_wrap=True)
    if not page.items:
        console.print(f"Nobody is in {row.name!r}.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("customer", "since"):
        table.add_column(column, no_wrap=True)
    table.add_column("identifiers")
    for one, own in zip(page.items, owned, strict=True):
        keys = ", ".join(identifier.key for identifier in own[:_SHOWN]) + (" …" if len(own) > _SHOWN else "")
        table.add_row(one.customer_id, format_minute(one.since), Text(keys))
    console.print(table)
    if page.has_next_page:
        console.print(f"{len(page.items):,} of {row.size:,} members; --first shows more.")
