"""Any file that can come in, as one stream of records."""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from identity_graph.errors import InvalidInputError
from identity_graph.files.csv_rows import CsvTable
from identity_graph.files.grouped_rows import group_rows
from identity_graph.files.mapped_rows import RowMapper
from identity_graph.files.mapping import Mapping
from identity_graph.files.ndjson import read_ndjson
from identity_graph.files.records import Record, Rejection, Row
from identity_graph.files.source_files import SourceFile, open_source

if TYPE_CHECKING:
    from identity_graph.files.parquet_rows import ParquetTable

Outcome = Record | Rejection

_TABLE_SUFFIXES = (".csv", ".tsv", ".txt")


class RecordFile:
    """An open file whose records can be read once: with a mapping a table, without one NDJSON."""

    def __init__(self, source: SourceFile, mapping: Mapping | None) -> None:
        """Find out what the file is.

        Raises:
            InvalidInputError: it needs a mapping, or does not fit the one that is given.
        """
        self._source = source
        self._is_grouped = mapping is not None and bool(mapping.group_by)
        self._csv: CsvTable | None = None
        self._parquet: ParquetTable | None = None
        self._mapper: RowMapper | None = None
        self._rows_read = 0
        self._needed: frozenset[str] = frozenset()
        if source.is_zip:
            raise InvalidInputError(
                f"{source.name} is an Excel workbook or a zip: save the sheet as `CSV UTF-8`, or unpack the zip.",
                path=source.name,
            )
        if mapping is None:
            if source.is_parquet or source.short_name.removesuffix(".gz").endswith(_TABLE_SUFFIXES):
                kind = "Parquet" if source.is_parquet else "a table"
                raise InvalidInputError(
                    f"{source.name} is {kind}: describe its columns with --mapping MAPPING.yaml.", path=source.name
                )
        elif source.is_parquet:
            from identity_graph.files import parquet_rows  # it takes a while, and few files are Parquet

            self._parquet = parquet_rows.ParquetTable(source)
            self._mapper = RowMapper(mapping, self._parquet.columns, source)
        else:
            self._csv = CsvTable(source, mapping.table)
            self._mapper = RowMapper(mapping, self._csv.columns, source)
        if mapping is not None:
            self._needed = frozenset(used.column for used in mapping.used())

    @property
    def total(self) -> int | None:
        """How far ``progress`` goes: bytes of the file, or rows of a Parquet file; None when that is not known.

        A file with groups is read to its end before its first record is given.
        """
        return self._parquet.total if self._parquet is not None else self._source.size

    @property
    def unused_columns(self) -> list[str]:
        """The columns of a table that the mapping does not name, in their order."""
        table = self._parquet or self._csv
        return [] if table is None else [name for name in table.columns if name not in self._needed]

    def progress(self) -> int:
        """Tell how much was read, of ``total``."""
        return self._rows_read if self._parquet is not None else self._source.position()

    def records(self, *, skip: int = 0) -> Iterator[tuple[int, Outcome]]:
        """Read what the records hold, each with its number from 1, without ``skip`` records at the start.

        Records are the lines of NDJSON, empty ones too, and the rows of a table, or its groups of rows.

        Raises:
            InvalidInputError: the file cannot be read to its end; all before was given.
        """
        if self._mapper is None:
            for outcome in read_ndjson(self._source, skip=skip):
                yield outcome.line, outcome
        elif self._is_grouped:
            groups = group_rows(self._rows(), self._mapper.group)
            for number, rows in enumerate(groups, 1):
                if number > skip:
                    yield number, rows if isinstance(rows, Rejection) else self._mapper.read(rows)
        else:
            for number, row in enumerate(self._rows(skip=skip), skip + 1):
                yield number, row if isinstance(row, Rejection) else self._mapper.read((row,))

    def _rows(self, *, skip: int = 0) -> Iterator[Row | Rejection]:
        if self._parquet is not None:
            for row in self._parquet.rows(needed=self._needed, skip=skip):
                self._rows_read = row.number
                yield row
        elif self._csv is not None:
            yield from self._csv.rows(skip=skip)


@contextmanager
def open_records(path: Path, mapping: Mapping | None) -> Generator[RecordFile]:
    """Open a file to read its records.

    Raises:
        InvalidInputError: it cannot be opened, or is not what it was taken for.
    """
    with open_source(path) as source:
        yield RecordFile(source, mapping)


@contextmanager
def open_standard_input(mapping: Mapping | None) -> Generator[RecordFile]:
    """Read records from standard input.

    Raises:
        InvalidInputError: it is not what it was taken for.
    """
    yield RecordFile(SourceFile("standard input", sys.stdin.buffer, None), mapping)
