"""``identity-graph lookup``: a customer's card in the terminal."""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import orjson
import typer
from rich.console import Group, RenderableType
from rich.table import Table

from identity_graph.cli.customers.cards import add_identifier, make_panel, make_table, one_line
from identity_graph.cli.customers.past import find_past_cards, render_past_card
from identity_graph.cli.customers.standing import render_orders, render_standing
from identity_graph.cli.customers.timeline import describe_campaign, tell_properties
from identity_graph.cli.identifiers import strongest_first
from identity_graph.cli.terminal import opened_service, tell_waiting
from identity_graph.cli.time import read_time
from identity_graph.domain.identity.read_models import CustomerIdentifier, OwnedIdentifier
from identity_graph.domain.journeys.read_models import JourneyTouchpoint
from identity_graph.domain.profiles.read_models import TraitView
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import format_minute
from identity_graph.domain.values.observations import Campaign, Instant
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import (
    read_identifiers_of,
    read_merged_ids_of,
)
from identity_graph.service.customers.lookup import lookup as look_up
from identity_graph.service.journeys.reading import JourneyFilter, read_campaigns, read_journeys
from identity_graph.service.positions import Page
from identity_graph.service.profiles.reading import count_traits_of, read_traits_of
from identity_graph.service.profiles.standing import Standing, find_standing, read_deeds
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.terminal import Console, Text

_TOUCHPOINTS = 10
_ORDERS = 3
_LONGEST_TRAIT = 80


class Card(NamedTuple):
    """What is shown of a customer; ``found`` is the identifier that led there."""

    found: OwnedIdentifier
    identifiers: Sequence[CustomerIdentifier]
    standing: Standing
    traits: Sequence[TraitView]
    trait_count: int
    journey: Page[JourneyTouchpoint]
    campaigns: Mapping[str, Campaign]
    merged_ids: Sequence[str]


def lookup(
    value: Annotated[str, typer.Argument(help="Any identifier, in any spelling.", metavar="VALUE")],
    namespace: Annotated[
        str | None, typer.Option(help="Look in one namespace only, such as phone.", show_default="all of them")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="The customer at this time, as known then: a date, or a time with its offset.", show_default="now"
        ),
    ] = None,
) -> None:
    """Show the customer behind an e-mail address, a phone number, a cookie or any other identifier."""
    settings = Settings()  # pyright: ignore[reportCallIssue]
    at = None if as_of is None else read_time("--as-of", as_of)
    cards = asyncio.run(_read(settings, value, namespace, at))
    tell_waiting(settings)
    if not cards:
        place = f"in the namespace {namespace}" if namespace else "in any namespace"
        place += "" if as_of is None else f" as of {as_of}"
        Console(stderr=True).print(
            f"Nothing found for {value} {place}. The spelling does not matter; was it ever sent or imported?",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    console = Console()
    for card in cards:
        console.print(card)


async def find_cards(service: Service, value: str, namespace: str | None = None) -> list[Card]:
    """Read the cards of all customers that a raw value may mean, each once."""
    reads = Reads(service.graph)
    matches = await look_up(reads, service.rules, value, namespace)
    found = {match.customer_id: match for match in reversed(matches)}
    ids = list(dict.fromkeys(match.customer_id for match in matches))
    if not ids:
        return []
    in_force, now = service.units.in_force, now_instant()
    identifiers, deeds, traits, counts, journeys, merged = await asyncio.gather(
        read_identifiers_of(reads, ids),
        read_deeds(reads, ids, in_force, now, orders=_ORDERS),
        read_traits_of(reads, ids, in_force),
        count_traits_of(reads, ids),
        read_journeys(reads, ids, JourneyFilter(), first=_TOUCHPOINTS, after=None),
        read_merged_ids_of(reads, ids),
    )
    events = [row.id for journey in journeys for row in journey.items]
    found_campaigns = zip(events, await read_campaigns(reads, events), strict=True)
    campaigns = {event: campaign for event, campaign in found_campaigns if campaign is not None}
    parts = zip(ids, identifiers, deeds, traits, counts, journeys, merged, strict=True)
    return [
        Card(
            found[id],
            own,
            find_standing(done, found[id].customer_first_seen, own, in_force, now),
            said,
            count,
            journey,
            campaigns,
            old,
        )
        for id, own, done, said, count, journey, old in parts
    ]


def render_card(card: Card, rules: RuleSet) -> RenderableType:
    """Lay a card out for the terminal."""
    parts: list[RenderableType] = [render_standing(card.standing), Text(), _render_identifiers(card, rules)]
    if card.traits:
        parts += [Text(), _render_traits(card)]
    if (orders := render_orders(card.standing)) is not None:
        parts += [Text(), orders]
    parts += [Text(), _render_journey(card)]
    if card.merged_ids:
        parts += [Text(), Text(f"Merged into this customer: {', '.join(card.merged_ids)}", style="dim")]
    found = card.found
    seen = f"seen {format_minute(found.customer_first_seen)} to {format_minute(found.customer_last_seen)} UTC"
    return make_panel(Group(*parts), found.customer_id, seen)


def _render_identifiers(card: Card, rules: RuleSet) -> Table:
    table = make_table("Identifiers", "", "last seen")
    for row in strongest_first(card.identifiers, rules):
        add_identifier(table, row, card.found.key, format_minute(row.last_seen))
    return table


def _render_traits(card: Card) -> Table:
    table = make_table("Traits", "", "of")
    for row in card.traits:
        value = orjson.loads(row.value)
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        shown = text if len(text) <= _LONGEST_TRAIT else text[:_LONGEST_TRAIT] + "…"
        table.add_row(Text(row.name, style="cyan"), Text(shown), Text(row.identifier_key, style="dim"))
    if card.trait_count > len(card.traits):
        table.add_row(Text(f"… and {card.trait_count - len(card.traits)} more", style="dim"))
    return table


def _render_journey(card: Card) -> RenderableType:
    if not card.journey.items:
        return Text("No touchpoints yet.", style="dim")
    table = make_table("Last touchpoints", "", "", "")
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    for row in card.journey.items:
        channel = row.channel.lower().replace("_", " ")
        table.add_row(format_minute(row.occurred_at), Text(channel, style="cyan"), Text(row.name), _told(card, row))
    what = "… and earlier ones, visit by visit" if card.journey.has_next_page else "Visit by visit"
    shown = Text(f"{what}: identity-graph journey {shlex.quote(card.found.value)}", style="dim")
    return Group(table, shown)


def _told(card: Card, row: JourneyTouchpoint) -> Text:
    line = one_line("")
    campaign = card.campaigns.get(row.id)
    if campaign is not None:
        line.append(f"from {describe_campaign(campaign)}  ", "green")
    line.append(tell_properties(row, campaign), "dim")
    line.rstrip()
    return line


async def _read(settings: Settings, value: str, namespace: str | None, at: Instant | None) -> list[RenderableType]:
    async with opened_service(settings) as service:
        if at is None:
            return [render_card(card, service.rules) for card in await find_cards(service, value, namespace)]
        past = await find_past_cards(service, value, namespace, at)
        return [render_past_card(card, at, service.rules) for card in past]
