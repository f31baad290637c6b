"""Touchpoints and sessions, as readers are told of them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class TouchpointView(NamedTuple):
    """An event with its session, which an event without a usable identifier lacks; ``properties`` is JSON."""

    id: str
    type: str
    name: str
    occurred_at: Instant
    received_at: Instant
    channel: str
    source: str
    properties: str | None
    session_id: str | None
    session_started_at: Instant | None
    session_ended_at: Instant | None
    session_channel: str | None
    session_source: str | None
    session_touchpoint_count: int | None


class JourneyTouchpoint(NamedTuple):
    """A touchpoint of a customer's journey; the other fields are those of TouchpointView."""

    customer_id: str
    id: str
    type: str
    name: str
    occurred_at: Instant
    received_at: Instant
    channel: str
    source: str
    properties: str | None
    session_id: str
    session_started_at: Instant
    session_ended_at: Instant
    session_channel: str
    session_source: str
    session_touchpoint_count: int


class SessionView(NamedTuple):
    """A session; ``owner_key`` is the key of the identifier that it belongs to."""

    id: str
    started_at: Instant
    ended_at: Instant
    channel: str
    source: str
    touchpoint_count: int
    owner_key: str


class CustomerSession(NamedTuple):
    """A session of a customer."""

    customer_id: str
    id: str
    started_at: Instant
    ended_at: Instant
    channel: str
    source: str
    touchpoint_count: int
    owner_key: str


class Touches(NamedTuple):
    """The touchpoints with which the first and the last visit before a conversion began, by their ids."""

    conversion: str
    first_touch: str | None
    last_touch: str | None
