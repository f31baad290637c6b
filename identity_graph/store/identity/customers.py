"""The customers, their identifiers, and their changes."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query
from identity_graph.store.driver.rows import Span


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
async def find_owners(tx: ReadTransaction, *, keys: list[str]) -> list[Owner]: ...


@query("identity/lock_customers")
async def lock_customers(tx: WriteTransaction, *, ids: list[str]) -> list[LockedCustomer]: ...


@query("identity/list_members")
async def list_members(tx: ReadTransaction, *, ids: list[str]) -> list[CustomerMember]: ...


class NewCustomer(Span):
    """A customer to create; ``counts`` is JSON: identifiers per limited scope."""

    id: str
    size: int
    counts: str
    contested: bool | None
    contested_by_window: bool | None
    judged: bool | None
    rule_version: int


@query("identity/create_customers")
async def create_customers(tx: WriteTransaction, *, rows: list[NewCustomer], at_s: int, at_ns: int) -> None: ...


class ChangedCustomer(NewCustomer):
    """A customer as it is from now on."""

    updated_s: int
    updated_ns: int


@query("identity/update_customers")
async def update_customers(tx: WriteTransaction, *, rows: list[ChangedCustomer]) -> None: ...


class SeenCustomer(Span):
    """A customer that was seen at other times than the stored ones."""

    id: str


@query("identity/touch_customers")
async def touch_customers(tx: WriteTransaction, *, rows: list[SeenCustomer]) -> None: ...


@query("identity/await_customers")
async def await_customers(tx: WriteTransaction, *, ids: list[str], rule_version: int) -> None: ...


class Merge(TypedDict):
    """A customer that goes into another one."""

    loser: str
    winner: str


@query("identity/move_all_members")
async def move_all_members(tx: WriteTransaction, *, rows: list[Merge], at_s: int, at_ns: int) -> None: ...


class Move(TypedDict):
    """An identifier that goes to another customer."""

    key: str
    customer_id: str


@query("identity/move_members")
async def move_members(tx: WriteTransaction, *, rows: list[Move], at_s: int, at_ns: int) -> None: ...


@query("identity/merge_customers")
async def merge_customers(tx: WriteTransaction, *, rows: list[Merge], at_s: int, at_ns: int) -> None: ...


@query("identity/end_customers")
async def end_customers(tx: WriteTransaction, *, ids: list[str], at_s: int, at_ns: int) -> None: ...


class NewChange(TypedDict):
    """What happened to customers, and what brought it about."""

    id: str
    kind: str
    trigger_kind: str
    trigger_id: str | None
    customers: list[str]


@query("identity/create_changes")
async def create_changes(
    tx: WriteTransaction, *, rows: list[NewChange], at_s: int, at_ns: int, rule_version: int
) -> None: ...
