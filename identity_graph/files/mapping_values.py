"""The values of a mapping file: the name of a column, a constant, or a column with all that is to be done to it."""

from enum import Enum
from typing import Any

from yaml.nodes import MappingNode, Node

from identity_graph.domain.values.yaml_sections import Problems, Section, is_null, line_of, read_list, read_text
from identity_graph.files.cell_numbers import read_number
from identity_graph.files.mapping import NUMBERS, ValueSpec, ValueType
from identity_graph.files.mapping_times import UTC_TIME, Zone, read_time_format

_TYPES = {kind.value: kind for kind in ValueType}
_SOURCES = ("column", "value", "each", "file")
_SCALARS = "a text, a number, true or false"


class Place(Enum):
    """Where a value of a mapping goes to: this decides which keys make sense."""

    TIME = ("column", "format", "zone", "default", "file")
    IDENTIFIER = ("column", "value", "default", "scope")
    KEY = ("column", "value", "default")
    WORD = ("column", "value", "default", "map", "otherwise")
    BAG = (
        *("column", "value", "default", "map", "otherwise", "type", "format", "zone"),
        *("scope", "separator", "absolute", "combine", "each"),
    )
    CELL = (
        "column",
        "value",
        "default",
        "map",
        "otherwise",
        "type",
        "format",
        "zone",
        "scope",
        "separator",
        "absolute",
    )

    @property
    def is_json(self) -> bool:
        """Whether any value of JSON may stand there."""
        return self in {Place.BAG, Place.CELL}


KEYS = tuple(dict.fromkeys(key for place in Place for key in place.value))
"""All keys of the long form of a value."""


def read_value(section: Section, key: str, place: Place, zone: Zone) -> ValueSpec | None:
    """Read where the value of a key comes from; None when the key is absent."""
    return _read(section.problems, section[key], section.path(key), place, zone) if key in section else None


def read_values(section: Section, key: str, place: Place, zone: Zone) -> list[ValueSpec]:
    """Read where the value of a key comes from: one place, or a list of them."""
    if key not in section:
        return []
    nodes = read_list(section[key])
    if nodes is None:
        return [_read(section.problems, section[key], section.path(key), place, zone)]
    if not nodes:
        section.reject(key, "at least one column")
    return [
        _read(section.problems, node, f"{section.path(key)}[{index}]", place, zone) for index, node in enumerate(nodes)
    ]


def read_fields(section: Section, key: str, place: Place, zone: Zone) -> dict[str, ValueSpec]:
    """Read the values of an object by name; a point in a name puts the value inside another object."""
    if key not in section:
        return {}
    fields = Section(section.problems, section[key], section.path(key))
    for name in fields:
        outer = next((other for other in fields if name.startswith(f"{other}.")), None)
        if outer is not None:
            section.problems.add(fields.line_of_key(name), fields.path(name), f"lies inside {outer!r}, a value itself")
    specs = {name: read_value(fields, name, place, zone) for name in fields}
    return {name: spec for name, spec in specs.items() if spec is not None}


def _read(problems: Problems, node: Node, field: str, place: Place, zone: Zone) -> ValueSpec:
    """Read one value; once a problem is noted, what comes back is of no use."""
    line = line_of(node)
    kind = ValueType.TIME if place is Place.TIME else ValueType.TEXT
    time = zone.default(of_event=True) if place is Place.TIME else UTC_TIME
    if not isinstance(node, MappingNode):
        column = read_text(node)
        if column is None:
            problems.reject(node, field, "the name of a column, {value: a constant} or {column: its name, …}")
        return ValueSpec(field=field, line=line, column=column, type=kind, time=time)
    section = Section(problems, node, field, place.value)
    sources = [key for key in _SOURCES if key in section]
    if len(sources) != 1:
        problems.add(line, field, "give either `column` or `value`, which is a constant")
        return ValueSpec(field=field, line=line)
    allowed = {
        "value": {"value", "scope"},
        "each": {"each"},
        "file": {"file", "format", "zone"},
    }.get(sources[0])
    for key in section:
        if allowed is not None and key not in allowed:
            whose = {"value": "a constant", "each": "a list of objects", "file": "what a file is called"}[sources[0]]
            problems.add(section.line_of_key(key), section.path(key), f"{whose} has none")
    scope = read_value(section, "scope", Place.KEY, zone)
    match sources[0]:
        case "value":
            return ValueSpec(field=field, line=line, constant=_read_constant(section, "value", place), scope=scope)
        case "each":
            each = read_fields(section, "each", Place.CELL, zone)
            if not each:
                section.reject("each", "the fields of the object that each row makes, such as {sku: article}")
            return ValueSpec(field=field, line=line, each=each)
        case "file":
            return _read_of_file(section, line, zone)
        case _:
            return _read_column(section, line, place, zone, scope)


