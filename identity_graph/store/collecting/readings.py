"""What is read and written when evidence is removed or read again."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class LockedEvent(NamedTuple):
    """An event as stored.

    ``identifiers`` are as they came, ``keys`` are those of the identifiers seen in it. ``visitor`` is that of its session and ``order`` is the
    id of the order that it tells of, if any.
    """

    id: str
    source: str
    message_id: str
    occurred_at: Instant
    is_retracted: bool
    traits: str | None
    has_consents: bool
    type: str
    identifiers: list[str]
    keys: list[str]
    visitor: str | None
    order: str | None


class Reading(NamedTuple):
    """An event as it came (``identifiers``: ``namespace:value``) and as it is read: what was seen in it, what links nothing."""

    id: str
    type: str
    source: str
    message_id: str
    occurred_at: Instant
    identifiers: list[str]
    ignored: list[str]
    has_traits: bool
    has_consents: bool
    keys: list[str]
    visitor: str | None
    order: str | None


class RawEvent(NamedTuple):
    """An event with its identifiers as they came."""

    id: str
    identifiers: list[str]


@query("collecting/lock_event")
async def lock_event(tx: WriteTransaction, *, id: str) -> list[LockedEvent]: ...


@query("collecting/mark_events")
async def mark_events(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("collecting/retract_event")
async def retract_event(tx: WriteTransaction, *, id: str, actor: str, at_s: int, at_ns: int) -> None: ...


@query("collecting/list_readings")
async def list_readings(tx: ReadTransaction, *, keys: list[str]) -> list[Reading]: ...


@query("collecting/find_readings")
async def find_readings(tx: ReadTransaction, *, ids: list[str]) -> list[Reading]: ...


@query("collecting/page_readings")
async def page_readings(tx: ReadTransaction, *, after: str, limit: int) -> list[Reading]: ...


@query("collecting/page_events")
async def page_events(tx: ReadTransaction, *, after: str, limit: int) -> list[RawEvent]: ...


class NewReading(TypedDict):
    """What an event says from now on."""

    id: str
    keys: list[str]
    ignored: list[str] | None


@query("collecting/replace_readings")
async def replace_readings(tx: WriteTransaction, *, rows: list[NewReading]) -> None: ...
