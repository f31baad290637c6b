"""How a journey looks in the terminal: visits as groups, the latest first, each touchpoint with what it tells."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from rich.console import Group, RenderableType

from identity_graph.domain.journeys.read_models import JourneyTouchpoint
from identity_graph.domain.journeys.sessions import first_event_of
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Campaign, Instant
from identity_graph.terminal import Text, as_json

_SAYING_MOST = (
    "order_id",
    "total",
    "name",
    "title",
    "query",
    "nps",
    "csat",
    "comment",
    "topic",
    "reason",
    "email_subject",
    "price",
    "revenue",
    "value",
    "currency",
    "category",
)
"""Properties that say most, in this order; others follow as they came, and ids and addresses come last."""

_PLAIN = frozenset({"order_id", "name", "title", "query", "comment", "topic", "reason", "email_subject"})
"""Properties whose values need no name beside them."""

_SAYING_LEAST = ("_id", "sku", "url", "path", "referrer", "search")
_ENOUGH = 2
"""Of those that say least, so many are shown where nothing else is told."""

_SHOWN, _LONGEST = 3, 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timeline(NamedTuple):
    """A page of a customer's journey: campaigns by event, owners by session."""

    customer_id: str
    touchpoints: list[JourneyTouchpoint]
    campaigns: Mapping[str, Campaign]
    owners: Mapping[str, str]
    has_next_page: bool


def render_timeline(timeline: Timeline, zone: ZoneInfo) -> RenderableType:
    """Lay a journey out for the terminal."""
    parts: list[RenderableType] = [
        Text().append(timeline.customer_id, "bold").append(f"  the latest first, times in {zone.key}", "dim")
    ]
    if not timeline.touchpoints:
        parts.append(Text("No touchpoints here.", style="dim"))
    for _, visit in groupby(timeline.touchpoints, lambda row: row.session_id):
        parts += [Text(), *_render_visit(timeline, list(visit), zone)]
    if timeline.has_next_page:
        last = timeline.touchpoints[-1].id
        parts += [Text(), Text(f"Earlier ones: the same with --after {last}", style="dim")]
    return Group(*parts)


def describe_campaign(campaign: Campaign) -> str:
    """Write what brought somebody: ``google / cpc / Spring sale``."""
    said = [part for part in (campaign.source, campaign.medium, campaign.name) if part]
    if not said and campaign.click_id_name:
        return f"a click with {campaign.click_id_name}"
    return " / ".join(said or [part for part in (campaign.content, campaign.term) if part])


def tell_properties(row: JourneyTouchpoint, campaign: Campaign | None) -> str:
    """Write the properties of a touchpoint that say most, without what its name and its campaign say already."""
    said = {row.name, "" if campaign is None else campaign.name or ""}
    return "  ".join(_tell(orjson.loads(row.properties or "{}"), said))


def write_touchpoint(timeline: Timeline, row: JourneyTouchpoint) -> str:
    """Write a touchpoint as a line of JSON."""
    campaign = timeline.campaigns.get(row.id)
    of_session = timeline.campaigns.get(first_event_of(row.session_id))
    return as_json(
        {
            "id": row.id,
            "customerId": timeline.customer_id,
            "occurredAt": format_instant(row.occurred_at),
            "type": row.type,
            "name": row.name,
            "channel": row.channel,
            "source": row.source,
            "campaign": None if campaign is None else campaign._asdict(),
            "session": {
                "id": row.session_id,
                "startedAt": format_instant(row.session_started_at),
                "endedAt": format_instant(row.session_ended_at),
                "channel": row.session_channel,
                "source": row.session_source,
                "campaign": None if of_session is None else of_session._asdict(),
                "touchpointCount": row.session_touchpoint_count,
                "owner": timeline.owners.get(row.session_id),
            },
            "properties": orjson.loads(row.properties or "{}"),
        }
    )


def _render_visit(timeline: Timeline, rows: list[JourneyTouchpoint], zone: ZoneInfo) -> list[RenderableType]:
    first = rows[0]
    campaign = timeline.campaigns.get(first_event_of(first.session_id))
    title = Text().append(_span(first.session_started_at, first.session_ended_at, zone), "bold")
    title.append("  ").append(_shown_channel(first.session_channel), "cyan")
    if campaign is not None:
        title.append("  from ").append(describe_campaign(campaign), "green")
    owner = timeline.owners.get(first.session_id)
    title.append(f"  {owner}" if owner else "", "dim")
    width = max(Text(row.name).cell_len for row in rows)
    lines = [_render_touchpoint(row, width, _told(row, timeline, campaign), zone) for row in rows]
    hidden = first.session_touchpoint_count - len(rows)
    more = [Text(f"  … and {hidden} more of this visit", style="dim")] if hidden > 0 else []
    return [title, *lines, *more]


def _render_touchpoint(row: JourneyTouchpoint, width: int, told: Text, zone: ZoneInfo) -> Text:
    line = (
        Text(no_wrap=True, overflow="ellipsis")
        .append(f"  {_local(row.occurred_at, zone):%H:%M:%S}  ", "dim")
        .append(row.name)
    )
    return line.append(" " * (width + 12 - line.cell_len + 2)).append(told) if told.plain else line


def _told(row: JourneyTouchpoint, timeline: Timeline, of_visit: Campaign | None) -> Text:
    """Tell what sets a touchpoint apart: another channel, source or campaign than its visit's, and some properties."""
    line = Text()
    if row.channel != row.session_channel:
        line.append(f"{_shown_channel(row.channel)}  ", "cyan")
    if row.source != row.session_source:
        line.append(f"by {row.source}  ", "dim")
    campaign = timeline.campaigns.get(row.id)
    if campaign is not None and campaign != of_visit:
        line.append(f"from {describe_campaign(campaign)}  ", "green")
    line.append(tell_properties(row, campaign), "dim")
    line.rstrip()
    return line


def _tell(properties: dict[str, Any], said: Container[str]) -> Iterable[str]:
    texts = {name: _text_of(value) for name, value in properties.items()}
    telling = [name for name, text in texts.items() if text and text not in said]
    most = [name for name in _SAYING_MOST if name in telling]
    others = [name for name in telling if name not in _SAYING_MOST]
    least = [name for name in others if name.endswith(_SAYING_LEAST)]
    shown = [*most, *(name for name in others if name not in least)][:_SHOWN]
    for name in [*shown, *least[: max(0, _ENOUGH - len(shown))]]:
        text = texts[name] if len(texts[name]) <= _LONGEST else texts[name][:_LONGEST] + "…"
        yield text if name in _PLAIN else f"{name} {text}"


def _text_of(value: Any) -> str:
    """Write a text, a number or a flag; empty for what has no place on a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""


def _span(start: Instant, end: Instant, zone: ZoneInfo) -> str:
    begun, ended = _local(start, zone), _local(end, zone)
    if begun.date() != ended.date():
        return f"{begun:%a %Y-%m-%d %H:%M} to {ended:%Y-%m-%d %H:%M}"
    return f"{begun:%a %Y-%m-%d %H:%M}" + (f" to {ended:%H:%M}" if f"{begun:%H:%M}" != f"{ended:%H:%M}" else "")


def _local(at: Instant, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone)


def _shown_channel(channel: str) -> str:
    return channel.lower().replace("_", " ")
