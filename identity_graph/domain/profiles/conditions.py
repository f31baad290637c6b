"""Conditions on values of JSON, as the catalogue writes them: of properties of events, and of computed traits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

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


def _are_equal(value: Any, operand: Any) -> bool:
    if isinstance(operand, int | float) and not isinstance(operand, bool):
        return fit(value, _NUMBER) == operand
    return value is not None and text_of(value) == text_of(operand)


def _contains(value: Any, operand: Any) -> bool:
    if isinstance(value, list):
        return any(_are_equal(one, operand) for one in cast("list[Any]", value))
    return isinstance(value, str) and isinstance(operand, str) and operand in value
