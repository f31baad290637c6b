"""How far files were imported: ``(:Import)``, kept in the graph so that it is never older or newer than the data."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class StoredImport(NamedTuple):
    """An import as far as it came. ``records`` were read and all of them are committed.

    ``skipped`` are those that the mapping leaves out. ``rejected`` is JSON: counts by code. ``rejects_bytes`` is the size that the file of rejected records had.
    """

    records: int
    accepted: int
    duplicates: int
    skipped: int
    rejected: str
    rejects_bytes: int
    finished_at: Instant | None


@query("collecting/find_import")
async def find_import(tx: ReadTransaction, *, key: str) -> list[StoredImport]: ...


@query("collecting/save_import")
async def save_import(
    tx: WriteTransaction,
    *,
    key: str,
    file: str,
    source: str,
    records: int,
    accepted: int,
    duplicates: int,
    skipped: int,
    rejected: str,
    rejects_bytes: int,
    unused_columns: list[str] | None,
    is_finished: bool,
    at_s: int,
    at_ns: int,
) -> None: ...
