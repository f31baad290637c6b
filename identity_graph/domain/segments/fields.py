"""Reading the fields of a rule from plain values: what is wrong is noted with its place, and nothing is guessed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from identity_graph.domain.segments.rule_tree import Moment, Scalar, Span
from identity_graph.domain.values.durations import LONGEST, counts_by_calendar, read_duration
from identity_graph.domain.values.times import TimeError, read_iso
from identity_graph.domain.values.yaml_sections import did_you_mean

T = TypeVar("T")

LONGEST_TEXT = 1024
"""Characters that a text in a rule may have."""

DURATION = "an ISO 8601 duration in days or smaller units, such as P30D or PT1H"
_SHOWN = 60
_EXACT = 10**18


class Finding(NamedTuple):
    """Something that is wrong with a rule, or worth a look: its place, such as ``all[0].trait.op``, and what to do."""

    path: str
    problem: str

    @property
    def text(self) -> str:
        """Say it in one line."""
        return f"{self.path or 'rule'}: {self.problem}"


class Fields:
    """The fields of a mapping, read by name. A field that is absent, or null, reads as the default."""

    def __init__(self, found: list[Finding], value: object, path: str, known: Collection[str]) -> None:
        self.found = found
        self.path = path
        self._values: dict[str, Any] = {}
        if not isinstance(value, Mapping):
            self.add("", f"expected the fields {', '.join(known)}, got {describe(value)}")
            return
        for key, item in cast("Mapping[object, object]", value).items():
            if key not in known:
                self.add(str(key)[:_SHOWN], f"unknown field{did_you_mean(str(key), known)}")
            elif item is not None:
                self._values[cast("str", key)] = item

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> object:
        return self._values[key]

    def get(self, key: str) -> object:
        """Give a field as it came; None when it is absent."""
        return self._values.get(key)

    def at(self, key: str) -> str:
        """Name the place of a field."""
        return f"{self.path}.{key}" if self.path and key else key or self.path

    def add(self, key: str, problem: str) -> None:
        """Note what is wrong with a field."""
        self.found.append(Finding(self.at(key), problem))

    def reject(self, key: str, expected: str, hint: str = "") -> None:
        """Note that a field does not hold what is expected."""
        self.add(key, f"expected {expected}, got {describe(self._values.get(key))}{hint}")

    def text(self, key: str, expected: str) -> str:
        """Read a text that must be there and not be blank."""
        value = self._values.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT:
            return value
        self.reject(key, f"{expected}, of at most {LONGEST_TEXT} characters" if isinstance(value, str) else expected)
        return ""

    def find_text(self, key: str, expected: str) -> str | None:
        """Read a text that may be absent."""
        return self.text(key, expected) if key in self else None

    def choice(self, key: str, choices: Mapping[str, T], default: T, *, needed: bool = True) -> T:
        """Read one of some words."""
        value = self._values.get(key)
        if isinstance(value, str) and value in choices:
            return choices[value]
        if needed or key in self:
            hint = did_you_mean(value, choices) if isinstance(value, str) else ""
            self.reject(key, f"one of {', '.join(choices)}", hint)
        return default

    def flag(self, key: str) -> bool:
        """Read true or false; absent is false."""
        value = self._values.get(key, False)
        if type(value) is not bool:
            self.reject(key, "true or false")
        return value is True

    def whole_number(self, key: str, most: int) -> int:
        """Read a whole number from 0 on that must be there."""
        value = self._values.get(key)
        if type(value) is int and 0 <= value <= most:
            return value
        self.reject(key, f"a whole number from 0 to {most:,}")
        return 0

    def span(self, key: str) -> Span:
        """Read a duration that must be there."""
        value = self._values.get(key)
        found = find_span(value)
        if found is not None:
            return found
        self.reject(key, f"{DURATION}, above zero and up to P36500D", hint_of_span(value))
        return Span("", 0)

    def find_span(self, key: str) -> Span | None:
        """Read a duration that may be absent."""
        return self.span(key) if key in self else None

    def find_moment(self, key: str) -> Moment | None:
        """Read a moment that may be absent."""
        value = self._values.get(key)
        if value is None:
            return None
        try:
            return Moment(str(value), read_iso(str(value), None))
        except TimeError as error:
            self.add(key, str(error))
            return None

    def scalar(self, key: str, value: object) -> Scalar:
        """Take a text, a number, or true or false; a blank text is none, since a blank value counts as absent."""
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT:
            return value
        if type(value) is bool or (type(value) in (int, float) and abs(cast("float", value)) < _EXACT):
            return cast("Scalar", value)
        hint = "; to find those without a value, write not around EXISTS" if value == "" else ""
        self.add(key, f"expected a text, a number, or true or false, got {describe(value)}{hint}")
        return ""

    def items(self, key: str, expected: str, most: int) -> Iterator[tuple[str, object]]:
        """Read a list with something in it: each item with its place."""
        value = self._values.get(key)
        if not isinstance(value, list | tuple) or not value:
            self.reject(key, expected)
            return
        items = cast("list[object]", value)
        if len(items) > most:
            self.add(key, f"has {len(items):,} entries; at most {most:,} are taken")
        for index, item in enumerate(items[:most]):
            yield f"{key}[{index}]", item


def find_span(value: object) -> Span | None:
    """Read a duration above zero and up to a hundred years; None when it is none."""
    micros = read_duration(value) if isinstance(value, str) else None
    return Span(cast("str", value), micros) if micros is not None and 0 < micros <= LONGEST else None


def hint_of_span(value: object) -> str:
    """Say what to write instead of months, years and weeks; starts with a semicolon."""
    if isinstance(value, str) and counts_by_calendar(value):
        return "; months and years are not of one length: count them, and weeks, in days"
    return ""


def describe(value: object) -> str:
    """Say briefly what a value is."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)[:_SHOWN]
        case Mapping():
            return "fields"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return f"a {type(value).__name__}"
