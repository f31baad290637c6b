"""``identity-graph changes``: what happened to customers, one line a change, and what happens from now on."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, NamedTuple

import typer

from identity_graph.cli.terminal import OutputFormat, opened_service
from identity_graph.cli.time import read_time
from identity_graph.domain.identity.read_models import ChangedIdentifier, ChangeView
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.changes.log import ChangeFilter, Sides, read_changes, read_sides
from identity_graph.service.core import Service
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.terminal import as_json

_PAGE = 100


class Told(NamedTuple):
    """A change with both of its sides."""

    change: ChangeView
    sides: Sides


def changes(
    since: Annotated[
        str | None, typer.Option(help="Only changes since then: a date, or a time with its offset.")
    ] = None,
    after: Annotated[int | None, typer.Option(help="Only changes after this position in the log.", min=0)] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new changes until Ctrl-C.")] = False,
    format: Annotated[
        OutputFormat, typer.Option(help="Lines of text, or of JSON with the customers before and after.")
    ] = OutputFormat.TEXT,
) -> None:
    """Print what happened to customers, in the order in which it did."""
    wanted = ChangeFilter(since=None if since is None else read_time("--since", since))
    try:
        asyncio.run(_print(Settings(), wanted, after, format, follow=follow))  # pyright: ignore[reportCallIssue]
    except KeyboardInterrupt:
        raise typer.Exit from None


async def tell_changes(
    service: Service, wanted: ChangeFilter, after: int | None, *, follow: bool
) -> AsyncGenerator[Told]:
    """Read the changes after a position, oldest first; with ``follow`` it goes on with what happens, without end."""
    position = after
    while True:
        reads = Reads(service.graph)
        page = await read_changes(reads, wanted, first=_PAGE, after=position, newest_first=False)
        for told in await _with_sides(reads, page.items):
            yield told
            position = told.change.position
        if not page.has_next_page:
            break
    if follow:
        async for change in service.units.feed.follow(wanted, position or 0):
            for told in await _with_sides(Reads(service.graph), [change]):
                yield told


def line_of(told: Told, format: OutputFormat) -> str:
    """Write a change as a line."""
    change = told.change
    if format is OutputFormat.JSON:
        return as_json(_described(told))
    cause = f"{change.trigger_kind.lower()} {change.trigger_id or ''}".strip()
    customers = ", ".join(told.sides.after)
    return f"{change.position:>8}  {format_instant(change.at)}  {change.kind:<16}  {customers}  by {cause}"


def _described(told: Told) -> dict[str, Any]:
    change = told.change
    return {
        "position": change.position,
        "id": change.id,
        "kind": change.kind,
        "at": format_instant(change.at),
        "ruleVersion": change.rule_version,
        "trigger": {"kind": change.trigger_kind, "id": change.trigger_id},
        "before": _side(told.sides.before),
        "after": _side(told.sides.after),
    }


def _side(side: dict[str, list[ChangedIdentifier]]) -> list[dict[str, Any]]:
    return [{"customerId": id, "identifiers": [row.key for row in rows]} for id, rows in side.items()]


async def _with_sides(reads: Reads, found: Sequence[ChangeView]) -> list[Told]:
    both = await read_sides(reads, [change.id for change in found]) if found else []
    return [Told(change, sides) for change, sides in zip(found, both, strict=True)]


async def _print(
    settings: Settings, wanted: ChangeFilter, after: int | None, format: OutputFormat, *, follow: bool
) -> None:
    async with opened_service(settings) as service:
        async for told in tell_changes(service, wanted, after, follow=follow):
            print(line_of(told, format))
            if follow:
                sys.stdout.flush()
