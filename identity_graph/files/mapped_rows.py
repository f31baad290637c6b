"""Rows to messages: what a mapping makes of a row, or of the rows that are one record together."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from identity_graph.domain.values.yaml_sections import did_you_mean
from identity_graph.errors import InvalidInputError
from identity_graph.files.cell_numbers import CellError
from identity_graph.files.cells import read_time
from identity_graph.files.mapping import ChangedRows, Mapping, MessageSpec, ValueSpec
from identity_graph.files.records import INVALID_FIELD, INVALID_TIMESTAMP, NO_EVENT, Record, Rejection, Row
from identity_graph.files.row_values import CellInColumnError, RowValues
from identity_graph.files.source_files import SourceFile

_LONGEST_MESSAGE_ID = 100
_LONGEST_RECORD_ID = 60
"""Characters of the id of a record to which the name of an event and a revision are added."""

_DELIMITERS = {"semicolon": ";", "tab": "\t", "pipe": "|", "comma": ","}
_EMPTY = "empty; fill it, or give a `default` in the mapping"
_FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId"}
_WORDS = ("type", "event", "channel")


class RowMapper:
    """Makes messages of the rows of one file."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], source: SourceFile) -> None:
        """Find the columns that the mapping names.

        Raises:
            InvalidInputError: the file has no such column, or two of one name; or its name holds no time.
        """
        self._mapping = mapping
        self._columns = columns
        self._position = _find_columns(mapping, columns, source.short_name)
        self._values = RowValues(mapping, self._position)
        self._id_prefix = message_id_prefix(source.short_name)
        self._follows_changes = mapping.changed_rows is not ChangedRows.IGNORE
        self._has_rest = any(message.when is None for message in mapping.messages)
        self._times = _times_of_file(mapping, source)

    def group(self, row: Row) -> tuple[str, ...] | Rejection:
        """Name the record that a row belongs to, or say which column stands against it."""
        try:
            return tuple(self._needed_text(spec, (row,)) for spec in self._mapping.group_by)
        except CellInColumnError as error:
            return self._reject((row,), error)

    def read(self, rows: Sequence[Row]) -> Record | Rejection:
        """Make the messages of a row, or of the rows of a group; or say what stands against it."""
        mapping, values = self._mapping, self._values
        first = rows[0]
        try:
            if mapping.skip is not None:
                rows = [row for row in rows if not values.holds(mapping.skip, row)]
            if not rows:
                return Record(first.line, (), is_skipped=True)
            record_id = self._record_id(rows)
            parts = [(spec, self._rows_of(spec, rows)) for spec in mapping.messages]
            if not self._has_rest:
                told = {row.number for _, own in parts for row in own}
                missing = next((row for row in rows if row.number not in told), None)
                if missing is not None:
                    return self._reject_unfit(missing)
            messages = tuple(self._message(spec, own, record_id) for spec, own in parts if own)
            if mapping.skips_nobody:
                messages = tuple(message for message in messages if _names_somebody(message))
            ids = tuple(_message_id(record_id, spec) for spec in mapping.messages) if self._follows_changes else ()
            return Record(first.line, messages, ids=ids, is_skipped=not messages)
        except CellInColumnError as error:
            return self._reject(rows, error)

    def _rows_of(self, spec: MessageSpec, rows: Sequence[Row]) -> Sequence[Row]:
        return rows if spec.when is None else [row for row in rows if self._values.holds(spec.when, row)]

    def _message(self, spec: MessageSpec, rows: Sequence[Row], record_id: str) -> dict[str, Any]:
        values = self._values
        message: dict[str, Any] = {"messageId": _message_id(record_id, spec)}
        context = self._fields("context", spec.context, rows)
        self._put_identifiers(spec, rows, message, context)
        kind = values.value(spec.type, rows) if spec.type is not None else "track"
        message["type"] = kind
        if spec.event is not None:
            message["event" if kind == "track" else "name"] = values.value(spec.event, rows)
        if spec.timestamp is not None:
            message["timestamp"] = self._time(spec.timestamp, rows)
        if spec.channel is not None:
            context["channel"] = values.value(spec.channel, rows)
        for name, specs in (("traits", spec.traits), ("properties", spec.properties)):
            if specs:
                message[name] = self._fields(name, specs, rows)
        message["context"] = context
        return message

    def _record_id(self, rows: Sequence[Row]) -> str:
        """Name the record: by its columns, else by file and row, since repeated rows can be real."""
        mapping = self._mapping
        if not mapping.message_id:
            found = f"{self._id_prefix}{rows[0].number}"
        else:
            found = ":".join(self._needed_text(spec, rows) for spec in mapping.message_id)
        if mapping.has_added_ids and len(found) > _LONGEST_RECORD_ID:
            return blake2b(found.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return found

    def _needed_text(self, spec: ValueSpec, rows: Sequence[Row]) -> str:
        text = self._values.text(spec, rows)
        if text is None:
            raise CellInColumnError(spec, _EMPTY)
        return text

    def _time(self, spec: ValueSpec, rows: Sequence[Row]) -> Any:
        found = self._times[spec.field] if spec.of_file is not None else self._values.value(spec, rows)
        if found is None:
            raise CellInColumnError(spec, _EMPTY)
        return found

    def _put_identifiers(
        self, spec: MessageSpec, rows: Sequence[Row], message: dict[str, Any], context: dict[str, Any]
    ) -> None:
        external: list[dict[str, str]] = []
        for namespace, specs in spec.identifiers.items():
            for one in specs:
                value = self._values.text(one, rows)
                if value is None:
                    continue
                value = self._scoped(one, value, rows)
                field = _FIELDS.get(namespace)
                if field is not None and field not in message:
                    message[field] = value
                else:
                    external.append({"id": value, "type": namespace, "collection": "users", "encoding": "none"})
        if external:
            context["externalIds"] = external

    def _scoped(self, spec: ValueSpec, value: str, rows: Sequence[Row]) -> str:
        """Put before a value what it is unique in."""
        if spec.scope is None:
            return value
        scope = self._values.text(spec.scope, rows)
        if scope is None:
            raise CellInColumnError(spec.scope, "empty, but its value is the scope of another column")
        return f"{scope}/{value}"

    def _fields(self, bag: str, specs: ReadOnly[str, ValueSpec], rows: Sequence[Row]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, spec in specs.items():
            *outer, last = name.split(".")
            if spec.each is not None:
                objects = [self._fields(bag, spec.each, (row,)) for row in rows]
                value = [one for one in objects if one] or None
            else:
                value = self._values.value(spec, rows, (bag, *outer, last))
            if value is None:
                continue
            if isinstance(value, str):
                value = self._scoped(spec, value, rows)
            inside = found
            for part in outer:
                inside = inside.setdefault(part, {})
            inside[last] = value
        return found

    def _reject(self, rows: Sequence[Row], error: CellInColumnError) -> Rejection:
        where = f"Column {error.spec.column!r}"
        if error.lines:
            where += f", lines {error.lines[0]} and {error.lines[1]}"
        code = INVALID_TIMESTAMP if error.is_time else INVALID_FIELD
        return Rejection(rows[0].line, code, f"{where}: {error.problem}.", self._raw(rows))

    def _reject_unfit(self, row: Row) -> Rejection:
        reason = "No entry of `events` in the mapping fits the row: add one, or leave out such rows with `skip`."
        return Rejection(row.line, NO_EVENT, reason, self._raw((row,)))

    def _raw(self, rows: Sequence[Row]) -> str:
        return "\n".join(
            ", ".join(f"{name}={cell!r}" for name, cell in zip(self._columns, row.cells, strict=False)) for row in rows
        )


def _names_somebody(message: dict[str, Any]) -> bool:
    return "externalIds" in message["context"] or any(field in message for field in _FIELDS.values())


def _message_id(record_id: str, spec: MessageSpec) -> str:
    return f"{record_id}:{spec.id}" if spec.id else record_id


def message_id_prefix(file_name: str) -> str:
    """Give what the ids of a file's rows begin with: its name, or a hash of a long one. Packing changes no id."""
    name = file_name.removesuffix(".gz")
    if len(name) > _LONGEST_MESSAGE_ID - len(":1234567890123"):
        name = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{name}:"


def _times_of_file(mapping: Mapping, source: SourceFile) -> dict[str, str]:
    """Read the times that are not in the rows, by field: when the file was changed, or what its name says."""
    found: dict[str, str] = {}
    for message in mapping.messages:
        spec = message.timestamp
        if spec is None or spec.of_file is None:
            continue
        cell: object = source.short_name.removesuffix(".gz")
        if spec.of_file == "modified":
            if source.modified is None:
                problem = "standard input has no time of change: name a column instead"
                raise InvalidInputError(f"{mapping.name}:{spec.line}: {spec.field}: {problem}.")
            cell = datetime.fromtimestamp(source.modified, UTC)
        try:
            found[spec.field] = read_time(cell, spec.time)
        except CellError as error:
            raise InvalidInputError(
                f"{mapping.name}:{spec.line}: {spec.field}: of the name of {source.short_name}: {error}."
            ) from None
    return found


def _hint_of_delimiter(columns: Sequence[str]) -> str:
    found = next((name for name, mark in _DELIMITERS.items() if len(columns) == 1 and mark in columns[0]), None)
    return "" if found is None else f". The whole header is one column: set `delimiter: {found}` in the mapping"


def _find_columns(mapping: Mapping, columns: Sequence[str], file_name: str) -> dict[str, int]:
    problems: list[str] = []
    for used in mapping.used():
        column = used.column
        count = columns.count(column)
        if count == 0:
            hint = did_you_mean(column, columns) + _hint_of_delimiter(columns)
            is_word = used.field.rpartition("].")[2] in _WORDS
            constant = " (for a constant write {value: …})" if is_word else ""
            problems.append(
                f"{mapping.name}:{used.line}: {used.field}: {file_name} has no column {column!r}{hint}{constant}"
            )
        elif count > 1:
            problems.append(
                f"{mapping.name}:{used.line}: {used.field}: {file_name} has {count} columns {column!r}: "
                "give all columns different names with `columns: […]`"
            )
    if problems:
        raise InvalidInputError("\n".join(problems), problems=problems)
    return {column: index for index, column in enumerate(columns)}
