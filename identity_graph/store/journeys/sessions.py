"""The sessions and the events in them."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.driver.rows import Span


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


class Until(TypedDict):
    """A visitor, and the moment before which its sessions are wanted."""

    visitor: str
    until_s: int
    until_ns: int


@query("journeys/find_latest_sessions")
async def find_latest_sessions(tx: ReadTransaction, *, rows: list[Until], limit: int) -> list[StoredSession]: ...


@query("journeys/list_steps")
async def list_steps(tx: ReadTransaction, *, ids: list[str]) -> list[StoredStep]: ...


class SessionRow(Span):
    """All of a session but its name; ``unique_values`` is JSON, ``owner`` the key of an identifier."""

    visitor: str
    channel: str
    touchpoint_count: int
    first_source: str
    first_message_id: str
    last_source: str
    last_message_id: str
    unique_values: str
    owner: str


class NewSession(SessionRow):
    """A session to create."""

    id: str


@query("journeys/create_sessions")
async def create_sessions(tx: WriteTransaction, *, rows: list[NewSession]) -> list[CreatedSession]: ...


class LongerSession(TypedDict):
    """A session that events were added to, at its end or within."""

    ref: str
    last_s: int
    last_ns: int
    last_source: str
    last_message_id: str
    touchpoint_count: int
    unique_values: str


@query("journeys/update_sessions")
async def update_sessions(tx: WriteTransaction, *, rows: list[LongerSession]) -> None: ...


class NewOwner(TypedDict):
    """A session and the identifier that it belongs to from now on."""

    ref: str
    owner: str


@query("journeys/set_owners")
async def set_owners(tx: WriteTransaction, *, rows: list[NewOwner]) -> None: ...


class Placed(TypedDict):
    """An event, the session that it lies in from now on, and the key of the identifier that this belongs to."""

    event_id: str
    session: str
    owner: str


@query("journeys/move_events")
async def move_events(tx: WriteTransaction, *, rows: list[Placed]) -> None: ...


@query("journeys/delete_sessions")
async def delete_sessions(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("journeys/list_visits")
async def list_visits(tx: ReadTransaction, *, keys: list[str]) -> list[Visit]: ...


@query("journeys/list_sessions")
async def list_sessions(tx: ReadTransaction, *, visitors: list[str]) -> list[CreatedSession]: ...


@query("journeys/find_session_refs")
async def find_session_refs(tx: ReadTransaction, *, ids: list[str]) -> list[CreatedSession]: ...


class RecutSession(SessionRow):
    """A session as it is after a new cut."""

    ref: str


@query("journeys/replace_sessions")
async def replace_sessions(tx: WriteTransaction, *, rows: list[RecutSession]) -> None: ...


@query("journeys/place_events")
async def place_events(tx: WriteTransaction, *, rows: list[Placed]) -> None: ...


@query("journeys/take_out_events")
async def take_out_events(tx: WriteTransaction, *, ids: list[str]) -> None: ...
