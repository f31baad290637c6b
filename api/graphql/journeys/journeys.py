"""Touchpoints and sessions: what happened, when, and where."""

from collections.abc import Callable

import strawberry

from api.graphql.base.connections import Connection, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment
from api.graphql.base.identifiers import Identifier, get_identifier, identifier_of
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id, json_text
from identity_graph.domain.journeys.read_models import (
    CustomerSession,
    JourneyTouchpoint,
    SessionView,
    Touches,
    TouchpointView,
)
from identity_graph.domain.journeys.sessions import first_event_of
from identity_graph.domain.values.durations import LONGEST, read_duration
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.journeys.reading import JourneyFilter

strawberry.enum(Channel, description="Where a touchpoint took place.")
_CHANNELS = {channel.value: channel for channel in Channel}


@strawberry.type(
    description="What brought a person to a touchpoint: the parameters of a campaign, a click on an ad, the scene in which WeChat "
    "opened a mini-program, or else the site that they came from."
)
class Campaign:
    """A campaign, of which any part may be unknown."""

    source: str | None = strawberry.field(description="`utm_source`, the ad platform, or the site: `google`.")
    medium: str | None = strawberry.field(
        description="`utm_medium`, or `cpc`, `organic`, `social`, `email`, `referral` …"
    )
    name: str | None = strawberry.field(description="`utm_campaign`.")
    term: str | None = strawberry.field(description="`utm_term`.")
    content: str | None = strawberry.field(description="`utm_content`.")
    click_id: str | None = strawberry.field(description="What the ad platform knows the click by.")
    click_id_name: str | None = strawberry.field(description="The parameter that held it, such as `gclid`.")


@strawberry.type(description="One visit: a run of one visitor's events without a longer gap.")
class Session(Node):
    """A session; the key of its owner may not be known yet."""

    started_at: DateTime
    ended_at: DateTime
    channel: Channel = strawberry.field(description="The channel of its first event.")
    source: str = strawberry.field(description="The source of its first event.")
    touchpoint_count: int
    owner_key: strawberry.Private[str | None]

    @strawberry.field(description="What brought the person to its first event; null if nothing says so.")
    async def campaign(self, info: Info) -> Campaign | None:
        """Read the campaign of the event that the session's id derives from."""
        return await _campaign_of(info, first_event_of(self.id))

    @strawberry.field(description="The strongest identifier seen in it; the session belongs to it.")
    async def owner(self, info: Info) -> Identifier:
        """Read the owner."""
        key = self.owner_key
        if key is None:
            row = await info.context.loaders.sessions.load(self.id)
            if row is None:
                raise NotFoundError("A late event changed this session; read the journey again.", id=self.id)
            key = row.owner_key
        return await get_identifier(info, key)


@strawberry.type(description="Something that a person did: an event as a source reported it.")
class Touchpoint(Node):
    """A touchpoint with the session that it lies in."""

    type: str
    name: str = strawberry.field(description="The name of the event; without one, its type.")
    occurred_at: DateTime
    received_at: DateTime
    channel: Channel
    source: str
    session: Session | None = strawberry.field(description="Null if no identifier of the event was usable.")
    stored_properties: strawberry.Private[str | None]

    @strawberry.field(description="What brought the person here, as this very message says it; null if nothing does.")
    async def campaign(self, info: Info) -> Campaign | None:
        """Read the campaign."""
        return await _campaign_of(info, self.id)

    @strawberry.field(description="The usable identifiers that were seen in it.")
    async def identifiers(self, info: Info) -> list[Identifier]:
        """Read the identifiers, strongest first."""
        rows = await info.context.loaders.identifiers_of_touchpoint.load(self.id)
        return [identifier_of(info, row) for row in info.context.strongest_first(rows)]

    @strawberry.field
    def properties(self) -> JSON:
        """Pass the properties on."""
        return json_text(self.stored_properties, "{}")

    @strawberry.field(
        description="What its message said of the SDK, the page, the device and so on. The network address is shortened unless the "
        "service is set to keep it; traits and ids are among `identifiers` and the customer's `traits`."
    )
    async def context(self, info: Info) -> JSON:
        """Read the context."""
        return json_text(await info.context.loaders.contexts.load(self.id), "{}")


