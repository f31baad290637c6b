"""Mappings: which columns of a table are identifiers, traits and fields of the event."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class ValueType(StrEnum):
    """What a column's text is turned into."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    TIME = "time"


NUMBERS = frozenset({ValueType.INTEGER, ValueType.NUMBER})
"""The types that are read as numbers."""


class EpochUnit(StrEnum):
    """Time formats that are a count since 1970 and not a pattern."""

    SECONDS = "epoch_s"
    MILLISECONDS = "epoch_ms"


ISO = "iso"
"""The time format that takes ISO 8601, with or without an offset."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a time is written: ``iso``, an ``EpochUnit`` or a pattern of strptime; ``zone`` where the text has none.

    ``of_event`` says that it is when something happened; other times are dates of birth as well.
    """

    pattern: str
    zone: ZoneInfo
    of_event: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSpec:
    """Where a value comes from: a column, or a constant.

    ``field`` is the path in the mapping file and ``line`` its line, for messages. ``default`` is used for an empty
    cell, as if the cell held it. ``scope`` is put before the value with a slash.
    """

    field: str
    line: int
    column: str | None = None
    constant: Any = None
    type: ValueType = ValueType.TEXT
    time: TimeFormat = TimeFormat(ISO, ZoneInfo("UTC"))
    default: str | None = None
    scope: "ValueSpec | None" = None

    def columns(self) -> list["ValueSpec"]:
        """List the specs with a column among this one and its scope."""
        return [spec for spec in (self, self.scope) if spec is not None and spec.column is not None]


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


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A validated mapping. ``name`` is what its file is called, ``text`` what it was read from."""

    name: str
    text: str
    table: TableFormat
    empty: frozenset[str]
    identifiers: ReadOnly[str, tuple[ValueSpec, ...]]
    message_id: tuple[ValueSpec, ...] = ()
    type: ValueSpec | None = None
    event: ValueSpec | None = None
    channel: ValueSpec | None = None
    timestamp: ValueSpec | None = None
    traits: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])
    properties: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])
    context: ReadOnly[str, ValueSpec] = field(default_factory=dict[str, ValueSpec])

    def specs(self) -> list[ValueSpec]:
        """List everything that names a column, in the order of the file."""
        single = [spec for spec in (self.type, self.event, self.channel, self.timestamp) if spec is not None]
        several = [spec for specs in self.identifiers.values() for spec in specs]
        named = [*self.traits.values(), *self.properties.values(), *self.context.values()]
        found = [column for spec in (*self.message_id, *single, *several, *named) for column in spec.columns()]
        return sorted(found, key=lambda spec: spec.line)
