"""Lists of all customers, page by page."""

from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.identity.read_models import ListedCustomer
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.positions import ABOVE_ALL, START, Page, cut
from identity_graph.service.reads import Reads
from identity_graph.store.customers import customers as reading_customers


class CustomerOrder(StrEnum):
    """What a list of customers is ordered by, greatest first; ties by id. The value is the row's field."""

    LAST_SEEN_DESC = "last_seen"
    FIRST_SEEN_DESC = "first_seen"
    CREATED_DESC = "created_at"
    SIZE_DESC = "size"


class CustomerPosition(NamedTuple):
    """A position in a list of customers: what it is ordered by (an instant, or a size) and the id."""

    value: int
    id: str


async def read_customer_list(
    reads: Reads, order: CustomerOrder, *, first: int, after: CustomerPosition | None
) -> Page[ListedCustomer]:
    """Read a page of all customers; merged ones are none."""
    if order is CustomerOrder.SIZE_DESC:
        size, id = after or (ABOVE_ALL, "")
        rows = await reads.run(
            reading_customers.page_customers_by_size.call(before=size, before_id=id, limit=first + 1)
        )
    else:
        at, id = after or START
        page = {
            CustomerOrder.LAST_SEEN_DESC: reading_customers.page_customers_by_last_seen,
            CustomerOrder.FIRST_SEEN_DESC: reading_customers.page_customers_by_first_seen,
            CustomerOrder.CREATED_DESC: reading_customers.page_customers_by_created_at,
        }[order]
        rows = await reads.run(page.call(before=format_instant(at), before_id=id, limit=first + 1))
    return cut(rows, first)


def position_of(row: ListedCustomer, order: CustomerOrder) -> CustomerPosition:
    """Tell where a customer stands in a list of this order."""
    return CustomerPosition(getattr(row, order.value), row.id)


async def count_customers(reads: Reads) -> int:
    """Count all customers, at no cost."""
    (row,) = await reads.run(reading_customers.count_customers)
    return row.customers
