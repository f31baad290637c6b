"""The export: every identifier with the customer it belongs to, in the order of the keys, in constant memory."""

import csv
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError
from identity_graph.files.private import open_private
from identity_graph.store.customers import export
from identity_graph.store.customers.export import ExportedIdentifier
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

COLUMNS = ("namespace", "value", "customer_id", "first_seen", "last_seen", "customer_created_at")
"""The columns of an export."""

STANDARD_OUTPUT = Path("-")

_PAGE = 5_000
_ROW_GROUP = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER_COLON, _AFTER_LETTERS = ";", "{"

_TIME = pa.timestamp("us", tz="UTC")
_SCHEMA: Any = pa.schema(
    [
        pa.field("namespace", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in ("value", "customer_id")),
        *(pa.field(name, _TIME, nullable=False) for name in ("first_seen", "last_seen", "customer_created_at")),
    ]
)


class Writer(Protocol):
    """Writes rows to one file."""

    def write(self, rows: Sequence[ExportedIdentifier]) -> None:
        """Write some rows."""
        ...


async def export_identifiers(
    graph: Graph,
    writer: Writer,
    *,
    namespaces: Iterable[str] = (),
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write all identifiers, or those of some namespaces, and return how many.

    Each page of rows is consistent in itself; what is written to the graph meanwhile may or may not be in it.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    written = 0
    async for page in _pages(graph, namespaces):
        writer.write(page)
        written += len(page)
        on_progress(written)
    return written


async def count_identifiers(graph: Graph) -> int:
    """Count all identifiers."""
    return (await graph.read(export.count_identifiers))[0].identifiers


@contextmanager
def open_writer(output: Path) -> Generator[Writer]:
    """Open a file to write to: ``.csv``, ``.parquet``, or ``-`` for CSV on standard output.

    What is written appears under its name only when all of it is there, for its owner only.

    Raises:
        InvalidInputError: the name says another format, or the file cannot be written.
    """
    if output == STANDARD_OUTPUT:
        text = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield CsvWriter(text)
        finally:
            text.detach()
        return
    if output.suffix not in {".csv", ".parquet"}:
        raise InvalidInputError(f"{output} has no known format: end its name in .csv or .parquet, or use - for CSV.")
    with placed_file(output) as file:
        if output.suffix == ".csv":
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            yield CsvWriter(text)
            text.detach()
        else:
            with ParquetWriter(file) as writer:
                yield writer


@contextmanager
def placed_file(output: Path) -> Generator[BinaryIO]:
    """Open a file that appears under its name when all of it is there, for its owner only.

    Raises:
        InvalidInputError: it is a folder, or cannot be written.
    """
    if output.is_dir():
        raise InvalidInputError(f"{output} is a folder: name a file.")
    partial = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        with open_private(partial) as file:
            yield file
        partial.replace(output)
    except OSError as error:
        raise InvalidInputError(f"{output} cannot be written: {error.strerror or error}.", path=str(output)) from error
    finally:
        partial.unlink(missing_ok=True)


class CsvWriter:
    """Writes CSV in UTF-8: a header, quotes where they are needed, times in ISO 8601."""

    def __init__(self, file: TextIO) -> None:
        self._csv = csv.writer(file, lineterminator="\n")
        self._csv.writerow(COLUMNS)

    def write(self, rows: Sequence[ExportedIdentifier]) -> None:
        """Write some rows."""
        self._csv.writerows((row.namespace, row.value, row.customer_id, *map(_as_text, row[4:])) for row in rows)


class ParquetWriter:
    """Writes Parquet, in row groups of about a hundred thousand rows."""

    def __init__(self, file: BinaryIO) -> None:
        self._writer: Any = pq.ParquetWriter(file, _SCHEMA, compression="zstd")
        self._waiting: list[ExportedIdentifier] = []

    def write(self, rows: Sequence[ExportedIdentifier]) -> None:
        """Write some rows, as soon as there are enough for a row group."""
        self._waiting += rows
        if len(self._waiting) >= _ROW_GROUP:
            self._write_group()

    def __enter__(self) -> "ParquetWriter":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._write_group()
        finally:
            self._writer.close()

    def _write_group(self) -> None:
        rows, self._waiting = self._waiting, []
        columns = list(zip(*(row[1:] for row in rows), strict=True)) or [() for _ in COLUMNS]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))


async def _pages(graph: Graph, namespaces: Iterable[str]) -> AsyncIterator[list[ExportedIdentifier]]:
    prefixes = sorted(f"{namespace}:" for namespace in set(namespaces))
    ranges = [(prefix, prefix[:-1] + _AFTER_COLON) for prefix in prefixes] or [("", _AFTER_LETTERS)]
    for start, before in ranges:
        after = start
        while True:

            async def read(tx: ReadTransaction, after: str = after, before: str = before) -> list[ExportedIdentifier]:
                return await export.page_identifiers(tx, after=after, before=before, limit=_PAGE)

            page = await graph.read(read)
            if not page:
                break
            yield page
            after = page[-1].key


def _as_text(at: Instant) -> str:
    return (_EPOCH + timedelta(microseconds=at)).isoformat(timespec="microseconds").replace("+00:00", "Z")
