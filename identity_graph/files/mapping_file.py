"""Mapping files: YAML text to a validated mapping, in messages that name the line and the field."""

from pathlib import Path

from yaml.nodes import Node

from identity_graph.domain.collecting.segment.messages import MESSAGE_TYPES
from identity_graph.domain.rules.rule_set import NAMESPACE_NAME
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import Problems, Section, compose, line_of
from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import Mapping, ValueSpec
from identity_graph.files.mapping_table import TABLE_KEYS, read_empty, read_table
from identity_graph.files.mapping_values import read_value, read_values
from identity_graph.files.source_files import reading

_KEYS = (
    "format",
    *TABLE_KEYS,
    *("message_id", "timestamp", "type", "event", "channel", "identifiers", "traits", "properties", "context"),
)


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        InvalidInputError: it cannot be read, or does not hold what it should.
    """
    with reading(str(path)):
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8: save it as UTF-8.", path=str(path)) from error
    return parse_mapping(text, name=path.name)


def parse_mapping(text: str, *, name: str = "mapping") -> Mapping:
    """Read the text of a mapping file; ``name`` is what messages call the file.

    Raises:
        InvalidInputError: the file does not hold what it should; the message names every problem with line and field.
    """
    problems = Problems(name, error=InvalidInputError)
    mapping = _read_mapping(compose(text, problems), name, text, problems)
    problems.raise_if_any()
    return mapping


def _read_mapping(root: Node, name: str, text: str, problems: Problems) -> Mapping:
    """Read the whole file; once a problem is noted, what comes back is of no use."""
    section = Section(problems, root, "", _KEYS)
    if section.text("format", "1") not in {"1", None}:
        section.reject("format", "1", ", which this version does not know")
    if "identifiers" not in section:
        problems.add(line_of(root), "identifiers", "missing; name the columns that identify the person")
    mapping = Mapping(
        name=name,
        text=text,
        table=read_table(section),
        empty=read_empty(section),
        identifiers=_read_identifiers(section),
        message_id=tuple(read_values(section, "message_id")),
        timestamp=read_value(section, "timestamp"),
        type=read_value(section, "type"),
        event=read_value(section, "event"),
        channel=read_value(section, "channel"),
        traits=_read_fields(section, "traits"),
        properties=_read_fields(section, "properties"),
        context=_read_fields(section, "context"),
    )
    _check_constant(problems, mapping.type, sorted(MESSAGE_TYPES))
    _check_constant(problems, mapping.channel, [channel.value for channel in Channel])
    kind = mapping.type
    if mapping.event is None and (kind is None or kind.constant == "track"):
        problem = "missing; say what happened, such as `event: {value: Order Completed}`, or `type: {value: identify}`"
        problems.add(line_of(root), "event", problem)
    return mapping


def _check_constant(problems: Problems, spec: ValueSpec | None, words: list[str]) -> None:
    if spec is not None and spec.constant is not None and spec.constant not in words:
        problems.add(spec.line, f"{spec.field}.value", f"expected {' or '.join(words)}, got {spec.constant!r}")


def _read_identifiers(section: Section) -> dict[str, tuple[ValueSpec, ...]]:
    found: dict[str, tuple[ValueSpec, ...]] = {}
    if "identifiers" not in section:
        return found
    names = Section(section.problems, section["identifiers"], "identifiers")
    for name in names:
        if NAMESPACE_NAME.fullmatch(name) is None:
            problem = "expected a namespace of small letters, digits and _, up to 64, that begins with a letter"
            section.problems.add(names.line_of_key(name), names.path(name), problem)
        found[name] = tuple(read_values(names, name))
    if not found:
        section.reject("identifiers", "at least one namespace")
    return found


def _read_fields(section: Section, key: str) -> dict[str, ValueSpec]:
    if key not in section:
        return {}
    fields = Section(section.problems, section[key], key)
    for name in fields:
        outer = next((other for other in fields if name.startswith(f"{other}.")), None)
        if outer is not None:
            section.problems.add(fields.line_of_key(name), fields.path(name), f"lies inside {outer!r}, a value itself")
    specs = {name: read_value(fields, name) for name in fields}
    return {name: spec for name, spec in specs.items() if spec is not None}
