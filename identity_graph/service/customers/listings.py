"""Lists of all customers and of all dead letters, page by page."""

from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.values.instants import format_instant
from identity_graph.service.positions import START, Moment, Page, cut
from identity_graph.service.reads import Reads, align
from identity_graph.store.collecting import dead_letters
from identity_graph.store.collecting.dead_letters import DeadLetterRow
from identity_graph.store.customers import customers as reading_customers
from identity_graph.store.customers.customers import ListedCustomerRow

_LARGER_THAN_ANY = 1 << 40


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
) -> Page[ListedCustomerRow]:
    """Read a page of all customers; merged ones are none."""
    if order is CustomerOrder.SIZE_DESC:
        size, id = after or (_LARGER_THAN_ANY, "")
        rows = await reads.run(
            lambda tx: reading_customers.page_customers_by_size(tx, before=size, before_id=id, limit=first + 1)
        )
    else:
        at, id = after or START
        page = {
            CustomerOrder.LAST_SEEN_DESC: reading_customers.page_customers_by_last_seen,
            CustomerOrder.FIRST_SEEN_DESC: reading_customers.page_customers_by_first_seen,
            CustomerOrder.CREATED_DESC: reading_customers.page_customers_by_created_at,
        }[order]
        rows = await reads.run(lambda tx: page(tx, before=format_instant(at), before_id=id, limit=first + 1))
    return cut(rows, first)


def position_of(row: ListedCustomerRow, order: CustomerOrder) -> CustomerPosition:
    """Tell where a customer stands in a list of this order."""
    return CustomerPosition(getattr(row, order.value), row.id)


async def count_customers(reads: Reads) -> int:
    """Count all customers, at no cost."""
    (row,) = await reads.run(reading_customers.count_customers)
    return row.customers


async def read_dead_letter_list(reads: Reads, *, first: int, after: Moment | None) -> Page[DeadLetterRow]:
    """Read a page of all dead letters, those received last first."""
    before = after or START
    rows = await reads.run(
        lambda tx: dead_letters.page_dead_letters(
            tx, before=format_instant(before.at), before_id=before.id, limit=first + 1
        )
    )
    return cut(rows, first)


async def count_dead_letters(reads: Reads) -> int:
    """Count all dead letters, at no cost."""
    (row,) = await reads.run(dead_letters.count_dead_letters)
    return row.dead_letters


async def read_dead_letters(reads: Reads, ids: list[str]) -> list[DeadLetterRow | None]:
    """Read dead letters by their ids; None where there is none, or no longer."""
    rows = await reads.run(lambda tx: dead_letters.read_dead_letters(tx, ids=ids))
    return align(ids, rows, attrgetter("id"))
