"""What customers bought, and the cuts by which that is scored."""

from typing import Any, NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class Version(NamedTuple):
    """The version of a cut."""

    version: int


class StoredCut(NamedTuple):
    """A cut of RFM. Boundaries are of the best class first; amounts are decimals as text, ``rhythm`` is in microseconds."""

    version: int
    at: Instant
    method: str
    population: int
    currency: str
    recency: list[int]
    frequency: list[int]
    monetary: list[str]
    recency_classes: int
    frequency_classes: int
    monetary_classes: int
    rhythm: int | None


class Buyer(NamedTuple):
    """A customer with its orders: each its state, time, currency, revenue, and what was paid back of it."""

    customer_id: str
    orders: list[list[Any]]


class Bought(NamedTuple):
    """An order of a customer. ``lines`` is JSON, if lines are asked for."""

    customer_id: str
    state: str
    at: Instant
    currency: str
    revenue: str
    refunded: str
    lines: str | None


@query("profiles/create_rfm_cut")
async def create_rfm_cut(
    tx: WriteTransaction,
    *,
    at_s: int,
    at_ns: int,
    method: str,
    population: int,
    currency: str,
    recency: list[int],
    frequency: list[int],
    monetary: list[str],
    recency_classes: int,
    frequency_classes: int,
    monetary_classes: int,
    rhythm: int | None,
) -> list[Version]: ...


@query("profiles/find_current_rfm_cut")
async def find_current_rfm_cut(tx: ReadTransaction) -> list[StoredCut]: ...


@query("profiles/find_rfm_cuts")
async def find_rfm_cuts(tx: ReadTransaction, *, versions: list[int]) -> list[StoredCut]: ...


@query("profiles/page_bought")
async def page_bought(tx: ReadTransaction, *, after: str, limit: int) -> list[Buyer]: ...


@query("profiles/list_bought")
async def list_bought(tx: ReadTransaction, *, customer_ids: list[str], lines: bool) -> list[Bought]: ...
