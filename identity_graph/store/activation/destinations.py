"""Destinations, and what each was told of whom."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.activation.read_models import DestinationRow
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class ToldEntryRow(NamedTuple):
    """What a destination was last told of a customer and a segment; the key is ``destination/segment/customer``."""

    key: str
    number: int
    entered_at: Instant | None
    inside: bool


class ToldEntry(TypedDict):
    """The same, to be written."""

    key: str
    destination_id: str
    segment_id: str
    customer_id: str
    number: int
    inside: bool
    entered_s: int | None
    entered_ns: int | None


@query("activation/list_destinations")
async def list_destinations(tx: ReadTransaction) -> list[DestinationRow]: ...


@query("activation/find_told_entries")
async def find_told_entries(tx: ReadTransaction, *, keys: list[str]) -> list[ToldEntryRow]: ...


@query("activation/set_told_entries")
async def set_told_entries(tx: WriteTransaction, *, rows: list[ToldEntry]) -> None: ...


@query("activation/save_destination")
async def save_destination(
    tx: WriteTransaction,
    *,
    id: str,
    name: str,
    url: str,
    segments: list[str] | None,
    kinds: list[str],
    reentry: str,
    cool_down: str | None,
    initial: bool,
    region: str | None,
    channel: str | None,
    change_position: int | None,
    secret: str,
    former_secrets: list[str],
    former_until: list[int],
    at_s: int,
    at_ns: int,
) -> None: ...


class WaitingRow(NamedTuple):
    """A destination that is switched on, whether something is due for it, and up to where it knows the change log."""

    id: str
    is_due: bool
    change_position: int | None


class TargetRow(NamedTuple):
    """Where messages go and what signs them; each former secret until a moment in microseconds."""

    url: str
    secret: str
    former_secrets: list[str]
    former_until: list[int]
    region: str | None
    channel: str | None


@query("activation/list_waiting")
async def list_waiting(tx: ReadTransaction, *, now_s: int, now_ns: int) -> list[WaitingRow]: ...


@query("activation/lock_target")
async def lock_target(tx: WriteTransaction, *, id: str) -> list[TargetRow]: ...


@query("activation/disable_destination")
async def disable_destination(tx: WriteTransaction, *, id: str, reason: str, at_s: int, at_ns: int) -> None: ...


class SecretsRow(NamedTuple):
    """What signs for a destination."""

    secret: str
    former_secrets: list[str]
    former_until: list[int]


class DeletedRow(NamedTuple):
    """How many were deleted."""

    deleted: int


@query("activation/page_destinations")
async def page_destinations(tx: ReadTransaction, *, after: str, limit: int) -> list[DestinationRow]: ...


@query("activation/find_destinations")
async def find_destinations(tx: ReadTransaction, *, ids: list[str]) -> list[DestinationRow]: ...


@query("activation/lock_destination")
async def lock_destination(tx: WriteTransaction, *, id: str) -> list[SecretsRow]: ...


@query("activation/set_secrets")
async def set_secrets(
    tx: WriteTransaction, *, id: str, secret: str, former_secrets: list[str], former_until: list[int]
) -> None: ...


@query("activation/delete_destination")
async def delete_destination(tx: WriteTransaction, *, id: str) -> list[DeletedRow]: ...


@query("activation/delete_told_entries")
async def delete_told_entries(tx: WriteTransaction, *, destination_id: str, limit: int) -> list[DeletedRow]: ...


@query("activation/set_change_position")
async def set_change_position(tx: WriteTransaction, *, id: str, position: int) -> None: ...


class WithheldEntry(TypedDict):
    """An entry that a destination was not told of after all: ``destination/segment/customer``, and when it was."""

    key: str
    at_s: int
    at_ns: int


@query("activation/forget_withheld_entries")
async def forget_withheld_entries(tx: WriteTransaction, *, rows: list[WithheldEntry]) -> None: ...
