"""Mapping files: YAML text to a validated mapping, in messages that name the line and the field."""

from pathlib import Path

from yaml.nodes import Node

from identity_graph.domain.values.yaml_sections import Problems, Section, compose
from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import ChangedRows, Mapping, MessageSpec, ValueSpec
from identity_graph.files.mapping_conditions import read_condition
from identity_graph.files.mapping_messages import MESSAGE_KEYS, read_messages
from identity_graph.files.mapping_table import TABLE_KEYS, read_empty, read_table
from identity_graph.files.mapping_times import Zone
from identity_graph.files.mapping_values import Place, read_values
from identity_graph.files.source_files import reading

KEYS = (
    *("format", "source", "message_id", "group_by", "skip", "without_identifiers", "changed_rows", "zone", "events"),
    *TABLE_KEYS,
    *MESSAGE_KEYS,
)
"""The keys at the top of a mapping file."""

_CHANGED_ROWS = {choice.value: choice for choice in ChangedRows}


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
    section = Section(problems, root, "", KEYS)
    if section.text("format", "1") not in {"1", None}:
        section.reject("format", "1", ", which this version does not know")
    zone = Zone(section)
    group_by = tuple(read_values(section, "group_by", Place.KEY, zone))
    mapping = Mapping(
        name=name,
        text=text,
        table=read_table(section),
        empty=read_empty(section),
        source=section.text("source", "the name of the source of the events"),
        message_id=tuple(read_values(section, "message_id", Place.KEY, zone)) or group_by,
        group_by=group_by,
        skip=read_condition(section, "skip"),
        skips_nobody=section.choice("without_identifiers", {"reject": False, "skip": True}, False),
        changed_rows=section.choice("changed_rows", _CHANGED_ROWS, ChangedRows.IGNORE),
        messages=read_messages(section, root, zone),
    )
    _check_ids(problems, section, mapping)
    _check_rows(problems, mapping)
    return mapping


def _check_ids(problems: Problems, section: Section, mapping: Mapping) -> None:
    """Refuse ids that cannot tell the rows of a file apart, or one group from itself."""
    if mapping.changed_rows is not ChangedRows.IGNORE and not mapping.message_id:
        line = section.line_of_key("changed_rows")
        problem = "needs `message_id`: name the columns that identify a row, so that it is found again when it changed"
        problems.add(line, "changed_rows", problem)
    grouped = {spec.column for spec in mapping.group_by}
    for spec in mapping.message_id:
        if mapping.group_by and spec.column is not None and spec.column not in grouped:
            problem = f"{spec.column!r} is not in `group_by`: the rows of one group could have several ids"
            problems.add(spec.line, spec.field, problem)
    for key, specs in (("message_id", mapping.message_id), ("group_by", mapping.group_by)):
        if specs and all(spec.column is None for spec in specs):
            problems.add(specs[0].line, key, "names no column, so it is the same for all rows")


def _check_rows(problems: Problems, mapping: Mapping) -> None:
    """Refuse what only several rows can give, where each row stands alone."""
    if mapping.group_by:
        return
    for spec in (spec for message in mapping.messages for spec in _values_of(message)):
        if spec.is_sum:
            problems.add(spec.line, spec.field, "adds up the rows of a group: add `group_by`")


def _values_of(message: MessageSpec) -> list[ValueSpec]:
    return [*message.traits.values(), *message.properties.values(), *message.context.values()]
