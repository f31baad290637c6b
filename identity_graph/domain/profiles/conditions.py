"""Conditions on values of JSON, as the catalogue writes them: of properties of events, and of computed traits."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any, NamedTuple, cast

from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import fit


class Operator(StrEnum):
    """How a value is compared with the one of a condition."""

    IS = "is"
    NOT = "not"
    IN = "in"
    ABOVE = "above"
    FROM = "from"
    TO = "to"
    BELOW = "below"
    CONTAINS = "contains"
    EXISTS = "exists"


NUMERIC = frozenset({Operator.ABOVE, Operator.FROM, Operator.TO, Operator.BELOW})

_FROM_BELOW = frozenset({Operator.ABOVE, Operator.FROM})
_FROM_ABOVE = frozenset({Operator.TO, Operator.BELOW})
_NUMBER = TraitType(name="", type=ValueType.DECIMAL)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition; ``operand`` is a text, a number or a flag, and a tuple of these for ``in``."""

    operator: Operator
    operand: Any

    def holds(self, value: Any) -> bool:
        """Tell whether it holds for a value; None is an absent one, for which only ``not`` and ``exists: false`` hold."""
        match self.operator:
            case Operator.EXISTS:
                return (value is not None) == self.operand
            case Operator.IS:
                return _are_equal(value, self.operand)
            case Operator.NOT:
                return not _are_equal(value, self.operand)
            case Operator.IN:
                return any(_are_equal(value, one) for one in self.operand)
            case Operator.CONTAINS:
                return _contains(value, self.operand)
            case _:
                return self._compares(fit(value, _NUMBER))

    def _compares(self, number: float | None) -> bool:
        if number is None:
            return False
        match self.operator:
            case Operator.ABOVE:
                return number > self.operand
            case Operator.FROM:
                return number >= self.operand
            case Operator.TO:
                return number <= self.operand
            case _:
                return number < self.operand


class Span(NamedTuple):
    """The numbers for which conditions hold. Each end has a flag: the lowest is left out, the greatest is not."""

    lowest: tuple[float, bool]
    greatest: tuple[float, bool]

    @property
    def is_empty(self) -> bool:
        """Whether there is no such number."""
        (lowest, left_out), (greatest, is_in) = self
        return lowest > greatest or (lowest == greatest and (left_out or not is_in))

    def covers(self, other: "Span") -> bool:
        """Whether all numbers of another span are in this one."""
        return self.lowest <= other.lowest and self.greatest >= other.greatest


def span_of(conditions: Sequence[Condition]) -> Span:
    """Give the numbers for which all numeric conditions among some hold."""
    lowest = [(c.operand, c.operator is Operator.ABOVE) for c in conditions if c.operator in _FROM_BELOW]
    greatest = [(c.operand, c.operator is Operator.TO) for c in conditions if c.operator in _FROM_ABOVE]
    return Span(max(lowest, default=(-inf, False)), min(greatest, default=(inf, True)))


def hold_whenever(these: Sequence[Condition], those: Sequence[Condition]) -> bool:
    """Whether ``these`` surely hold for every value for which ``those`` do; only bounds of numbers are compared."""
    if not all(condition.operator in NUMERIC for condition in these):
        return False
    return not these or (any(c.operator in NUMERIC for c in those) and span_of(these).covers(span_of(those)))


def _are_equal(value: Any, operand: Any) -> bool:
    if isinstance(operand, int | float) and not isinstance(operand, bool):
        return fit(value, _NUMBER) == operand
    return value is not None and text_of(value) == text_of(operand)


def _contains(value: Any, operand: Any) -> bool:
    if isinstance(value, list):
        return any(_are_equal(one, operand) for one in cast("list[Any]", value))
    return isinstance(value, str) and isinstance(operand, str) and operand in value
