"""What the doctor reads and writes when it derives customers anew."""

from typing import Any, NamedTuple, TypedDict

from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class StoredOf(NamedTuple):
    """All that is stored of an identifier, as the driver gives it."""

    key: str
    identifier: dict[str, Any]
    customers: list[str]
    totals: list[dict[str, Any]]
    links: list[dict[str, Any]]
    events: list[list[Any]]
    sessions: list[dict[str, Any]]
    traits: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    consents: list[dict[str, Any]]


class Homes(NamedTuple):
    """The customers of an identifier; right are one relation and one customer."""

    key: str
    relations: int
    customers: list[str]


class NewHome(TypedDict):
    """The customer of an identifier from now on; ``keeps``: it was one of its customers before."""

    key: str
    customer_id: str
    keeps: bool


class Shape(NamedTuple):
    """Whether an identifier has what each has."""

    key: str
    relations: int
    customers: int
    observed: bool


class VisitShape(NamedTuple):
    """Whether a session has what each has, and the identifiers of its events."""

    id: str
    whole: bool
    keys: list[str]


class CustomerKeys(NamedTuple):
    """A customer with its identifiers."""

    id: str
    keys: list[str]


@query("health/list_stored")
async def list_stored(tx: ReadTransaction, *, keys: list[str]) -> list[StoredOf]: ...


@query("health/list_homes")
async def list_homes(tx: ReadTransaction, *, keys: list[str]) -> list[Homes]: ...


@query("health/set_homes")
async def set_homes(tx: WriteTransaction, *, rows: list[NewHome], at_s: int, at_ns: int) -> None: ...


@query("health/complete_customers")
async def complete_customers(
    tx: WriteTransaction, *, keys: list[str], rule_version: int, at_s: int, at_ns: int
) -> None: ...


@query("health/complete_identifiers")
async def complete_identifiers(tx: WriteTransaction, *, keys: list[str], at_s: int, at_ns: int) -> None: ...


@query("health/delete_odd_links")
async def delete_odd_links(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("health/forget_witnesses")
async def forget_witnesses(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("health/settle_refusals")
async def settle_refusals(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("health/delete_visits")
async def delete_visits(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("health/page_shapes")
async def page_shapes(tx: ReadTransaction, *, after: str, limit: int) -> list[Shape]: ...


@query("health/page_visits")
async def page_visits(tx: ReadTransaction, *, after: str, limit: int) -> list[VisitShape]: ...


@query("health/page_members")
async def page_members(tx: ReadTransaction, *, after: str, limit: int) -> list[CustomerKeys]: ...