def _read_column(section: Section, line: int, place: Place, zone: Zone, scope: ValueSpec | None) -> ValueSpec:
    kind = ValueType.TIME if place is Place.TIME else section.choice("type", _TYPES, ValueType.TEXT)
    columns = _read_columns(section)
    words, otherwise = _read_words(section, place)
    is_sum = section.choice("combine", {"sum": True}, False)
    _check_type(section, kind, {"separator": ValueType.LIST}, "a list")
    for key in ("absolute", "combine"):
        if key in section and kind not in NUMBERS:
            problem = "only a number has one: add `type: amount`, `number` or `integer`"
            section.problems.add(section.line_of_key(key), section.path(key), problem)
    if scope is not None and place.is_json and (kind is not ValueType.TEXT or words is not None):
        problem = "is put before a text: leave out `type` and `map`"
        section.problems.add(section.line_of_key("scope"), section.path("scope"), problem)
    if words is not None and kind not in {ValueType.TEXT, ValueType.LIST}:
        section.problems.add(
            section.line_of_key("map"), section.path("map"), "gives the value itself: leave out `type`"
        )
    return ValueSpec(
        field=section.field,
        line=line,
        column=columns[0] if columns else None,
        more=columns[1:],
        type=kind,
        time=read_time_format(section, zone, kind=kind, of_event=place is Place.TIME),
        default=section.text("default", "a text to use for an empty cell"),
        scope=scope,
        words=words,
        otherwise=otherwise,
        separator=_read_separator(section),
        is_absolute=section.flag("absolute"),
        is_sum=is_sum,
    )


def _check_type(section: Section, kind: ValueType, needed: dict[str, ValueType], what: str) -> None:
    for key, wanted in needed.items():
        if key in section and kind is not wanted:
            problem = f"only {what} has one: add `type: {wanted}`"
            section.problems.add(section.line_of_key(key), section.path(key), problem)


def _read_columns(section: Section) -> tuple[str, ...]:
    """Read the name of a column, or those of several that are read as one text."""
    nodes = read_list(section["column"])
    if nodes is None:
        name = section.text("column", "the name of a column, or a list of names")
        return () if name is None else (name,)
    names = [read_text(node) for node in nodes]
    found = tuple(name for name in names if name is not None)
    if not found or len(found) != len(names):
        section.reject("column", "the name of a column, or a list of names")
    return found


def _read_separator(section: Section) -> str:
    if "separator" not in section:
        return ","
    node = section["separator"]
    text = str(node.value) if read_list(node) is None else ""
    if not text:
        section.reject("separator", "the text between the items of a list, such as ';'")
    return text or ","


def _read_words(section: Section, place: Place) -> tuple[dict[str, Any] | None, Any]:
    """Read which value stands for which text of a cell, and which for every other."""
    if "map" not in section:
        if "otherwise" in section:
            problem = "says what else a text means than `map`: add `map`"
            section.problems.add(section.line_of_key("otherwise"), section.path("otherwise"), problem)
        return None, None
    words = Section(section.problems, section["map"], section.path("map"))
    found = {word: None if is_null(words[word]) else _read_constant(words, word, place) for word in words}
    if not found:
        section.reject("map", "the value for each text of the column, such as {S: store, W: web}")
    return found, _read_constant(section, "otherwise", place) if "otherwise" in section else None


def _read_of_file(section: Section, line: int, zone: Zone) -> ValueSpec:
    of_file = section.choice("file", {"modified": "modified", "name": "name"}, "modified")
    if ("format" in section) != (of_file == "name"):
        problem = "of the name of a file give `format`, such as crm-%Y-%m-%d.csv; of its time of change none"
        section.problems.add(line, section.field, problem)
    return ValueSpec(
        field=section.field,
        line=line,
        type=ValueType.TIME,
        time=read_time_format(section, zone, kind=ValueType.TIME, of_event=True),
        of_file=of_file,
    )


def _read_constant(section: Section, key: str, place: Place) -> Any:
    """Read a constant; where it may be any JSON value, numbers, true and false are what they look like."""
    node = section[key]
    text = section.text(key, _SCALARS)
    if text is None or not place.is_json:
        return text
    match node.tag.rpartition(":")[2]:
        case "bool":
            return section.flag(key)
        case "int" | "float":
            return read_number(text)
        case "null":
            section.reject(key, _SCALARS)
            return None
        case _:
            return text
