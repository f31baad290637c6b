"""Comparing values: what each operator means, and when an answer changes with time alone.

Numbers, moments, dates, texts and flags are never compared as one another. A value of another kind, like an absent one, is equal
to nothing: of it only NE and NOT_IN hold. Blank is absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, cast

from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import decimal_of, fit
from identity_graph.domain.segments.days import anniversary, day_of, start_of_day, year_of
from identity_graph.domain.segments.rule_tree import ORDERING, Operand, Operator
from identity_graph.domain.values.durations import read_duration
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import TimeError, read_iso

_NUMBER = TraitType(name="", type=ValueType.DECIMAL)
_DATE = TraitType(name="", type=ValueType.DATE)


class Kind(StrEnum):
    """As what a value is compared."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    TIME = "time"
    EITHER = "either"
    """A value of no declared type: as what the operand is."""


class Day(NamedTuple):
    """A date: a whole day."""

    number: int


Comparable = Decimal | str | bool | Day | Instant


def is_blank(value: Any) -> bool:
    """Tell whether a value counts as absent: null, a text of nothing but blanks, an empty list or object."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Test:
    """An operator with what it compares with."""

    op: Operator
    operand: Operand
    kind: Kind
    zone: tzinfo

    def holds(self, value: Any, at: Instant) -> bool:
        """Tell whether it holds for a value, at a moment."""
        match self.op:
            case Operator.EXISTS:
                return not is_blank(value)
            case Operator.NE:
                return not self._equals(value, self.operand)
            case Operator.NOT_IN:
                return not self._is_one_of(value)
            case Operator.EQ:
                return self._equals(value, self.operand)
            case Operator.IN:
                return self._is_one_of(value)
            case Operator.CONTAINS:
                return self._contains(value)
            case Operator.STARTS_WITH:
                return isinstance(value, str) and value.startswith(str(self.operand))
            case _ if self.op in ORDERING:
                return self._is_ordered(value)
            case _:
                return any(start <= at < end for start, end in self._spans(value, at))

    def moments(self, value: Any, after: Instant) -> Iterator[Instant]:
        """Give moments, those after one among them, at which the answer of a relative operator for a value may change."""
        for start, end in self._spans(value, after):
            yield start
            yield end

    def _equals(self, value: Any, operand: Any) -> bool:
        if self.kind is Kind.TIME:
            return _compare(read_time(value), read_time(operand), self.zone) == 0
        return is_equal(value, operand, is_number=self.kind is Kind.NUMBER)

    def _is_one_of(self, value: Any) -> bool:
        return any(self._equals(value, one) for one in cast("tuple[Any, ...]", self.operand))

    def _contains(self, value: Any) -> bool:
        if isinstance(value, list):
            return any(is_equal(one, self.operand) for one in cast("list[Any]", value))
        return (
            isinstance(value, str) and isinstance(self.operand, str) and not is_blank(value) and self.operand in value
        )

    def _is_ordered(self, value: Any) -> bool:
        operands = self.operand if isinstance(self.operand, tuple) else (self.operand,)
        found = [_compare(*_read_both(value, operand, self.kind), self.zone) for operand in operands]
        if None in found:
            return False
        way = cast("int", found[0])
        match self.op:
            case Operator.LT:
                return way < 0
            case Operator.LE:
                return way <= 0
            case Operator.GT:
                return way > 0
            case Operator.GE:
                return way >= 0
            case _:
                return way >= 0 and cast("int", found[1]) <= 0

    def _spans(self, value: Any, at: Instant) -> Iterator[tuple[Instant, Instant]]:
        """Give spans of time in which a relative operator holds: those around a moment, and the next one after it."""
        found = read_time(value)
        if found is None:
            return
        width = read_duration(str(self.operand)) or 0
        if self.op is Operator.ANNIVERSARY_WITHIN:
            yield from self._anniversaries(found, width, at)
            return
        is_day = isinstance(found, Day)
        start = start_of_day(found.number, self.zone) if is_day else found
        end = start_of_day(found.number + 1, self.zone) if is_day else found
        match self.op:
            case Operator.WITHIN_LAST:
                yield start, end + width
            case Operator.WITHIN_NEXT:
                yield start - width, end
            case _:
                yield end + width, FOREVER

    def _anniversaries(self, found: Day | Instant, width: int, at: Instant) -> Iterator[tuple[Instant, Instant]]:
        day = found.number if isinstance(found, Day) else day_of(found, self.zone)
        year = max(year_of(day) + 1, year_of(day_of(at, self.zone)) - 1)
        for number in range(4):
            of_year = anniversary(day, year + number)
            yield start_of_day(of_year, self.zone) - width, start_of_day(of_year + 1, self.zone)


FOREVER: Instant = 2**62
"""After all moments."""


def is_equal(value: Any, operand: Any, *, is_number: bool = False) -> bool:
    """Tell whether a value is what a rule names: numbers as numbers, texts letter by letter, and flags as flags."""
    if is_blank(value):
        return False
    if is_number or (isinstance(operand, int | float) and not isinstance(operand, bool)):
        number = read_number(value) if is_number else _read_own_number(value)
        return number is not None and number == read_number(operand)
    return text_of(value) == text_of(operand)


def read_number(value: Any) -> Decimal | None:
    """Read a number exactly; None when it is none."""
    if isinstance(value, Decimal):
        return value
    number = fit(value, _NUMBER)
    return None if number is None else decimal_of(number)


def read_time(value: Any) -> Any:
    """Read a date, or a moment that names its offset; None when it is neither."""
    if not isinstance(value, str):
        return None
    day = fit(value, _DATE)
    if day is not None:
        return Day(date.fromisoformat(day).toordinal())
    try:
        return read_iso(value, None)
    except TimeError:
        return None


def is_time(value: Any) -> bool:
    """Tell whether a value is a date, or a moment that names its offset."""
    return read_time(value) is not None


def is_date(value: Any) -> bool:
    """Tell whether a value is a date."""
    return isinstance(read_time(value), Day)


def _read_both(value: Any, operand: Any, kind: Kind) -> tuple[Comparable | None, Comparable | None]:
    if kind is Kind.TIME or (kind is Kind.EITHER and isinstance(operand, str)):
        return read_time(value), read_time(operand)
    return read_number(value) if kind is Kind.NUMBER else _read_own_number(value), read_number(operand)


def _read_own_number(value: Any) -> Decimal | None:
    """Read a number of no declared type: a text is none, whatever it says."""
    return None if isinstance(value, str) else read_number(value)


def _compare(value: Comparable | None, operand: Comparable | None, zone: tzinfo) -> int | None:
    """Tell whether a value comes before (-1), at (0) or after (1) an operand; None when they cannot be compared.

    A moment is compared with a date as the day on which it falls; a date with nothing but a date.
    """
    if value is None or operand is None:
        return None
    if isinstance(value, Day) != isinstance(operand, Day):
        if isinstance(value, Day):
            return None
        return _way(day_of(cast("Instant", value), zone), cast("Day", operand).number)
    return _way(value, operand)


def _way(value: Any, operand: Any) -> int:
    return (value > operand) - (value < operand)
