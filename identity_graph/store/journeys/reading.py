"""Reading journeys: touchpoints and the sessions that they lie in.

Moments in parameters are ISO 8601 texts; ``since`` is inclusive, ``until`` exclusive, and ``before`` with
``before_id`` is the position that a page ends in front of. A limit is one more than the page shows.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query


class TouchpointRow(NamedTuple):
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
    session_touchpoint_count: int | None


class JourneyRow(NamedTuple):
    """A touchpoint of a customer's journey; the other fields are those of TouchpointRow."""

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
    session_touchpoint_count: int


class SessionRow(NamedTuple):
    """A session; ``owner_key`` is the key of the identifier that it belongs to."""

    id: str
    started_at: Instant
    ended_at: Instant
    channel: str
    touchpoint_count: int
    owner_key: str


class CustomerSessionRow(NamedTuple):
    """A session of a customer."""

    customer_id: str
    id: str
    started_at: Instant
    ended_at: Instant
    channel: str
    touchpoint_count: int
    owner_key: str


class TouchpointCountRow(NamedTuple):
    """How many touchpoints a customer's journey has."""

    customer_id: str
    touchpoints: int


class SessionCountRow(NamedTuple):
    """How many sessions a customer has."""

    customer_id: str
    sessions: int


@query("journeys/page_touchpoints")
async def page_touchpoints(
    tx: Transaction,
    *,
    customer_ids: list[str],
    since: str,
    before: str,
    before_id: str,
    types: list[str] | None,
    channels: list[str] | None,
    enough: int,
    limit: int,
) -> list[JourneyRow]: ...


@query("journeys/count_touchpoints")
async def count_touchpoints(
    tx: Transaction,
    *,
    customer_ids: list[str],
    since: str,
    until: str,
    types: list[str] | None,
    channels: list[str] | None,
) -> list[TouchpointCountRow]: ...


@query("journeys/find_touchpoints")
async def find_touchpoints(tx: Transaction, *, ids: list[str]) -> list[TouchpointRow]: ...


@query("journeys/page_sessions")
async def page_sessions(
    tx: Transaction, *, customer_ids: list[str], before: str, before_id: str, limit: int
) -> list[CustomerSessionRow]: ...


@query("journeys/count_sessions")
async def count_sessions(tx: Transaction, *, customer_ids: list[str]) -> list[SessionCountRow]: ...


@query("journeys/find_sessions")
async def find_sessions(tx: Transaction, *, ids: list[str]) -> list[SessionRow]: ...
