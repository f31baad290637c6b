"""Rows that are one record together, such as the lines of a receipt, brought together wherever they stand in a file.

They wait in a temporary database of SQLite: it keeps on disk what does not fit into its cache, and nobody finds its file.
"""

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import blake2b
from typing import Any

from identity_graph.files.records import TOO_LARGE, Rejection, Row

MOST_ROWS = 5000
"""Rows that one record may have: more would be no message that can be taken in."""

_TABLES = (
    "CREATE TABLE record (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    (
        "CREATE TABLE entry (record INTEGER NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, "
        "PRIMARY KEY (record, number)) WITHOUT ROWID"
    ),
)
_ADD_RECORD = "INSERT INTO record VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET number = number RETURNING number"
_ADD_ENTRY = "INSERT INTO entry VALUES (?, ?, ?)"
_ENTRIES = "SELECT record, content FROM entry ORDER BY record, number"


def group_rows(
    rows: Iterable[Row | Rejection], name: Callable[[Row], tuple[str, ...] | Rejection]
) -> Iterator[list[Row] | Rejection]:
    """Give the rows of each record together, in the order of their first rows; what is rejected stands in its place.

    All rows are read before the first record is given. ``name`` says which record a row belongs to.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        for statement in _TABLES:
            database.execute(statement)
        database.execute("BEGIN")
        for number, row in enumerate(rows):
            key = row if isinstance(row, Rejection) else name(row)
            if isinstance(key, Rejection):
                record, content = number, key
            else:
                [(record,)] = database.execute(_ADD_RECORD, (_hash(key), number)).fetchall()
                content = row
            database.execute(_ADD_ENTRY, (record, number, pickle.dumps(content)))
        yield from _records(database.execute(_ENTRIES))


def _records(entries: Iterable[tuple[int, bytes]]) -> Iterator[list[Row] | Rejection]:
    gathered: list[Row] = []
    current, count = -1, 0
    for record, content in entries:
        entry: Any = pickle.loads(content)  # noqa: S301 - this process wrote it a moment ago
        if record != current:
            if gathered:
                yield _whole(gathered, count)
            gathered, current, count = [], record, 0
        if isinstance(entry, Rejection):
            yield entry
            continue
        count += 1
        if count <= MOST_ROWS:
            gathered.append(entry)
    if gathered:
        yield _whole(gathered, count)


def _whole(rows: list[Row], count: int) -> list[Row] | Rejection:
    if count <= MOST_ROWS:
        return rows
    reason = f"{count:,} rows are equal in `group_by`, and one record has at most {MOST_ROWS:,}: name more columns."
    return Rejection(rows[0].line, TOO_LARGE, reason, repr(rows[0].cells))


def _hash(key: tuple[str, ...]) -> bytes:
    """Give a key of one length; no other texts have the same."""
    hashed = blake2b(digest_size=16)
    for text in key:
        encoded = text.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(8, "big") + encoded)
    return hashed.digest()
