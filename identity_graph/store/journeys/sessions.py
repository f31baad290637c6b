"""The sessions and the events in them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class StoredSession(NamedTuple):
    """A session as stored; first and last events are named by source and message id. ``unique_values`` is JSON."""

    id: str
    ref: str
    visitor: str
    started_at: Instant
    first_source: str
    first_message_id: str
    ended_at: Instant
    last_source: str
    last_message_id: str
    channel: str
    touchpoint_count: int
    unique_values: str
    owner: str


class CreatedSession(NamedTuple):
    """A session that was just written."""

    id: str
    ref: str


class Visit(NamedTuple):
    """An event, what was seen in it, and the session that it is in, if any."""

    event_id: str
    occurred_at: Instant
    source: str
    message_id: str
    channel: str
    keys: list[str]
    session_id: str | None
    session_visitor: str | None


class StoredStep(NamedTuple):
    """An event of a session; ``keys`` are those of the identifiers seen in it."""

    session_id: str
    event_id: str
    occurred_at: Instant
    source: str
    message_id: str
    channel: str
    keys: list[str]


@query("journeys/find_latest_sessions")
async def find_latest_sessions(tx: Transaction, *, rows: Rows, limit: int) -> list[StoredSession]: ...


@query("journeys/list_steps")
async def list_steps(tx: Transaction, *, ids: list[str]) -> list[StoredStep]: ...


@query("journeys/create_sessions")
async def create_sessions(tx: Transaction, *, rows: Rows) -> list[CreatedSession]: ...


@query("journeys/update_sessions")
async def update_sessions(tx: Transaction, *, rows: Rows) -> None: ...


@query("journeys/set_owners")
async def set_owners(tx: Transaction, *, rows: Rows) -> None: ...


@query("journeys/move_events")
async def move_events(tx: Transaction, *, rows: Rows) -> None: ...


@query("journeys/delete_sessions")
async def delete_sessions(tx: Transaction, *, ids: list[str]) -> None: ...


@query("journeys/list_visits")
async def list_visits(tx: Transaction, *, keys: list[str]) -> list[Visit]: ...


@query("journeys/list_sessions")
async def list_sessions(tx: Transaction, *, visitors: list[str]) -> list[CreatedSession]: ...


@query("journeys/find_session_refs")
async def find_session_refs(tx: Transaction, *, ids: list[str]) -> list[CreatedSession]: ...


@query("journeys/replace_sessions")
async def replace_sessions(tx: Transaction, *, rows: Rows) -> None: ...


@query("journeys/place_events")
async def place_events(tx: Transaction, *, rows: Rows) -> None: ...


@query("journeys/take_out_events")
async def take_out_events(tx: Transaction, *, ids: list[str]) -> None: ...
