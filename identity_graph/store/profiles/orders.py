"""Orders: which events tell of them, and what they come to."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class NewReport(TypedDict):
    """An event that tells of an order. ``order`` is the id of the order's node."""

    event: str
    order: str
    scope: str
    order_id: str


class StoredReport(NamedTuple):
    """An event that tells of an order. ``properties`` is JSON."""

    id: str
    type: str
    name: str | None
    source: str
    message_id: str
    occurred_at: Instant
    properties: str | None
    keys: list[str]


class OrderRow(TypedDict):
    """What an order comes to. Amounts are decimals as text; ``lines`` and ``problems`` are JSON, ``owner`` is a key."""

    id: str
    state: str
    at_s: int
    at_ns: int
    is_placed: bool
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None
    problems: str | None
    owner: str | None


class OrderRef(NamedTuple):
    """An order."""

    id: str


class PagedEvent(NamedTuple):
    """An event that may tell of an order; ``order`` is the one that it tells of by now."""

    id: str
    may_report: bool
    name: str | None
    source: str
    message_id: str
    properties: str | None
    order: str | None


@query("profiles/report_orders")
async def report_orders(tx: WriteTransaction, *, rows: list[NewReport]) -> None: ...


@query("profiles/lock_orders")
async def lock_orders(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("profiles/list_reports")
async def list_reports(tx: ReadTransaction, *, ids: list[str]) -> list[StoredReport]: ...


@query("profiles/set_orders")
async def set_orders(tx: WriteTransaction, *, rows: list[OrderRow]) -> None: ...


@query("profiles/delete_orders")
async def delete_orders(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("profiles/list_orders_of_identifiers")
async def list_orders_of_identifiers(tx: ReadTransaction, *, keys: list[str]) -> list[OrderRef]: ...


@query("profiles/page_reports")
async def page_reports(tx: ReadTransaction, *, after: str, limit: int, names: list[str]) -> list[PagedEvent]: ...


@query("profiles/drop_reports")
async def drop_reports(tx: WriteTransaction, *, ids: list[str]) -> None: ...
