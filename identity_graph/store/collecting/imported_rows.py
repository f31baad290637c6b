"""What rows of tables said when they were last imported: ``(:ImportedRow)``, only for mappings that follow changes."""

from typing import NamedTuple, TypedDict

from identity_graph.store.driver.query import WriteTransaction, query


class StoredRow(NamedTuple):
    """A row as it was last imported.

    ``content`` is a hash of what it said, None when it did not say it any more; ``revision`` counts what it said over time,
    0 when it never said anything; ``superseded`` are the ids of messages that are still to be taken back.
    """

    key: str
    content: str | None
    revision: int
    message_id: str | None
    superseded: list[str]


class ChangedRow(TypedDict):
    """What a row says from now on."""

    key: str
    content: str | None
    revision: int
    message_id: str | None
    superseded: list[str]
    at_s: int
    at_ns: int


class SettledRow(TypedDict):
    """Messages of a row that were taken back."""

    key: str
    done: list[str]


@query("collecting/create_imported_rows")
async def create_imported_rows(tx: WriteTransaction, *, keys: list[str]) -> None: ...


@query("collecting/lock_imported_rows")
async def lock_imported_rows(tx: WriteTransaction, *, keys: list[str]) -> list[StoredRow]: ...


@query("collecting/update_imported_rows")
async def update_imported_rows(tx: WriteTransaction, *, rows: list[ChangedRow]) -> None: ...


@query("collecting/settle_imported_rows")
async def settle_imported_rows(tx: WriteTransaction, *, rows: list[SettledRow]) -> None: ...
