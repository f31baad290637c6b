"""Reading journeys: touchpoints and the sessions that they lie in.

Moments in parameters are ISO 8601 texts; ``since`` is inclusive, ``until`` exclusive, and ``before`` with
``before_id`` is the position that a page ends in front of. A limit is one more than the page shows.
"""

from typing import NamedTuple

from identity_graph.domain.journeys.read_models import CustomerSession, JourneyTouchpoint, SessionView, TouchpointView
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class TouchpointCountRow(NamedTuple):
    """How many touchpoints a customer's journey has."""

    customer_id: str
    touchpoints: int


class SessionCountRow(NamedTuple):
    """How many sessions a customer has."""

    customer_id: str
    sessions: int


class CampaignRow(NamedTuple):
    """What brought somebody to an event; each part may be unknown."""

    id: str
    source: str | None
    medium: str | None
    name: str | None
    term: str | None
    content: str | None
    click_id: str | None
    click_id_name: str | None


class TouchesRow(NamedTuple):
    """A customer's conversion, and the events with which the first and the last visit before it began."""

    customer_id: str
    conversion: str
    first_touch: str | None
    last_touch: str | None


class ArrivalRow(NamedTuple):
    """A touchpoint that was received lately, and the customer whose it is."""

    customer_id: str
    id: str
    received_at: Instant


class ContextRow(NamedTuple):
    """The packed context of an event."""

    id: str
    context: bytes | None


@query("journeys/page_touchpoints")
async def page_touchpoints(
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    since: str,
    before: str,
    before_id: str,
    types: list[str] | None,
    names: list[str] | None,
    channels: list[str] | None,
    campaigns: list[str] | None,
    limit: int,
) -> list[JourneyTouchpoint]: ...


@query("journeys/count_touchpoints")
async def count_touchpoints(
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    since: str,
    until: str,
    types: list[str] | None,
    names: list[str] | None,
    channels: list[str] | None,
    campaigns: list[str] | None,
) -> list[TouchpointCountRow]: ...


@query("journeys/find_touchpoints")
async def find_touchpoints(tx: ReadTransaction, *, ids: list[str]) -> list[TouchpointView]: ...


@query("journeys/find_campaigns")
async def find_campaigns(tx: ReadTransaction, *, ids: list[str]) -> list[CampaignRow]: ...


@query("journeys/find_touches")
async def find_touches(
    tx: ReadTransaction, *, customer_ids: list[str], conversion: str, within: int, direct: bool
) -> list[TouchesRow]: ...


@query("journeys/list_arrivals")
async def list_arrivals(
    tx: ReadTransaction, *, customer_id: str, since: str, known: list[str], limit: int
) -> list[ArrivalRow]: ...


@query("journeys/find_contexts")
async def find_contexts(tx: ReadTransaction, *, ids: list[str]) -> list[ContextRow]: ...


@query("journeys/page_sessions")
async def page_sessions(
    tx: ReadTransaction, *, customer_ids: list[str], before: str, before_id: str, limit: int
) -> list[CustomerSession]: ...


@query("journeys/count_sessions")
async def count_sessions(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SessionCountRow]: ...


@query("journeys/find_sessions")
async def find_sessions(tx: ReadTransaction, *, ids: list[str]) -> list[SessionView]: ...
