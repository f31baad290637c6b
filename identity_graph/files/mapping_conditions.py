"""The conditions of a mapping file: which rows make an event, and which are left out."""

from decimal import Decimal

from yaml.nodes import MappingNode, Node, ScalarNode

from identity_graph.domain.values.yaml_sections import Section, line_of, read_list, read_text
from identity_graph.files.cell_numbers import CellError, read_amount
from identity_graph.files.mapping import Condition

KEYS = ("column", "is", "is_not", "above", "below")
"""The keys of a condition."""


def read_condition(section: Section, key: str) -> Condition | None:
    """Read what must hold for a row: a plain word is a column that must be filled; None when the key is absent."""
    if key not in section:
        return None
    node = section[key]
    field, line = section.path(key), line_of(node)
    if not isinstance(node, MappingNode):
        column = read_text(node)
        if column is None:
            section.reject(key, "the name of a column that must be filled, or {column: its name, is: [texts]}")
        return Condition(field=field, line=line, column=column or "")
    inner = Section(section.problems, node, field, KEYS)
    if "column" not in inner:
        section.problems.add(line, field, "give the `column` that is looked at")
    among, above, below = _read_texts(inner, "is"), _read_bound(inner, "above"), _read_bound(inner, "below")
    if among is not None and (above is not None or below is not None or "is_not" in inner):
        section.problems.add(line, field, "`is` names all texts that count: leave out `is_not`, `above` and `below`")
    if above is not None and below is not None and below <= above:
        section.problems.add(line, field, "no number is above the one and below the other")
    return Condition(
        field=field,
        line=line,
        column=inner.text("column", "the name of a column") or "",
        among=among,
        not_among=_read_texts(inner, "is_not") or frozenset(),
        above=above,
        below=below,
    )


def _read_texts(section: Section, key: str) -> frozenset[str] | None:
    if key not in section:
        return None
    nodes = read_list(section[key])
    texts = [_as_text(node) for node in ([section[key]] if nodes is None else nodes)]
    found = frozenset(text for text in texts if text is not None)
    if not found or None in texts:
        section.reject(key, "a text, or a list of texts")
    return found


def _as_text(node: Node) -> str | None:
    return str(node.value).strip() if isinstance(node, ScalarNode) else None


def _read_bound(section: Section, key: str) -> Decimal | None:
    text = section.text(key, "a number")
    if text is None:
        return None
    try:
        return read_amount(text, ".")
    except CellError:
        section.reject(key, "a number")
        return None
