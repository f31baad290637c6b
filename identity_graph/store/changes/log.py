"""Reading what happened to customers, and who was whose at an earlier time."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.customers.identifiers import CustomerIdentifierRow
from identity_graph.store.driver.query import Transaction, query


class ChangeRow(NamedTuple):
    """A change; ``position`` is its place in the log, from 1 on, in the order of the commits."""

    id: str
    position: int
    kind: str
    at: Instant
    rule_version: int
    trigger_kind: str
    trigger_id: str | None


class CustomerChangeRow(NamedTuple):
    """A change, and the customer for which it was asked."""

    customer_id: str
    id: str
    position: int
    kind: str
    at: Instant
    rule_version: int
    trigger_kind: str
    trigger_id: str | None


class LastPosition(NamedTuple):
    """The end of the log."""

    position: int


class ChangedCustomerRow(NamedTuple):
    """A change and a customer that it is about."""

    id: str
    customer_id: str


class SideRow(NamedTuple):
    """An identifier that was a customer's just before a change, or just after it, or both."""

    id: str
    customer_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool
    before: bool
    after: bool


class OwnerAt(NamedTuple):
    """Whose an identifier was."""

    key: str
    customer_id: str
    created_at: Instant


class CustomerAt(NamedTuple):
    """Whom an id led to."""

    customer_id: str
    created_at: Instant


@query("changes/page_changes")
async def page_changes(
    tx: Transaction, *, after: int, kinds: list[str] | None, since: str | None, limit: int
) -> list[ChangeRow]: ...


@query("changes/page_changes_back")
async def page_changes_back(
    tx: Transaction, *, before: int, start: int, kinds: list[str] | None, since: str | None, limit: int
) -> list[ChangeRow]: ...


@query("changes/page_changes_of_customers")
async def page_changes_of_customers(
    tx: Transaction,
    *,
    customer_ids: list[str],
    direction: int,
    after: int,
    kinds: list[str] | None,
    since: str | None,
    limit: int,
) -> list[CustomerChangeRow]: ...


@query("changes/find_changes")
async def find_changes(tx: Transaction, *, ids: list[str]) -> list[ChangeRow]: ...


@query("changes/find_start")
async def find_start(tx: Transaction, *, since: str) -> list[LastPosition]: ...


@query("changes/find_last_position")
async def find_last_position(tx: Transaction) -> list[LastPosition]: ...


@query("changes/list_changed_customers")
async def list_changed_customers(tx: Transaction, *, ids: list[str]) -> list[ChangedCustomerRow]: ...


@query("changes/list_sides")
async def list_sides(tx: Transaction, *, ids: list[str]) -> list[SideRow]: ...


@query("changes/find_owners_at")
async def find_owners_at(tx: Transaction, *, keys: list[str], at: str) -> list[OwnerAt]: ...


@query("changes/find_customer_at")
async def find_customer_at(tx: Transaction, *, id: str, at: str) -> list[CustomerAt]: ...


@query("changes/list_identifiers_at")
async def list_identifiers_at(tx: Transaction, *, customer_ids: list[str], at: str) -> list[CustomerIdentifierRow]: ...
