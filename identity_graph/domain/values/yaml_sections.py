"""Reading the parts of a file of rules, of a catalogue or of a mapping: each value is checked, and each problem names its line and field.

The file is only composed into nodes, never constructed into objects: a tag in it cannot run anything, and every node
knows its line.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import NoReturn, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from identity_graph.domain.values.durations import LONGEST, counts_by_calendar, read_duration
from identity_graph.errors import IdentityGraphError, RulesError

T = TypeVar("T")

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_SHOWN = 60


class Problems:
    """Gathers what is wrong with one file, so that its owner sees all of it at once.

    ``stored``: it is no file, but what a graph was brought under before. ``error`` is what is raised.
    """

    def __init__(self, file: str, *, stored: bool = False, error: type[IdentityGraphError] = RulesError) -> None:
        self.stored = stored
        self._file = file
        self._error_type = error
        self._found: dict[tuple[int, str], None] = {}

    def add(self, line: int, field: str, problem: str) -> None:
        """Note a problem. ``line`` counts from 1; an empty ``field`` means the file as a whole."""
        self._found[(line, f"{field}: {problem}" if field else problem)] = None

    def reject(self, node: Node, field: str, expected: str, hint: str = "") -> None:
        """Note that a node does not hold what is expected."""
        self.add(line_of(node), field, f"expected {expected}, got {_describe(node)}{hint}")

    def fail(self, line: int, problem: str) -> NoReturn:
        """Raise at once: nothing more of the file can be read."""
        self.add(line, "", problem)
        raise self._error()

    def raise_if_any(self) -> None:
        """Raise what was gathered, in the order of the file.

        Raises:
            IdentityGraphError: one line for each problem; the fact ``problems`` is the list of them.
        """
        if self._found:
            raise self._error()

    def _error(self) -> IdentityGraphError:
        found = [f"{self._file}:{line}: {text}" for line, text in sorted(self._found, key=lambda key: key[0])]
        return self._error_type("\n".join(found), problems=found)


class Section:
    """A mapping of the file, whose values are read by key; ``line`` is where it starts, from 1.

    A key that is absent or holds something wrong reads as the default; the latter is noted as a problem, and so are
    keys that come twice or, when the ``known`` ones are given, are none of these.
    """

    def __init__(self, problems: Problems, node: Node, field: str, known: Collection[str] | None = None) -> None:
        self.problems = problems
        self.field = field
        self.line = line_of(node)
        self._mark = node.start_mark
        self._values: dict[str, Node] = {}
        self._key_lines: dict[str, int] = {}
        if not isinstance(node, MappingNode) or not has_plain_tag(node):
            problems.reject(node, field, "a mapping")
            return
        pairs: list[tuple[Node, Node]] = node.value
        for key, value in pairs:
            self._add(key, value, known)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Node:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def line_of_key(self, key: str) -> int:
        """Give the number of the line in which a key stands, from 1."""
        return self._key_lines[key]

    def part(self, key: str, known: Collection[str] | None = None) -> "Section":
        """Read a mapping inside; one that is absent, or has nothing behind its name, is empty."""
        mark = self[key].start_mark if key in self else self._mark
        node = self[key] if key in self and not is_null(self[key]) else MappingNode("tag:yaml.org,2002:map", [], mark)
        return Section(self.problems, node, self.path(key), known)

    def path(self, key: str) -> str:
        """Name a key with all that it is in: ``namespaces.phone.limit``."""
        return f"{self.field}.{key}" if self.field else key

    def reject(self, key: str, expected: str, hint: str = "") -> None:
        """Note that a key does not hold what is expected."""
        self.problems.reject(self[key], self.path(key), expected, hint)

    def text(self, key: str, expected: str) -> str | None:
        """Read a value as it is written: ``NO`` stays two letters and ``0012`` keeps its zeros."""
        if key not in self:
            return None
        text = read_text(self[key])
        if text is None:
            self.reject(key, expected)
        return text

    def whole_number(self, key: str, default: int) -> int:
        """Read a whole number from 1 to 999,999,999."""
        if key not in self:
            return default
        number = read_whole_number(self[key])
        if number is None:
            self.reject(key, "a whole number of at least 1")
        return number or default

    def flag(self, key: str) -> bool:
        """Read true or false; absent is false."""
        if key not in self:
            return False
        flag = _FLAGS.get((read_text(self[key]) or "").lower())
        if flag is None:
            self.reject(key, "true or false")
        return flag or False

    def choice(self, key: str, choices: Mapping[str, T], default: T) -> T:
        """Read one of some words."""
        expected = " or ".join(choices)
        word = self.text(key, expected)
        if word is not None and word not in choices:
            self.reject(key, expected, did_you_mean(word, choices))
        return default if word is None else choices.get(word, default)

    def duration(self, key: str, default: T) -> int | T:
        """Read an ISO 8601 duration in days, hours, minutes and seconds, up to 100 years, into microseconds."""
        expected = "an ISO 8601 duration in days or smaller units, such as PT30M or P1DT2H"
        text = self.text(key, expected)
        if text is None:
            return default
        span = read_duration(text)
        if span is None:
            self.reject(key, expected, "; count years, months and weeks in days" if counts_by_calendar(text) else "")
            return default
        if not 0 < span <= LONGEST:
            self.reject(key, "a duration above zero and up to P36500D")
            return default
        return span

    def _add(self, key_node: Node, value: Node, known: Collection[str] | None) -> None:
        key = read_text(key_node)
        if key is None:
            self.problems.reject(key_node, self.field, "a name for a key")
        elif key in self._values:
            first = self._key_lines[key]
            self.problems.add(line_of(key_node), self.path(key), f"given twice, first in line {first}")
        elif known is not None and key not in known:
            self.problems.add(line_of(key_node), self.path(key), f"unknown key{did_you_mean(key, known)}")
        else:
            self._values[key] = value
            self._key_lines[key] = line_of(key_node)


def compose(text: str, problems: Problems) -> Node:
    """Read the text as one YAML document.

    Raises:
        IdentityGraphError: the text is not YAML, or empty.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.fail(1 if mark is None else mark.line + 1, f"not YAML: {error.problem or error.context}")
    except ReaderError as error:
        problems.fail(text.count("\n", 0, error.position) + 1, f"not YAML: {error.reason}")
    except RecursionError:
        problems.fail(1, "nested too deeply")
    if node is None or is_null(node):
        problems.fail(1, "the file is empty")
    return node


