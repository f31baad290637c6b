"""Reading orders, for many customers at once."""

from operator import attrgetter

from identity_graph.domain.profiles.order_views import CustomerOrder, OrderEvent, OrderView
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.positions import START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.profiles import order_reading as order_store

_customer_id = attrgetter("customer_id")
_order_id = attrgetter("order_id")


async def read_orders_of(
    reads: Reads, customer_ids: list[str], *, first: int, after: TimePosition | None
) -> list[Page[CustomerOrder]]:
    """Read a page of each customer's orders, newest first."""
    before = after or START
    rows = await reads.run(
        order_store.page_orders.call(
            customer_ids=customer_ids,
            before=format_instant(before.at),
            before_id=before.id,
            limit=first + 1,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]


async def count_orders_of(reads: Reads, customer_ids: list[str]) -> list[int]:
    """Count the orders of each customer."""
    rows = await reads.run(order_store.count_orders.call(customer_ids=customer_ids))
    return [0 if row is None else row.orders for row in align(customer_ids, rows, _customer_id)]


async def read_orders(reads: Reads, ids: list[str]) -> list[OrderView | None]:
    """Read orders by their ids; None where there is none."""
    rows = await reads.run(order_store.find_orders.call(ids=ids))
    return align(ids, rows, attrgetter("id"))


async def read_events_of_orders(
    reads: Reads, ids: list[str], *, first: int, after: TimePosition | None
) -> list[Page[OrderEvent]]:
    """Read a page of the events that tell of each order, newest first."""
    before = after or START
    rows = await reads.run(
        order_store.page_reports_of_orders.call(
            order_ids=ids,
            before=format_instant(before.at),
            before_id=before.id,
            limit=first + 1,
        )
    )
    return [cut(group, first) for group in align_many(ids, rows, _order_id)]


async def count_events_of_orders(reads: Reads, ids: list[str]) -> list[int]:
    """Count the events that tell of each order."""
    rows = await reads.run(order_store.count_reports.call(order_ids=ids))
    return [0 if row is None else row.reports for row in align(ids, rows, _order_id)]
