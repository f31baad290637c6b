"""Parquet: row groups to rows of cells, a few thousand at a time."""

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identity_graph.domain.numbers import Single
from identity_graph.errors import InvalidInputError
from identity_graph.files.cells import Unreadable
from identity_graph.files.records import Row
from identity_graph.files.source_files import SourceFile, reading

_BATCH_ROWS = 4096
_EXACT_BELOW = {"float": 2**24, "halffloat": 2**11}
"""Columns of lower precision, and the whole number from which on they do not tell neighbours apart."""


class ParquetTable:
    """A Parquet file: ``columns`` are the names at its top level, ``total`` is the number of its rows."""

    def __init__(self, source: SourceFile) -> None:
        """Read the schema.

        Raises:
            InvalidInputError: the file is no whole Parquet file.
        """
        self._name = source.name
        with _reading(self._name):
            self._file: Any = pq.ParquetFile(source.stream)
        self.columns: list[str] = list(self._file.schema_arrow.names)
        self.total: int = self._file.metadata.num_rows

    def rows(self, *, needed: Collection[str], skip: int = 0) -> Iterator[Row]:
        """Read the rows, without ``skip`` rows at the start; whole row groups among them are not even read.

        Cells of columns that are not ``needed`` are None.

        Raises:
            InvalidInputError: the file is damaged further on; all rows before were given.
        """
        before = 0
        for group in range(self._file.metadata.num_row_groups):
            end = before + self._file.metadata.row_group(group).num_rows
            if end > skip:
                yield from self._rows_of(group, before, skip, needed)
            before = end

    def _rows_of(self, group: int, before: int, skip: int, needed: Collection[str]) -> Iterator[Row]:
        number = before
        names = [name for name in self.columns if name in needed]
        with _reading(self._name):
            for batch in self._file.iter_batches(batch_size=_BATCH_ROWS, row_groups=[group], columns=names):
                read = {name: _cells(batch.column(name)) for name in names}
                nothing = [None] * batch.num_rows
                for cells in zip(*(read.get(name, nothing) for name in self.columns), strict=True):
                    number += 1
                    if number > skip:
                        yield Row(number, number, cells)


def _cells(column: Any) -> list[Any]:
    """Turn a column into Python values.

    What Python has no type for, nanoseconds, loses its last three digits. Numbers of lower precision say so. A cell that
    has no value in Python (a time beyond the year 9999, text that is no UTF-8) stands alone as ``Unreadable``.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    exact_below = _EXACT_BELOW.get(str(kind))
    if exact_below is not None:
        texts = column.cast(pa.string()).to_pylist()
        return [None if text is None else Single(float(text), exact_below) for text in texts]
    try:
        return column.to_pylist(maps_as_pydicts="strict")
    except (ArithmeticError, ValueError, KeyError):
        return [_cell(value) for value in column]


def _cell(value: Any) -> Any:
    try:
        return value.as_py(maps_as_pydicts="strict")
    except (ArithmeticError, ValueError, KeyError):
        return Unreadable(f"a {value.type} whose content has no form in JSON")


@contextmanager
def _reading(name: str) -> Generator[None]:
    try:
        with reading(name):
            yield
    except pa.ArrowException as error:
        raise InvalidInputError(f"{name} is no whole Parquet file ({error}): fetch it again.", path=name) from error
