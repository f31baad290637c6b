"""The part of a mapping file that says how the text of a table is cut into cells."""

import codecs

from yaml.nodes import ScalarNode

from identity_graph.domain.values.yaml_sections import Section, line_of, read_list, read_text
from identity_graph.files.mapping import TableFormat

TABLE_KEYS = (
    "encoding",
    "delimiter",
    "quote",
    "escape",
    "header",
    "columns",
    "skip_lines",
    "short_rows",
    "decimal",
    "empty",
)
"""The keys that this module reads."""

_DELIMITERS = {"tab": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}

_DECIMALS = {".": ".", ",": ",", "point": ".", "comma": ","}


def read_table(section: Section) -> TableFormat:
    """Read how a CSV file is cut into cells; Parquet needs none of it."""
    delimiter = _read_delimiter(section)
    header = section.flag("header") if "header" in section else True
    columns = _read_columns(section)
    if not header and not columns:
        line = line_of(section["header"])
        section.problems.add(line, "columns", "missing; without a header name them, such as `columns: [id, date]`")
    return TableFormat(
        delimiter=delimiter,
        quote=_read_character(section, "quote", '"'),
        escape=_read_character(section, "escape", None),
        encoding=_read_encoding(section),
        header=header,
        columns=columns,
        skip_lines=section.whole_number("skip_lines", 0),
        short_rows=section.flag("short_rows"),
        decimal=section.choice("decimal", _DECIMALS, "."),
    )


def read_empty(section: Section) -> frozenset[str]:
    """Read which texts in a cell mean that it is empty; a cell without text always is."""
    if "empty" not in section:
        return frozenset({""})
    nodes = read_list(section["empty"])
    if nodes is None:
        section.reject("empty", "a list of texts that mean an empty cell, such as ['NULL', 'n/a']")
        nodes = []
    return frozenset({"", *(str(node.value).strip() for node in nodes if isinstance(node, ScalarNode))})


def _read_delimiter(section: Section) -> str | None:
    if "delimiter" not in section:
        return ","
    text = _raw(section, "delimiter")
    if text == "whitespace":
        return None
    text = _DELIMITERS.get(text, text)
    if len(text) != 1 or text in "\r\n":
        section.reject("delimiter", "one character, tab or whitespace")
        return ","
    return text


def _read_character(section: Section, key: str, default: str | None) -> str | None:
    text = _raw(section, key) if key in section else default
    if text is None or text == "none":
        return None
    if len(text) != 1 or text in "\r\n":
        section.reject(key, "one character, or none")
        return default
    return text


def _raw(section: Section, key: str) -> str:
    """Read a value as it is written, blanks too."""
    node = section[key]
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _read_encoding(section: Section) -> str:
    expected = "the name of an encoding, such as utf-8, gb18030 or utf-16"
    name = section.text("encoding", expected) or "utf-8"
    try:
        info = codecs.lookup(name)
        b"a".decode("ascii").encode(info.name)
    except (LookupError, UnicodeError):
        section.reject("encoding", expected)
        return "utf-8"
    return info.name


def _read_columns(section: Section) -> tuple[str, ...]:
    if "columns" not in section:
        return ()
    nodes = read_list(section["columns"])
    names = [read_text(node) for node in nodes or []]
    found = tuple(name for name in names if name is not None)
    if not found or len(found) != len(names):
        section.reject("columns", "a list of names, one for each column, such as [id, date, amount]")
    for name in sorted({name for name in found if found.count(name) > 1}):
        section.problems.add(line_of(section["columns"]), "columns", f"{name!r} is named twice")
    return found
