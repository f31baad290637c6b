"""Reading customers: by id, in pages, and what hangs on them but is neither link nor touchpoint.

A page takes the position it starts after, as (value of the order, id), and one more than it shows as its limit.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query


class CustomerRow(NamedTuple):
    """A customer under the id that was asked for, which may have been merged into it."""

    asked_id: str
    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant


class ListedCustomerRow(NamedTuple):
    """A customer in a page; ``size`` is the number of its identifiers."""

    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant
    size: int


class MergedIdRow(NamedTuple):
    """An id that leads to a customer."""

    customer_id: str
    merged_id: str


class TraitRow(NamedTuple):
    """A trait of one identifier of a customer; ``value`` is JSON."""

    customer_id: str
    name: str
    value: str
    observed_at: Instant
    source: str
    identifier_key: str


class TraitCountRow(NamedTuple):
    """How many traits a customer has."""

    customer_id: str
    traits: int


class CustomerCountRow(NamedTuple):
    """How many customers there are."""

    customers: int


@query("customers/find_customers")
async def find_customers(tx: Transaction, *, ids: list[str]) -> list[CustomerRow]: ...


@query("customers/page_customers_by_last_seen")
async def page_customers_by_last_seen(
    tx: Transaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomerRow]: ...


@query("customers/page_customers_by_first_seen")
async def page_customers_by_first_seen(
    tx: Transaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomerRow]: ...


@query("customers/page_customers_by_created_at")
async def page_customers_by_created_at(
    tx: Transaction, *, before: str, before_id: str, limit: int
) -> list[ListedCustomerRow]: ...


@query("customers/page_customers_by_size")
async def page_customers_by_size(
    tx: Transaction, *, before: int, before_id: str, limit: int
) -> list[ListedCustomerRow]: ...


@query("customers/count_customers")
async def count_customers(tx: Transaction) -> list[CustomerCountRow]: ...


@query("customers/list_merged_ids")
async def list_merged_ids(tx: Transaction, *, customer_ids: list[str]) -> list[MergedIdRow]: ...


@query("customers/list_traits_of_customers")
async def list_traits_of_customers(
    tx: Transaction, *, customer_ids: list[str], names: list[str] | None, most: int
) -> list[TraitRow]: ...


@query("customers/count_traits_of_customers")
async def count_traits_of_customers(tx: Transaction, *, customer_ids: list[str]) -> list[TraitCountRow]: ...
