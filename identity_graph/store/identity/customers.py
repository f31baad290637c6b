"""The customers, who belongs to them, and what happened to them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class Owner(NamedTuple):
    """The customer of an identifier, and the version of the rules under which it was last resolved."""

    key: str
    customer_id: str
    rule_version: int


class LockedCustomer(NamedTuple):
    """A customer as stored. ``size`` is None once it was merged; ``counts`` is JSON: identifiers per limited scope."""

    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant
    updated_at: Instant
    size: int | None
    counts: str
    contested: bool
    contested_by_window: bool
    judged: bool
    rule_version: int


class CustomerMember(NamedTuple):
    """An identifier of a customer, as stored."""

    customer_id: str
    key: str
    ref: str
    first_seen: Instant
    last_seen: Instant
    partners: str
    quarantined: bool
    ambiguous: bool
    judged: bool
    overruled: bool


@query("identity/find_owners")
async def find_owners(tx: Transaction, *, keys: list[str]) -> list[Owner]: ...


@query("identity/lock_customers")
async def lock_customers(tx: Transaction, *, ids: list[str]) -> list[LockedCustomer]: ...


@query("identity/list_members")
async def list_members(tx: Transaction, *, ids: list[str]) -> list[CustomerMember]: ...


@query("identity/create_customers")
async def create_customers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/update_customers")
async def update_customers(tx: Transaction, *, rows: Rows) -> None: ...


@query("identity/touch_customers")
async def touch_customers(tx: Transaction, *, rows: Rows) -> None: ...


@query("identity/await_customers")
async def await_customers(tx: Transaction, *, ids: list[str], rule_version: int) -> None: ...


@query("identity/move_all_members")
async def move_all_members(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/move_members")
async def move_members(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/merge_customers")
async def merge_customers(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int) -> None: ...


@query("identity/end_customers")
async def end_customers(tx: Transaction, *, ids: list[str], at_s: int, at_ns: int) -> None: ...


@query("identity/create_changes")
async def create_changes(tx: Transaction, *, rows: Rows, at_s: int, at_ns: int, rule_version: int) -> None: ...
