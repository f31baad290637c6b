"""Reading the changes of customers, and their identifiers at an earlier time."""

from typing import NamedTuple

from identity_graph.domain.identity.read_models import (
    ChangedIdentifier,
    ChangeView,
    CustomerAt,
    CustomerChange,
    CustomerIdentifier,
    OwnerAt,
)
from identity_graph.store.driver.query import ReadTransaction, query


class LastPosition(NamedTuple):
    """The end of the log."""

    position: int


class ChangedCustomerRow(NamedTuple):
    """A change and a customer that it is about."""

    id: str
    customer_id: str


@query("changes/page_changes")
async def page_changes(
    tx: ReadTransaction, *, after: int, kinds: list[str] | None, since: str | None, limit: int
) -> list[ChangeView]: ...


@query("changes/page_changes_back")
async def page_changes_back(
    tx: ReadTransaction, *, before: int, start: int, kinds: list[str] | None, since: str | None, limit: int
) -> list[ChangeView]: ...


@query("changes/page_changes_of_customers")
async def page_changes_of_customers(
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    direction: int,
    after: int,
    kinds: list[str] | None,
    since: str | None,
    limit: int,
) -> list[CustomerChange]: ...


@query("changes/find_changes")
async def find_changes(tx: ReadTransaction, *, ids: list[str]) -> list[ChangeView]: ...


@query("changes/find_start")
async def find_start(tx: ReadTransaction, *, since: str) -> list[LastPosition]: ...


@query("changes/find_last_position")
async def find_last_position(tx: ReadTransaction) -> list[LastPosition]: ...


@query("changes/list_changed_customers")
async def list_changed_customers(tx: ReadTransaction, *, ids: list[str]) -> list[ChangedCustomerRow]: ...


@query("changes/list_sides")
async def list_sides(tx: ReadTransaction, *, ids: list[str]) -> list[ChangedIdentifier]: ...


@query("changes/find_owners_at")
async def find_owners_at(tx: ReadTransaction, *, keys: list[str], at: str) -> list[OwnerAt]: ...


@query("changes/find_customer_at")
async def find_customer_at(tx: ReadTransaction, *, id: str, at: str) -> list[CustomerAt]: ...


@query("changes/list_identifiers_at")
async def list_identifiers_at(tx: ReadTransaction, *, customer_ids: list[str], at: str) -> list[CustomerIdentifier]: ...
