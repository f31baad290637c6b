"""The values of rows: what a mapping makes of the cells of one row, or of the rows of one group."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from identity_graph.files.cell_numbers import CellError, write_amount
from identity_graph.files.cells import read_amount_cell, read_cell, read_id_cell, refuse_inexact
from identity_graph.files.mapping import NUMBERS, TIMES, Condition, Mapping, ValueSpec, ValueType
from identity_graph.files.records import Row


class CellInColumnError(Exception):
    """Ends the reading of a record. ``lines`` are those that contradict each other, none for a single cell."""

    def __init__(self, spec: ValueSpec | Condition, problem: str, lines: tuple[int, ...] = ()) -> None:
        super().__init__(problem)
        self.spec = spec
        self.problem = problem
        self.lines = lines

    @property
    def is_time(self) -> bool:
        """Whether the cell was to be a time."""
        return isinstance(self.spec, ValueSpec) and self.spec.type in TIMES


class RowValues:
    """Reads the values that a mapping names in rows whose columns are at known positions."""

    def __init__(self, mapping: Mapping, position: dict[str, int]) -> None:
        self._empty = mapping.empty
        self._point = mapping.table.decimal
        self._position = position

    def text(self, spec: ValueSpec, rows: Sequence[Row]) -> str | None:
        """Read what an identifier or a message id is made of; None when the cell is empty and there is no default.

        Raises:
            CellInColumnError: it is no single value, or rows of the group differ in it.
        """
        return self._read_text(spec, rows[0]) if len(rows) == 1 else self._agreed(spec, rows, self._read_text)

    def value(self, spec: ValueSpec, rows: Sequence[Row], place: tuple[str, ...] = ()) -> Any:
        """Read the value that a spec names for its place; None when the cell is empty and there is no default.

        Raises:
            CellInColumnError: a cell cannot be read, or rows of the group differ in it.
        """
        if spec.is_sum:
            return self._sum(spec, rows)
        if spec.column is None:
            return spec.constant
        if len(rows) == 1:
            return self._read_value(spec, rows[0], place)
        return self._agreed(spec, rows, lambda spec, row: self._read_value(spec, row, place))

    def holds(self, condition: Condition, row: Row) -> bool:
        """Tell whether a condition holds for a row.

        Raises:
            CellInColumnError: the cell should be a number and is none.
        """
        cell = self._trimmed(row.cells[self._position[condition.column]])
        if cell is None:
            return condition.among is not None and "" in condition.among
        try:
            if condition.above is not None or condition.below is not None:
                amount = read_amount_cell(cell, self._point)
                above, below = condition.above, condition.below
                if (above is not None and amount <= above) or (below is not None and amount >= below):
                    return False
            text = read_id_cell(cell)
        except CellError as error:
            raise CellInColumnError(condition, str(error)) from None
        return text in condition.among if condition.among is not None else text not in condition.not_among

    def _agreed(self, spec: ValueSpec, rows: Sequence[Row], read: Callable[[ValueSpec, Row], Any]) -> Any:
        """Read what all rows of a group say that say anything."""
        found, line = None, 0
        for row in rows:
            value = read(spec, row)
            if value is None or (line and value == found):
                continue
            if line:
                raise CellInColumnError(spec, "has another value there, and one record has one", (line, row.line))
            found, line = value, row.line
        return found

    def _sum(self, spec: ValueSpec, rows: Sequence[Row]) -> Any:
        amounts = [value for row in rows if (value := self._read_value(spec, row, ())) is not None]
        try:
            return write_amount(sum((Decimal(repr(value)) for value in amounts), Decimal())) if amounts else None
        except CellError as error:
            raise CellInColumnError(spec, str(error)) from None

    def _read_text(self, spec: ValueSpec, row: Row) -> str | None:
        cell = self._cell(spec, row)
        try:
            return None if cell is None else read_id_cell(cell)
        except CellError as error:
            raise CellInColumnError(spec, str(error)) from None

    def _read_value(self, spec: ValueSpec, row: Row, place: tuple[str, ...]) -> Any:
        cell = self._cell(spec, row)
        if (
            cell is None
            or spec.column is None
            or (type(cell) is str and spec.type is ValueType.TEXT and not spec.words)
        ):
            return cell
        try:
            return self._read_cell(spec, cell, place)
        except CellError as error:
            raise CellInColumnError(spec, str(error)) from None

    def _read_cell(self, spec: ValueSpec, cell: object, place: tuple[str, ...]) -> Any:
        kind = spec.type
        if type(cell) is str and self._point == "," and kind in {ValueType.INTEGER, ValueType.NUMBER}:
            cell = _with_point(cell)
        if kind is not ValueType.AMOUNT:
            refuse_inexact(cell, kind, place)
        if spec.words is not None and kind is not ValueType.LIST:
            return _translate(spec, read_id_cell(cell))
        value = read_cell(cell, kind, spec.time, point=self._point, separator=spec.separator)
        if spec.words is not None:
            return [word for item in value if (word := _translate(spec, read_id_cell(item))) is not None]
        return abs(value) if spec.is_absolute and kind in NUMBERS and isinstance(value, int | float) else value

    def _cell(self, spec: ValueSpec, row: Row) -> Any:
        """Take the constant or the cell that a spec names as it is, in place of an empty one the default."""
        if spec.column is None:
            return spec.constant
        cell = self._trimmed(row.cells[self._position[spec.column]])
        if spec.more:
            cell = self._joined(spec, row, cell)
        return spec.default if cell is None else cell

    def _joined(self, spec: ValueSpec, row: Row, first: object) -> str | None:
        cells = [first, *(self._trimmed(row.cells[self._position[column]]) for column in spec.more)]
        try:
            return " ".join(read_id_cell(cell) for cell in cells if cell is not None) or None
        except CellError as error:
            raise CellInColumnError(spec, str(error)) from None

    def _trimmed(self, cell: object) -> Any:
        """Take a cell without blanks around it; None when it is empty."""
        if isinstance(cell, str):
            cell = cell.strip()
            return None if cell in self._empty else cell
        return None if cell is None or cell != cell else cell


def _translate(spec: ValueSpec, text: str) -> Any:
    """Give what the mapping says for a text; None when it says that it is nothing."""
    words = spec.words or {}
    if text in words:
        return words[text]
    if spec.otherwise is None:
        raise CellError("`map` has no such text: add it, or say with `otherwise` what every other text means")
    return spec.otherwise


def _with_point(cell: str) -> str:
    """Write a number that has a decimal comma with a point.

    Raises:
        CellError: it has a point already.
    """
    if "." in cell:
        raise CellError("expected a number with a decimal comma, such as 1234,5 (no thousands separators)")
    return cell.replace(",", ".", 1)
