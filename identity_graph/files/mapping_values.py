"""The values of a mapping file: the name of a column, a constant, or a column with all that is to be done to it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from yaml.nodes import MappingNode, Node

from identity_graph.domain.values.yaml_sections import Problems, Section, line_of, read_list, read_text
from identity_graph.files.cells import read_number
from identity_graph.files.mapping import ISO, EpochUnit, TimeFormat, ValueSpec, ValueType

_KEYS = ("column", "value", "type", "format", "zone", "default", "scope")
_TYPES = {kind.value: kind for kind in ValueType}
_UTC = ZoneInfo("UTC")


def read_value(section: Section, key: str) -> ValueSpec | None:
    """Read where the value of a key comes from; None when the key is absent."""
    return _read(section.problems, section[key], section.path(key)) if key in section else None


def read_values(section: Section, key: str) -> list[ValueSpec]:
    """Read where the value of a key comes from: one place, or a list of them."""
    if key not in section:
        return []
    nodes = read_list(section[key])
    if nodes is None:
        return [_read(section.problems, section[key], section.path(key))]
    if not nodes:
        section.reject(key, "at least one column")
    return [_read(section.problems, node, f"{section.path(key)}[{index}]") for index, node in enumerate(nodes)]


def _read(problems: Problems, node: Node, field: str) -> ValueSpec:
    """Read one value; once a problem is noted, what comes back is of no use."""
    line = line_of(node)
    if not isinstance(node, MappingNode):
        column = read_text(node)
        if column is None:
            problems.reject(node, field, "the name of a column, {value: a constant} or {column: its name, …}")
        elif field == "timestamp":
            return ValueSpec(
                field=field, line=line, column=column, type=ValueType.TIME, time=TimeFormat(ISO, _UTC, of_event=True)
            )
        return ValueSpec(field=field, line=line, column=column)
    section = Section(problems, node, field, _allowed_keys(field))
    if ("column" in section) == ("value" in section):
        problems.add(line, field, "give either `column` or `value`, which is a constant")
        return ValueSpec(field=field, line=line)
    scope = read_value(section, "scope")
    if "value" in section:
        for key in section:
            if key not in {"value", "scope"}:
                problems.add(section.line_of_key(key), section.path(key), "a constant has none")
        return ValueSpec(field=field, line=line, constant=_read_constant(section), scope=scope)
    kind = ValueType.TIME if field == "timestamp" else section.choice("type", _TYPES, ValueType.TEXT)
    return ValueSpec(
        field=field,
        line=line,
        column=section.text("column", "the name of a column"),
        type=kind,
        time=_read_time(section, kind),
        default=section.text("default", "a text to use for an empty cell"),
        scope=scope,
    )


def _allowed_keys(field: str) -> tuple[str, ...]:
    """List the keys that make sense: types for what ends as JSON, a scope for an identifier."""
    part, _, inner = field.partition(".")
    if field == "timestamp":
        return ("column", "format", "zone", "default")
    if part in {"traits", "properties", "context"}:
        return ("column", "value", "type", "format", "zone", "default")
    if part == "identifiers" and not inner.endswith(".scope"):
        return ("column", "value", "default", "scope")
    return ("column", "value", "default")


def _read_time(section: Section, kind: ValueType) -> TimeFormat:
    if kind is not ValueType.TIME:
        for key in ("format", "zone"):
            if key in section:
                section.problems.add(
                    section.line_of_key(key), section.path(key), "only a time has one: add `type: time`"
                )
        return TimeFormat(ISO, _UTC)
    expected = "iso, epoch_s, epoch_ms or a pattern such as %Y-%m-%d %H:%M:%S"
    pattern = section.text("format", expected) or ISO
    of_event = section.field == "timestamp"
    if pattern not in {ISO, *EpochUnit} and not _is_pattern(pattern):
        section.reject("format", expected)
    expected = "the name of a time zone that this machine knows, such as Asia/Shanghai"
    try:
        return TimeFormat(pattern, ZoneInfo(section.text("zone", expected) or "UTC"), of_event)
    except (ValueError, OSError, LookupError):
        section.reject("zone", expected)
        return TimeFormat(pattern, _UTC)


def _is_pattern(pattern: str) -> bool:
    try:
        example = datetime(2001, 2, 3, 4, 5, 6, tzinfo=_UTC).strftime(pattern)
        datetime.strptime(example, pattern)  # noqa: DTZ007 - only whether it can be read at all
    except ValueError:
        return False
    return "%" in pattern


def _read_constant(section: Section) -> Any:
    """Read a constant; where it may be any JSON value, numbers, true and false are what they look like."""
    node = section["value"]
    text = section.text("value", "a text, a number, true or false")
    if text is None or section.field.partition(".")[0] not in {"traits", "properties", "context"}:
        return text
    match node.tag.rpartition(":")[2]:
        case "bool":
            return section.flag("value")
        case "int" | "float":
            return read_number(text)
        case "null":
            section.reject("value", "a text, a number, true or false")
            return None
        case _:
            return text