TouchpointConnection = Connection[Touchpoint]
SessionConnection = Connection[Session]


async def journey_page(
    info: Info, customer_id: str, wanted: JourneyFilter, first: int | None, after: str | None
) -> TouchpointConnection:
    """Read a page of a customer's journey."""
    loader = info.context.loaders.journeys(wanted, check_first(first), decode_moment("journey", after))
    edges, page_info = edges_of(
        await loader.load(customer_id), touchpoint_of, lambda row: encode_moment("journey", row.occurred_at, row.id)
    )
    counts = info.context.loaders.journey_counts(wanted)
    return TouchpointConnection(edges=edges, page_info=page_info, count=lambda: counts.load(customer_id))


async def session_page(info: Info, customer_id: str, first: int | None, after: str | None) -> SessionConnection:
    """Read a page of a customer's sessions."""
    loader = info.context.loaders.sessions_of(check_first(first), decode_moment("sessions", after))
    edges, page_info = edges_of(
        await loader.load(customer_id), session_of, lambda row: encode_moment("sessions", row.started_at, row.id)
    )
    counts = info.context.loaders.session_counts
    return SessionConnection(edges=edges, page_info=page_info, count=lambda: counts.load(customer_id))


def touchpoint_of(row: JourneyTouchpoint | TouchpointView) -> Touchpoint:
    """Make a touchpoint of a row."""
    session = None
    if row.session_id is not None:
        session = Session(
            id=Id(row.session_id),
            started_at=DateTime(row.session_started_at or 0),
            ended_at=DateTime(row.session_ended_at or 0),
            channel=channel_of(row.session_channel),
            source=row.session_source or "",
            touchpoint_count=row.session_touchpoint_count or 0,
            owner_key=None,
        )
    return Touchpoint(
        id=Id(row.id),
        type=row.type,
        name=row.name,
        occurred_at=DateTime(row.occurred_at),
        received_at=DateTime(row.received_at),
        channel=channel_of(row.channel),
        source=row.source,
        session=session,
        stored_properties=row.properties,
    )


def session_of(row: SessionView | CustomerSession) -> Session:
    """Make a session of a row."""
    return Session(
        id=Id(row.id),
        started_at=DateTime(row.started_at),
        ended_at=DateTime(row.ended_at),
        channel=channel_of(row.channel),
        source=row.source,
        touchpoint_count=row.touchpoint_count,
        owner_key=row.owner_key,
    )


async def read_touch(
    info: Info, customer_id: str, conversion: str, within: str, direct: bool, touch: Callable[[Touches], str | None]
) -> Touchpoint | None:
    """Read the touchpoint with which one of the visits before a conversion began.

    Raises:
        InvalidInputError: ``within`` is no duration.
    """
    span = read_duration(within)
    if span is None or not 0 < span <= LONGEST:
        raise InvalidInputError(
            f"`within` is an ISO 8601 duration in days or smaller units, such as P30D, up to P36500D, not {within!r}.",
            within=within,
        )
    found = await info.context.loaders.touches(conversion, span, direct).load(customer_id)
    id = None if found is None else touch(found)
    row = None if id is None else await info.context.loaders.touchpoints.load(id)
    return None if row is None else touchpoint_of(row)


async def _campaign_of(info: Info, event_id: str) -> Campaign | None:
    found = await info.context.loaders.campaigns.load(event_id)
    return None if found is None else Campaign(**found._asdict())


def channel_of(text: str | None) -> Channel:
    """Read a stored channel; one that this version does not know is OTHER."""
    return _CHANNELS.get(text or "", Channel.OTHER)
