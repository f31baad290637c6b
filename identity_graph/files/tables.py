"""Tables of any columns as files: CSV, NDJSON and Parquet."""

import csv
import io
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from identity_graph.domain.activation.cells import defuse
from identity_graph.errors import InvalidInputError
from identity_graph.files.exporting import STANDARD_OUTPUT, placed_file

Cell = Any
"""A text, or whatever else JSON can hold; None for nothing."""

Row = Mapping[str, Cell]

SUFFIXES = (".csv", ".ndjson", ".parquet")
_ROW_GROUP = 100_000


class Table(Protocol):
    """Writes rows to one file."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows; a column that a row does not have is empty."""
        ...


@contextmanager
def open_table(output: Path, columns: Sequence[str]) -> Generator[Table]:
    """Open a file to write to: ``.csv``, ``.ndjson``, ``.parquet``, or ``-`` for CSV on standard output.

    What is written appears under its name only when all of it is there, for its owner only.

    Raises:
        InvalidInputError: the name says another format, or the file cannot be written.
    """
    if output == STANDARD_OUTPUT:
        text = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield _CsvTable(text, columns)
        finally:
            text.detach()
        return
    if output.suffix not in SUFFIXES:
        raise InvalidInputError(
            f"{output} has no known format: end its name in {', '.join(SUFFIXES)}, or use - for CSV."
        )
    with placed_file(output) as file:
        if output.suffix == ".parquet":
            table = _ParquetTable(file, columns)
            yield table
            table.close()
        elif output.suffix == ".ndjson":
            yield _JsonTable(file, columns)
        else:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            yield _CsvTable(text, columns)
            text.detach()


class _CsvTable:
    """CSV in UTF-8. No cell is a formula: a spreadsheet that opens the file runs nothing."""

    def __init__(self, file: TextIO, columns: Sequence[str]) -> None:
        self._csv = csv.writer(file, lineterminator="\n")
        self._columns = columns
        self._csv.writerow(map(defuse, columns))

    def write(self, rows: Sequence[Row]) -> None:
        self._csv.writerows([defuse(as_text(row.get(name))) for name in self._columns] for row in rows)


class _JsonTable:
    """One JSON object a line; values keep their types."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._file = file
        self._columns = columns

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            line = {name: row.get(name) for name in self._columns}
            self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


class _ParquetTable:
    """Parquet with columns of text, in row groups of about a hundred thousand rows."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._columns = columns
        self._schema: Any = pa.schema([pa.field(name, pa.string()) for name in columns])
        self._writer: Any = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if len(self._waiting) >= _ROW_GROUP:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        rows, self._waiting = self._waiting, []
        arrays = [
            pa.array([None if row.get(name) is None else as_text(row[name]) for row in rows], pa.string())
            for name in self._columns
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def as_text(cell: Cell) -> str:
    """Write a cell as text: nothing as an empty one, what is no text as JSON."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else orjson.dumps(cell).decode()
