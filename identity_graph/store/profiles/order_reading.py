"""Reading orders.

Moments in parameters are ISO 8601 texts; ``before`` with ``before_id`` is the position that a page ends in front of. A limit
is one more than the page shows.
"""

from typing import NamedTuple

from identity_graph.domain.profiles.order_views import CustomerOrder, OrderEvent, OrderView
from identity_graph.store.driver.query import ReadTransaction, query


class OrderCount(NamedTuple):
    """How many orders a customer has."""

    customer_id: str
    orders: int


class ReportCount(NamedTuple):
    """How many events tell of an order."""

    order_id: str
    reports: int


@query("profiles/page_orders")
async def page_orders(
    tx: ReadTransaction, *, customer_ids: list[str], before: str, before_id: str, limit: int
) -> list[CustomerOrder]: ...


@query("profiles/count_orders")
async def count_orders(tx: ReadTransaction, *, customer_ids: list[str]) -> list[OrderCount]: ...


@query("profiles/find_orders")
async def find_orders(tx: ReadTransaction, *, ids: list[str]) -> list[OrderView]: ...


@query("profiles/page_reports_of_orders")
async def page_reports_of_orders(
    tx: ReadTransaction, *, order_ids: list[str], before: str, before_id: str, limit: int
) -> list[OrderEvent]: ...


@query("profiles/count_reports")
async def count_reports(tx: ReadTransaction, *, order_ids: list[str]) -> list[ReportCount]: ...
