"""Destinations, and what each was told of whom."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class DestinationRow(NamedTuple):
    """A destination. ``cool_down`` is in microseconds; no ``segments`` means all."""

    id: str
    name: str
    url: str
    segments: list[str] | None
    kinds: list[str]
    reentry: str
    cool_down: int | None
    initial: bool
    region: str | None
    created_at: Instant
    updated_at: Instant
    disabled_at: Instant | None
    disabled_reason: str | None


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


@query("activation/create_destination")
async def create_destination(
    tx: WriteTransaction,
    *,
    id: str,
    name: str,
    url: str,
    secret: str,
    segments: list[str] | None,
    kinds: list[str],
    reentry: str,
    cool_down: int | None,
    initial: bool,
    region: str | None,
    at_s: int,
    at_ns: int,
) -> None: ...
