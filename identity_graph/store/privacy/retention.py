"""What retention reads and deletes."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.privacy.erasing import Total


class AgedEvent(NamedTuple):
    """An event that retention looks at. ``traits`` is JSON."""

    id: str
    type: str
    name: str
    occurred_at: Instant
    traits: str | None
    is_emptied: bool
    order: str | None
    keys: list[str]


class LeftTraits(TypedDict):
    """What stays of the traits of an event, as JSON; None for nothing."""

    id: str
    traits: str | None


class RetentionState(NamedTuple):
    """How far retention is, as JSON."""

    state: str


@query("privacy/page_events_by_time")
async def page_events_by_time(
    tx: ReadTransaction, *, after: str, after_id: str, until: str, limit: int
) -> list[AgedEvent]: ...


@query("privacy/list_overdue_events")
async def list_overdue_events(tx: ReadTransaction, *, limit: int) -> list[AgedEvent]: ...


@query("privacy/list_events_of_orders")
async def list_events_of_orders(tx: ReadTransaction, *, ids: list[str]) -> list[AgedEvent]: ...


@query("privacy/count_events_until")
async def count_events_until(
    tx: ReadTransaction, *, until: str, name: str | None, others: list[str], orders: bool
) -> list[Total]: ...


@query("privacy/mark_overdue_events")
async def mark_overdue_events(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("privacy/clear_overdue_events")
async def clear_overdue_events(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("privacy/empty_events")
async def empty_events(tx: WriteTransaction, *, ids: list[str], name: str, at_s: int, at_ns: int) -> None: ...


@query("privacy/set_event_traits")
async def set_event_traits(tx: WriteTransaction, *, rows: list[LeftTraits]) -> None: ...


@query("privacy/lock_retention")
async def lock_retention(tx: WriteTransaction, *, holder: str, seconds: int) -> list[RetentionState]: ...


@query("privacy/save_retention")
async def save_retention(tx: WriteTransaction, *, state: str) -> None: ...