def read_text(node: Node) -> str | None:
    """Read a single value as it is written, trimmed; None when it is none, or empty."""
    if not isinstance(node, ScalarNode) or not has_plain_tag(node):
        return None
    return str(node.value).strip() or None


def read_whole_number(node: Node) -> int | None:
    """Read a whole number from 1 to 999,999,999 in plain digits; None when it is something else."""
    text = read_text(node) if node.tag == "tag:yaml.org,2002:int" else None
    return int(text) if text is not None and _WHOLE_NUMBER.fullmatch(text) else None


def read_list(node: Node) -> list[Node] | None:
    """Read a list of nodes; None when it is something else."""
    return list(node.value) if isinstance(node, SequenceNode) and has_plain_tag(node) else None


def has_plain_tag(node: Node) -> bool:
    """Say whether a node is what it looks like, and carries no tag that asks for something else to be made of it."""
    return node.tag in _PLAIN_TAGS


def is_null(node: Node) -> bool:
    """Say whether a value was left out: nothing, ``~`` or ``null``."""
    return node.tag == "tag:yaml.org,2002:null"


def line_of(node: Node) -> int:
    """Give the number of the line in which a node starts, from 1."""
    return node.start_mark.line + 1


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Suggest the nearest known word, or list them all when none is near; starts with a semicolon."""
    return near_word(word, known) or f"; known are {', '.join(known)}"


def near_word(word: str, known: Collection[str]) -> str:
    """Suggest the nearest of many known words, or nothing; starts with a semicolon."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _describe(node: Node) -> str:
    if not has_plain_tag(node):
        return f"the YAML tag {node.tag!r}"
    if isinstance(node, ScalarNode):
        text = str(node.value)
        return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…") if text else "nothing"
    return "a mapping" if isinstance(node, MappingNode) else "a list"
