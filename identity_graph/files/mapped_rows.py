"""Rows to messages: what a mapping makes of the cells of one row."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from identity_graph.domain.values.yaml_sections import did_you_mean
from identity_graph.errors import InvalidInputError
from identity_graph.files.cells import CellError, read_cell, read_id_cell, refuse_inexact
from identity_graph.files.mapping import NUMBERS, Mapping, ValueSpec, ValueType
from identity_graph.files.records import INVALID_FIELD, INVALID_TIMESTAMP, Record, Rejection, Row

_LONGEST_MESSAGE_ID = 100
_DELIMITERS = {"semicolon": ";", "tab": "\t", "pipe": "|", "comma": ","}
_EMPTY = "empty; fill it, or give a `default` in the mapping"
_FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId"}


class RowMapper:
    """Makes messages of the rows of one file."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], file_name: str) -> None:
        """Find the columns that the mapping names.

        Raises:
            InvalidInputError: the file has no such column, or two of one name.
        """
        self._mapping = mapping
        self._columns = columns
        self._position = _find_columns(mapping, columns, file_name)
        self._id_prefix = message_id_prefix(file_name)

    def read(self, row: Row) -> Record | Rejection:
        """Make the message of a row, or say which column stands against it."""
        try:
            return Record(row.line, (self._message(row),))
        except _CellInColumnError as error:
            raw = ", ".join(f"{name}={cell!r}" for name, cell in zip(self._columns, row.cells, strict=False))
            code = INVALID_TIMESTAMP if error.spec.type is ValueType.TIME else INVALID_FIELD
            return Rejection(row.line, code, f"Column {error.spec.column!r}: {error.problem}.", raw)

    def _message(self, row: Row) -> dict[str, Any]:
        mapping, cells = self._mapping, row.cells
        message: dict[str, Any] = {"messageId": self._message_id(row)}
        context = self._fields("context", mapping.context, cells)
        self._put_identifiers(cells, message, context)
        kind = self._value(mapping.type, cells) if mapping.type is not None else "track"
        message["type"] = kind
        if mapping.event is not None:
            message["event" if kind == "track" else "name"] = self._value(mapping.event, cells)
        if mapping.timestamp is not None:
            message["timestamp"] = self._needed(mapping.timestamp, cells)
        if mapping.channel is not None:
            context["channel"] = self._value(mapping.channel, cells)
        for name, specs in (("traits", mapping.traits), ("properties", mapping.properties)):
            if specs:
                message[name] = self._fields(name, specs, cells)
        message["context"] = context
        return message

    def _message_id(self, row: Row) -> str:
        """Name the message: by its columns, else by file and row, since repeated rows can be real."""
        if not self._mapping.message_id:
            return f"{self._id_prefix}{row.number}"
        parts = [(spec, self._text(spec, row.cells)) for spec in self._mapping.message_id]
        for spec, part in parts:
            if part is None:
                raise _CellInColumnError(spec, _EMPTY)
        return ":".join(part or "" for _, part in parts)

    def _put_identifiers(self, cells: Sequence[object], message: dict[str, Any], context: dict[str, Any]) -> None:
        external: list[dict[str, str]] = []
        for namespace, specs in self._mapping.identifiers.items():
            for spec in specs:
                value = self._text(spec, cells)
                if value is None:
                    continue
                if spec.scope is not None:
                    scope = self._text(spec.scope, cells)
                    if scope is None:
                        raise _CellInColumnError(spec.scope, "empty, but its value is the scope of another column")
                    value = f"{scope}/{value}"
                field = _FIELDS.get(namespace)
                if field is not None and field not in message:
                    message[field] = value
                else:
                    external.append({"id": value, "type": namespace, "collection": "users", "encoding": "none"})
        if external:
            context["externalIds"] = external

    def _fields(self, bag: str, specs: "dict[str, ValueSpec] | Any", cells: Sequence[object]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, spec in specs.items():
            *outer, last = name.split(".")
            value = self._value(spec, cells, (bag, *outer, last))
            if value is None:
                continue
            inside = found
            for part in outer:
                inside = inside.setdefault(part, {})
            inside[last] = value
        return found

    def _text(self, spec: ValueSpec, cells: Sequence[object]) -> str | None:
        """Read what an identifier or a message id is made of; None when the cell is empty and there is no default."""
        cell = self._cell(spec, cells)
        try:
            return None if cell is None else read_id_cell(cell)
        except CellError as error:
            raise _CellInColumnError(spec, str(error)) from None

    def _needed(self, spec: ValueSpec, cells: Sequence[object]) -> Any:
        value = self._value(spec, cells)
        if value is None:
            raise _CellInColumnError(spec, _EMPTY)
        return value

    def _value(self, spec: ValueSpec, cells: Sequence[object], place: tuple[str, ...] = ()) -> Any:
        """Read the value that a spec names for its place; None when the cell is empty and there is no default."""
        cell = self._cell(spec, cells)
        if cell is None or spec.column is None or (spec.type is ValueType.TEXT and type(cell) is str):
            return cell
        try:
            if type(cell) is str and spec.type in NUMBERS and self._mapping.table.decimal == ",":
                cell = _with_point(cell)
            refuse_inexact(cell, spec.type, place)
            return read_cell(cell, spec.type, spec.time)
        except CellError as error:
            raise _CellInColumnError(spec, str(error)) from None

    def _cell(self, spec: ValueSpec, cells: Sequence[object]) -> Any:
        """Take the constant or the cell that a spec names as it is, in place of an empty one the default."""
        if spec.column is None:
            return spec.constant
        cell = cells[self._position[spec.column]]
        if isinstance(cell, str):
            cell = cell.strip()
            return spec.default if cell in self._mapping.empty else cell
        return spec.default if cell is None or cell != cell else cell


def _with_point(cell: str) -> str:
    """Write a number that has a decimal comma with a point.

    Raises:
        CellError: it has a point already.
    """
    if "." in cell:
        raise CellError("expected a number with a decimal comma, such as 1234,5 (no thousands separators)")
    return cell.replace(",", ".", 1)


def message_id_prefix(file_name: str) -> str:
    """Give what the ids of a file's rows begin with: its name, or a hash of a long one. Packing changes no id."""
    name = file_name.removesuffix(".gz")
    if len(name) > _LONGEST_MESSAGE_ID - len(":1234567890123"):
        name = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{name}:"


class _CellInColumnError(Exception):
    """Ends the reading of a row."""

    def __init__(self, spec: ValueSpec, problem: str) -> None:
        super().__init__(problem)
        self.spec = spec
        self.problem = problem


def _hint_of_delimiter(columns: Sequence[str]) -> str:
    found = next((name for name, mark in _DELIMITERS.items() if len(columns) == 1 and mark in columns[0]), None)
    return "" if found is None else f". The whole header is one column: set `delimiter: {found}` in the mapping"


def _find_columns(mapping: Mapping, columns: Sequence[str], file_name: str) -> dict[str, int]:
    problems: list[str] = []
    for spec in mapping.specs():
        column = spec.column or ""
        count = columns.count(column)
        if count == 0:
            hint = did_you_mean(column, columns) + _hint_of_delimiter(columns)
            constant = " (for a constant write {value: …})" if spec.field in {"type", "event", "channel"} else ""
            problems.append(
                f"{mapping.name}:{spec.line}: {spec.field}: {file_name} has no column {column!r}{hint}{constant}"
            )
        elif count > 1:
            problems.append(
                f"{mapping.name}:{spec.line}: {spec.field}: {file_name} has {count} columns {column!r}: "
                "give all columns different names with `columns: […]`"
            )
    if problems:
        raise InvalidInputError("\n".join(problems), problems=problems)
    return {column: index for index, column in enumerate(columns)}
