"""``identity-graph journey``: what a customer did, visit by visit, in the terminal."""

import asyncio
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from identity_graph.cli.customers.timeline import Timeline, render_timeline, write_touchpoint
from identity_graph.cli.terminal import OutputFormat, opened_service, tell_waiting
from identity_graph.cli.time import read_time, read_zone
from identity_graph.domain.journeys.read_models import JourneyTouchpoint
from identity_graph.domain.journeys.sessions import first_event_of
from identity_graph.domain.values.observations import Campaign, Channel
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import read_customers
from identity_graph.service.customers.lookup import lookup as look_up
from identity_graph.service.journeys.reading import (
    JourneyFilter,
    read_campaigns,
    read_journeys,
    read_sessions,
    read_touchpoints,
)
from identity_graph.service.positions import TimePosition
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.terminal import Console

_CUSTOMER = "cus_"


class Wanted(NamedTuple):
    """Whose journey is shown, and which part of it; ``after`` is the id of the touchpoint that the page begins after."""

    who: str
    namespace: str | None
    filter: JourneyFilter
    first: int
    after: str | None


def journey(
    who: Annotated[str, typer.Argument(help="The id of a customer, or any identifier in any spelling.", metavar="WHO")],
    namespace: Annotated[
        str | None, typer.Option(help="Look in one namespace only, such as phone.", show_default="all of them")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this date, or time with its offset, on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this date, or time with its offset.")] = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Only this type, such as page; repeatable.")] = None,
    names: Annotated[list[str] | None, typer.Option("--name", help="Only events of this name; repeatable.")] = None,
    channels: Annotated[
        list[Channel] | None, typer.Option("--channel", help="Only this channel; repeatable.", case_sensitive=False)
    ] = None,
    campaigns: Annotated[list[str] | None, typer.Option("--campaign", help="Only this campaign; repeatable.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of the times shown, such as Asia/Shanghai.")] = "UTC",
    first: Annotated[int, typer.Option("--first", "-n", help="Touchpoints to show.", min=1, max=1000)] = 40,
    after: Annotated[str | None, typer.Option(help="Go on after this touchpoint, the last one of a page.")] = None,
    format: Annotated[OutputFormat, typer.Option(help="A timeline, or lines of JSON.")] = OutputFormat.TEXT,
) -> None:
    """Show what a customer did, the latest first: each visit with its channel, what brought them, and what happened."""
    wanted = JourneyFilter(
        None if since is None else read_time("--from", since),
        None if until is None else read_time("--to", until),
        tuple(types) if types else None,
        tuple(channel.value for channel in channels) if channels else None,
        tuple(names) if names else None,
        tuple(campaigns) if campaigns else None,
    )
    at = read_zone("--zone", zone)
    settings = Settings()  # pyright: ignore[reportCallIssue]
    found = asyncio.run(_read(settings, Wanted(who, namespace, wanted, first, after)))
    tell_waiting(settings)
    if not found:
        Console(stderr=True).print(
            f"Nothing found for {who}. Give the id of a customer, or an identifier that was sent or imported; the spelling "
            "does not matter.",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    _print(found, at, format)


async def find_timelines(service: Service, wanted: Wanted) -> list[Timeline]:
    """Read the journeys of all customers that an id or a raw value may mean.

    Raises:
        BadParameter: there is no touchpoint to go on after.
    """
    reads = Reads(service.graph)
    ids = await _find_customers(reads, service, wanted)
    if not ids:
        return []
    after = await _find_position(reads, wanted.after)
    journeys = await read_journeys(reads, ids, wanted.filter, first=wanted.first, after=after)
    return [
        await _complete(reads, id, found.items, has_next_page=found.has_next_page)
        for id, found in zip(ids, journeys, strict=True)
    ]


async def _find_customers(reads: Reads, service: Service, wanted: Wanted) -> list[str]:
    if wanted.namespace is None and wanted.who.startswith(_CUSTOMER):
        (customer,) = await read_customers(reads, [wanted.who])
        if customer is not None:
            return [customer.id]
    matches = await look_up(reads, service.rules, wanted.who, wanted.namespace)
    return list(dict.fromkeys(match.customer_id for match in matches))


async def _find_position(reads: Reads, after: str | None) -> TimePosition | None:
    if after is None:
        return None
    (touchpoint,) = await read_touchpoints(reads, [after])
    if touchpoint is None:
        raise typer.BadParameter(
            f"there is no touchpoint {after!r}. Leave it out to begin with the latest.", param_hint="--after"
        )
    return TimePosition(touchpoint.occurred_at, touchpoint.id)


async def _complete(reads: Reads, id: str, rows: list[JourneyTouchpoint], *, has_next_page: bool) -> Timeline:
    """Read what stands beside the touchpoints: their campaigns, and those and the owners of their sessions."""
    sessions = list(dict.fromkeys(row.session_id for row in rows))
    events = list(dict.fromkeys([*(row.id for row in rows), *map(first_event_of, sessions)]))
    found, views = await asyncio.gather(read_campaigns(reads, events), read_sessions(reads, sessions))
    campaigns: dict[str, Campaign] = {
        event: campaign for event, campaign in zip(events, found, strict=True) if campaign is not None
    }
    return Timeline(id, rows, campaigns, {view.id: view.owner_key for view in views if view}, has_next_page)


def _print(found: list[Timeline], zone: ZoneInfo, format: OutputFormat) -> None:
    if format is OutputFormat.JSON:
        for timeline in found:
            for row in timeline.touchpoints:
                print(write_touchpoint(timeline, row))
        return
    console = Console()
    for number, timeline in enumerate(found):
        if number:
            console.print()
        console.print(render_timeline(timeline, zone))


async def _read(settings: Settings, wanted: Wanted) -> list[Timeline]:
    async with opened_service(settings) as service:
        return await find_timelines(service, wanted)
