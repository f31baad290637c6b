"""Segments in YAML: the rule of a segment with its name, read with the line of everything that is wrong."""

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.segments.checking import Known, check_purpose, check_rule
from identity_graph.domain.segments.fields import Fields, Finding
from identity_graph.domain.segments.reading import DEEPEST, find_rule
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.writing import write_rule
from identity_graph.domain.values.yaml_sections import Problems, compose, has_plain_tag, is_null, line_of, read_text
from identity_graph.errors import SegmentError

_KEYS = ("name", "description", "audience", "purpose", "rule")
_NUMBER = TraitType(name="", type=ValueType.DECIMAL)
_FLAGS = {"true": True, "false": False}
_DEEPEST_NODE = 3 * DEEPEST + 10
"""Levels of YAML that the deepest rule has: each condition is a list in a mapping, and its values lie some levels deeper."""


_WIDTH = 120
"""Columns of a file that is written."""

_MOST_NODES = 50_000
"""Values that a file may have; an alias counts as often as it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment as a file describes it. ``purpose`` is that of using it, which consents are given to."""

    name: str
    rule: Rule
    description: str | None = None
    audience: Audience = Audience.KNOWN
    purpose: str | None = None


def parse_segment(text: str, *, name: str = "segment", known: Known | None = None) -> SegmentDraft:
    """Read the text of a segment file, and check it if it is said what is known; ``name`` is what messages call the file.

    Raises:
        SegmentError: the file does not hold what it should; the message names every problem with its line and place.
    """
    problems = Problems(name, error=SegmentError)
    lines: dict[str, int] = {}
    value = _Plain(problems, lines).read(compose(text, problems), "", 0)
    problems.raise_if_any()
    found: list[Finding] = []
    draft = read_segment(value, found)
    if known is not None and not found:
        found += [Finding(_inside(one.path), one.problem) for one in check_rule(draft.rule, known).problems]
        found += check_purpose(draft.purpose, known.terms)
    for finding in found:
        problems.add(_line_of(finding.path, lines), finding.path, finding.problem)
    problems.raise_if_any()
    return draft


def write_segment(draft: SegmentDraft) -> str:
    """Write the text of a segment file, which reads back as the same segment."""
    content = {
        "name": draft.name,
        **({} if draft.description is None else {"description": draft.description}),
        "audience": draft.audience.value,
        **({} if draft.purpose is None else {"purpose": draft.purpose}),
        "rule": write_rule(draft.rule),
    }
    return yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=_WIDTH
    )


def read_segment(value: object, found: list[Finding]) -> SegmentDraft:
    """Read a segment from plain values, and note what is wrong; then what comes back is of no use."""
    fields = Fields(found, value, "", _KEYS)
    return SegmentDraft(
        name=fields.text("name", "the name of the segment"),
        description=fields.find_text("description", "a text"),
        audience=fields.choice("audience", {one.value: one for one in Audience}, Audience.KNOWN, needed=False),
        purpose=fields.find_text("purpose", "a purpose"),
        rule=find_rule(fields.get("rule"), found, "rule"),
    )


class _Dumper(yaml.SafeDumper):
    """Escapes separators of lines that are no newlines: between other quotes they would be read as spaces."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(separator in text for separator in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _inside(path: str) -> str:
    return f"rule.{path}" if path else "rule"


def _line_of(path: str, lines: dict[str, int]) -> int:
    """Give the line of a place, or of the nearest one around it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)


class _Plain:
    """Turns nodes of YAML into plain values, and keeps the line of each place."""

    def __init__(self, problems: Problems, lines: dict[str, int]) -> None:
        self._problems = problems
        self._lines = lines
        self._nodes = 0

    def read(self, node: Node, path: str, level: int) -> Any:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            self._problems.fail(line_of(node), f"has more than {_MOST_NODES:,} values; make parts of it segments")
        self._lines[path] = line_of(node)
        if level > _DEEPEST_NODE:
            self._problems.add(line_of(node), path, "is nested too deeply; make a part of it a segment of its own")
        elif not has_plain_tag(node):
            self._problems.reject(node, path, "a plain value")
        elif isinstance(node, MappingNode):
            return self._mapping(node, path, level)
        elif isinstance(node, SequenceNode):
            return [self.read(one, f"{path}[{index}]", level + 1) for index, one in enumerate(node.value)]
        else:
            return _scalar(node)
        return None

    def _mapping(self, node: MappingNode, path: str, level: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            key = read_text(key_node)
            place = f"{path}.{key}" if path else str(key)
            if key is None:
                self._problems.reject(key_node, path, "a name for a key")
            elif key in found:
                self._problems.add(line_of(key_node), place, "given twice")
            else:
                found[key] = self.read(value, place, level + 1)
                self._lines[place] = line_of(key_node)
        return found


def _scalar(node: Node) -> Any:
    """Read a single value as YAML means it: a number, true or false, nothing, else the text as it is written."""
    if is_null(node):
        return None
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:bool":
        return _FLAGS.get(text.lower(), text)
    if node.tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}:
        number = fit(text, _NUMBER)
        return text if number is None else number
    return text
