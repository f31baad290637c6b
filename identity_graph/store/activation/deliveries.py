"""The outbox: messages to destinations, until they are delivered or given up."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.activation.read_models import DeliveryCounts, DeliveryRow, WithheldCount
from identity_graph.store.activation.destinations import DeletedRow
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class NewDelivery(TypedDict):
    """A message that is to be delivered. It was made at one moment and may be due at a later one."""

    id: str
    destination_id: str
    kind: str
    customer_id: str | None
    payload: str
    at_s: int
    at_ns: int
    due_s: int
    due_ns: int


class CreatedRow(NamedTuple):
    """How many were not there yet."""

    created: int


@query("activation/create_deliveries")
async def create_deliveries(tx: WriteTransaction, *, rows: list[NewDelivery]) -> list[CreatedRow]: ...


class ClaimedRow(NamedTuple):
    """A delivery that was looked at; only one that was taken has its payload."""

    id: str
    is_taken: bool
    attempts: int
    payload: str | None


class Settled(TypedDict):
    """What came of an attempt. ``failures`` is 1 for one that counts as a failure; without ``due_s`` it is the last one."""

    id: str
    claim: str
    failures: int
    status: int | None
    error: str | None
    is_delivered: bool
    withheld: str | None
    at_s: int
    at_ns: int
    due_s: int | None
    due_ns: int | None


@query("activation/claim_deliveries")
async def claim_deliveries(
    tx: WriteTransaction,
    *,
    destination_id: str,
    claim: str,
    look: int,
    limit: int,
    now_s: int,
    now_ns: int,
    until_s: int,
    until_ns: int,
) -> list[ClaimedRow]: ...


@query("activation/settle_deliveries")
async def settle_deliveries(tx: WriteTransaction, *, rows: list[Settled]) -> None: ...


class SpanRow(NamedTuple):
    """Two positions; none where there is nothing between."""

    first: int | None
    last: int | None


class ReplayedRow(NamedTuple):
    """How many of a page were looked at, its last position, and how many are due again."""

    seen: int
    last: int | None
    replayed: int


@query("activation/page_deliveries")
async def page_deliveries(
    tx: ReadTransaction, *, destination_id: str, before: int, state: str | None, limit: int
) -> list[DeliveryRow]: ...


@query("activation/count_deliveries")
async def count_deliveries(tx: ReadTransaction, *, ids: list[str]) -> list[DeliveryCounts]: ...


class WithheldRow(NamedTuple):
    """A delivery that was withheld."""

    id: str


@query("activation/find_withheld")
async def find_withheld(tx: ReadTransaction, *, ids: list[str]) -> list[WithheldRow]: ...


@query("activation/count_withheld")
async def count_withheld(tx: ReadTransaction, *, ids: list[str]) -> list[WithheldCount]: ...


@query("activation/find_replay")
async def find_replay(tx: ReadTransaction, *, destination_id: str, from_s: int, from_ns: int) -> list[SpanRow]: ...


@query("activation/replay_deliveries")
async def replay_deliveries(
    tx: WriteTransaction,
    *,
    destination_id: str,
    first: int,
    last: int,
    from_s: int,
    from_ns: int,
    now_s: int,
    now_ns: int,
    limit: int,
) -> list[ReplayedRow]: ...


@query("activation/delete_deliveries")
async def delete_deliveries(tx: WriteTransaction, *, destination_id: str, limit: int) -> list[DeletedRow]: ...


@query("activation/prune_deliveries")
async def prune_deliveries(tx: WriteTransaction, *, before_s: int, before_ns: int, limit: int) -> list[DeletedRow]: ...


class TotalRow(NamedTuple):
    """How many there are."""

    total: int


@query("activation/count_deliveries_in")
async def count_deliveries_in(tx: ReadTransaction, *, destination_id: str, state: str | None) -> list[TotalRow]: ...
