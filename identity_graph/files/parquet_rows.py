"""Parquet: row groups to rows of cells, a few thousand at a time."""

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from identity_graph.domain.values.numbers import Single
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
            InvalidInputError: the file is not a complete Parquet file.
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
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    as_texts = _with_texts(kind)
    if as_texts != kind:
        return [_with_singles(value, kind) for value in _values(column.cast(as_texts))]
    return _values(column)


def _with_texts(kind: Any) -> Any:
    """Give a type with texts in the place of numbers of lower precision: their shortest form is what was meant."""
    if str(kind) in _EXACT_BELOW:
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_with_texts(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_field, kind.item_field.with_type(_with_texts(kind.item_type)), kind.keys_sorted)
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_with_texts(kind.value_type)))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_with_texts(kind.value_type)), kind.list_size)
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_with_texts(kind.value_type)))
    return kind


def _with_singles(value: Any, kind: Any) -> Any:
    """Turn the texts of ``_with_texts`` into numbers that say how exact they are."""
    if value is None or isinstance(value, Unreadable):
        return value
    exact_below = _EXACT_BELOW.get(str(kind))
    if exact_below is not None:
        return Single(float(value), exact_below)
    if pa.types.is_struct(kind):
        return {field.name: _with_singles(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {name: _with_singles(item, kind.item_type) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_singles(item, kind.value_type) for item in cast("list[Any]", value)]
    return value


def _values(column: Any) -> list[Any]:
    try:
        return column.to_pylist(maps_as_pydicts="strict")
    except (ArithmeticError, ValueError, KeyError):
        return [_cell(value) for value in column]


def _cell(value: Any) -> Any:
    try:
        return value.as_py(maps_as_pydicts="strict")
    except (ArithmeticError, ValueError, KeyError):
        return Unreadable(f"a {value.type} whose content cannot be written as JSON")


@contextmanager
def _reading(name: str) -> Generator[None]:
    try:
        with reading(name):
            yield
    except pa.ArrowException as error:
        raise InvalidInputError(
            f"{name} is not a complete Parquet file ({error}): copy or download it again.", path=name
        ) from error
