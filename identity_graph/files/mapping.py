"""Mappings: which columns of a table are identifiers, traits and fields of the events of a row."""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class ValueType(StrEnum):
    """What a column's text is turned into."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    AMOUNT = "amount"
    BOOLEAN = "boolean"
    JSON = "json"
    TIME = "time"
    DATE = "date"
    LIST = "list"


TIMES = frozenset({ValueType.TIME, ValueType.DATE})
"""The types that are read as times; a date is the day that is written, whatever the zone."""

NUMBERS = frozenset({ValueType.INTEGER, ValueType.NUMBER, ValueType.AMOUNT})
"""The types that are read as numbers."""


class EpochUnit(StrEnum):
    """Time formats that are a count and not a pattern: seconds or milliseconds since 1970, or the days of a spreadsheet."""

    SECONDS = "epoch_s"
    MILLISECONDS = "epoch_ms"
    EXCEL = "excel"


ISO = "iso"
"""The time format that takes ISO 8601, with or without an offset."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a time is written: ``iso``, an ``EpochUnit`` or patterns of strptime; ``zone`` where the text has none.

    Of several ``patterns`` the first that fits counts. ``of_event`` says that it is when something happened; other times
    are dates of birth as well.
    """

    patterns: tuple[str, ...]
    zone: ZoneInfo
    of_event: bool = False


class ChangedRows(StrEnum):
    """What a row means whose id is known and whose content is new."""

    IGNORE = "ignore"
    """It is a repeat: what came first counts."""
    ADD = "add"
    """The record changed: what it says now is said in addition."""
    REPLACE = "replace"
    """The record was corrected: what it said before is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must hold for a row: its cell is filled, and has or has not certain texts, or is a number above or below.

    ``field`` is the path in the mapping file and ``line`` its line, for messages.
    """

    field: str
    line: int
    column: str
    among: frozenset[str] | None = None
    not_among: frozenset[str] = frozenset()
    above: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSpec:
    """Where a value comes from: one or several columns, a constant, the file itself, or the rows of a group.

    ``field`` is the path in the mapping file and ``line`` its line, for messages. ``more`` columns follow ``column``,
    joined by a blank. ``default`` is used for an empty cell, as if the cell held it. ``scope`` is put before the value
    with a slash. ``words`` gives the value for each text of a cell, ``otherwise`` for all others. ``each`` makes a list
    with an object for every row, ``is_sum`` adds the rows up. ``of_file`` is ``modified`` or ``name``.
    """

    field: str
    line: int
    column: str | None = None
    more: tuple[str, ...] = ()
    constant: Any = None
    type: ValueType = ValueType.TEXT
    time: TimeFormat = TimeFormat((ISO,), ZoneInfo("UTC"))
    default: str | None = None
    scope: "ValueSpec | None" = None
    words: ReadOnly[str, Any] | None = None
    otherwise: Any = None
    separator: str = ","
    is_absolute: bool = False
    is_sum: bool = False
    each: "ReadOnly[str, ValueSpec] | None" = None
    of_file: str | None = None

    def used(self) -> Iterator["UsedColumn"]:
        """List the columns of this value, of its scope, and of the objects in it."""
        if self.column is not None:
            for column in (self.column, *self.more):
                yield UsedColumn(column, self.field, self.line)
        for spec in (self.scope, *(self.each or {}).values()):
            if spec is not None:
                yield from spec.used()


class UsedColumn(NamedTuple):
    """A column that a mapping names, and where it does."""

    column: str
    field: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """How the text of a CSV file is cut into cells.

    ``delimiter`` None means any run of white space; such files have no quotes. ``columns`` names the columns instead
    of the first row, or, with ``header``, over its names. ``short_rows`` says that empty cells at the end of a row may be
    left out, ``decimal`` how the point of a number is written.
    """

    delimiter: str | None = ","
    quote: str | None = '"'
    escape: str | None = None
    encoding: str = "utf-8"
    header: bool = True
    columns: tuple[str, ...] = ()
    skip_lines: int = 0
    short_rows: bool = False
    decimal: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSpec:
    """One message that is made of a row, or of the rows of a group for which ``when`` holds.

    ``id`` is what its message id ends with, empty where a row makes a single message.
    """

    id: str = ""
    when: Condition | None = None
    type: ValueSpec | None = None
    event: ValueSpec | None = None
    channel: ValueSpec | None = None
    timestamp: ValueSpec | None = None
    identifiers: ReadOnly[str, tuple[ValueSpec, ...]] = field(default_factory=dict[str, tuple[ValueSpec, ...]])
    traits: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])
    properties: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])
    context: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])

    def used(self) -> Iterator[UsedColumn]:
        """List the columns of everything in it."""
        if self.when is not None:
            yield UsedColumn(self.when.column, self.when.field, self.when.line)
        single = (self.type, self.event, self.channel, self.timestamp)
        several = (spec for specs in self.identifiers.values() for spec in specs)
        for spec in (*single, *several, *self.traits.values(), *self.properties.values(), *self.context.values()):
            if spec is not None:
                yield from spec.used()


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A validated mapping. ``name`` is what its file is called, ``text`` what it was read from.

    ``source`` names the source of the events. Rows that are equal in ``group_by`` are one record; rows for which
    ``skip`` holds are left out, and, with ``skips_nobody``, those in which nobody is named.
    """

    name: str
    text: str
    table: TableFormat
    empty: frozenset[str]
    messages: tuple[MessageSpec, ...]
    source: str | None = None
    message_id: tuple[ValueSpec, ...] = ()
    group_by: tuple[ValueSpec, ...] = ()
    skip: Condition | None = None
    skips_nobody: bool = False
    changed_rows: ChangedRows = ChangedRows.IGNORE

    @property
    def has_added_ids(self) -> bool:
        """Whether the id of a row gets the name of an event, or a revision, to become that of a message."""
        return self.changed_rows is not ChangedRows.IGNORE or any(message.id for message in self.messages)

    def used(self) -> list[UsedColumn]:
        """List every column that is named, in the order of the file, each place once."""
        found = [used for spec in (*self.message_id, *self.group_by) for used in spec.used()]
        if self.skip is not None:
            found.append(UsedColumn(self.skip.column, self.skip.field, self.skip.line))
        found += [used for message in self.messages for used in message.used()]
        return sorted(dict.fromkeys(found), key=lambda used: used.line)
