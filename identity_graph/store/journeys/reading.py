"""Reading journeys: touchpoints and the sessions that they lie in.

Moments in parameters are ISO 8601 texts; ``since`` is inclusive, ``until`` exclusive, and ``before`` with
``before_id`` is the position that a page ends in front of. A limit is one more than the page shows.
"""

from typing import NamedTuple

from identity_graph.domain.journeys.read_models import CustomerSession, JourneyTouchpoint, SessionView, TouchpointView
from identity_graph.store.driver.query import ReadTransaction, query


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
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    since: str,
    before: str,
    before_id: str,
    types: list[str] | None,
    channels: list[str] | None,
    enough: int,
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
    channels: list[str] | None,
) -> list[TouchpointCountRow]: ...


@query("journeys/find_touchpoints")
async def find_touchpoints(tx: ReadTransaction, *, ids: list[str]) -> list[TouchpointView]: ...


@query("journeys/page_sessions")
async def page_sessions(
    tx: ReadTransaction, *, customer_ids: list[str], before: str, before_id: str, limit: int
) -> list[CustomerSession]: ...


@query("journeys/count_sessions")
async def count_sessions(tx: ReadTransaction, *, customer_ids: list[str]) -> list[SessionCountRow]: ...


@query("journeys/find_sessions")
async def find_sessions(tx: ReadTransaction, *, ids: list[str]) -> list[SessionView]: ...
