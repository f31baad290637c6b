"""Reading customers: by id, in pages, and their data except links and touchpoints.

A page takes the position it starts after, as (value of the order, id), and one more than it shows as its limit.
"""

from typing import NamedTuple

from identity_graph.domain.identity.read_models import CustomerView, ListedCustomer
from identity_graph.store.driver.query import ReadTransaction, query


class MergedIdRow(NamedTuple):
    """An id that leads to a customer."""

    customer_id: str
    merged_id: str


class BarredCustomer(NamedTuple):
    """A customer of whom nobody may be told, and why: ``RESTRICTED`` or ``DECEASED``."""

    asked_id: str
    bar: str


class CustomerCountRow(NamedTuple):
    """How many customers there are."""

    customers: int


@query("customers/find_customers")
async def find_customers(tx: ReadTransaction, *, ids: list[str]) -> list[CustomerView]: ...


@query("customers/find_barred")
async def find_barred(tx: ReadTransaction, *, ids: list[str]) -> list[BarredCustomer]: ...


@query("customers/page_customers_by_last_seen")
async def page_customers_by_last_seen(
    tx: ReadTransaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomer]: ...


@query("customers/page_customers_by_first_seen")
async def page_customers_by_first_seen(
    tx: ReadTransaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomer]: ...


@query("customers/page_customers_by_created_at")
async def page_customers_by_created_at(
    tx: ReadTransaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomer]: ...


@query("customers/page_customers_by_size")
async def page_customers_by_size(
    tx: ReadTransaction, *, before: int, before_id: str, limit: int
) -> list[ListedCustomer]: ...


@query("customers/count_customers")
async def count_customers(tx: ReadTransaction) -> list[CustomerCountRow]: ...


@query("customers/list_merged_ids")
async def list_merged_ids(tx: ReadTransaction, *, customer_ids: list[str]) -> list[MergedIdRow]: ...
