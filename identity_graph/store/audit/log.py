"""The audit log: entries, its end, and checkpoints."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class NewEntry(TypedDict):
    """An entry with its number and its hash. ``counts`` is JSON."""

    id: str
    number: int
    at_s: int
    at_ns: int
    who: str
    who_kind: str
    key_id: str
    address: str
    action: str
    operation: str
    objects: list[str]
    counts: str
    outcome: str
    reason: str
    hash: str


class LockedHead(NamedTuple):
    """The end of the log, and whether the entry that was asked for is known. ``root`` is None for an empty log."""

    length: int
    root: str | None
    is_known: bool


class HeadRow(NamedTuple):
    """The end of the log."""

    length: int
    root: str | None


class EntryRow(NamedTuple):
    """A stored entry. ``counts`` is JSON."""

    number: int
    id: str
    at: Instant
    who: str
    who_kind: str
    key_id: str
    address: str
    action: str
    operation: str
    objects: list[str]
    counts: str
    outcome: str
    reason: str
    hash: str


class CheckpointRow(NamedTuple):
    """A checkpoint as one word, and how many entries it covers."""

    entries: int
    checkpoint: str


class DeletedRow(NamedTuple):
    """How many were deleted."""

    deleted: int


@query("audit/lock_head")
async def lock_head(tx: WriteTransaction, *, id: str) -> list[LockedHead]: ...


@query("audit/find_head")
async def find_head(tx: ReadTransaction) -> list[HeadRow]: ...


@query("audit/create_entries")
async def create_entries(tx: WriteTransaction, *, rows: list[NewEntry], root: str) -> None: ...


@query("audit/page_entries")
async def page_entries(tx: ReadTransaction, *, after: int, limit: int) -> list[EntryRow]: ...


@query("audit/page_entries_back")
async def page_entries_back(tx: ReadTransaction, *, before: int, limit: int) -> list[EntryRow]: ...


@query("audit/create_checkpoint")
async def create_checkpoint(tx: WriteTransaction, *, count: int, checkpoint: str) -> None: ...


@query("audit/list_checkpoints")
async def list_checkpoints(tx: ReadTransaction) -> list[CheckpointRow]: ...


@query("audit/delete_entries")
async def delete_entries(tx: WriteTransaction, *, upto: int, limit: int) -> list[DeletedRow]: ...


@query("audit/delete_checkpoints")
async def delete_checkpoints(tx: WriteTransaction, *, before: int) -> None: ...
