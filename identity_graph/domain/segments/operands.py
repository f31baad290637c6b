"""Checking what a value is compared with: the operator must make sense for its type, and the operand be of it."""

from collections.abc import Iterator
from typing import Any

from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.segments.comparing import is_date, is_time, read_number, read_time
from identity_graph.domain.segments.fields import DURATION, Finding, describe, find_span, hint_of_span
from identity_graph.domain.segments.rule_tree import ORDERING, RELATIVE, Operand, Operator
from identity_graph.domain.segments.types import OPERATORS
from identity_graph.domain.values.instants import DAY

LONGEST_ANNIVERSARY_DAYS = 180
"""Days before an anniversary that ANNIVERSARY_WITHIN can mean."""

_DATE = "a date, such as 2026-01-31"
_TIME = f"{_DATE}, or a moment that names its offset, such as 2026-01-31T08:00:00+08:00"
_EXPECTED = {
    ValueType.TEXT: "a text",
    ValueType.INTEGER: "a number",
    ValueType.DECIMAL: "a number of at most 18 digits before and after the point",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: f"{_DATE}; a date has no time of day",
    ValueType.MOMENT: _TIME,
}


def check_comparison(op: Operator, operand: Operand, type: ValueType, path: str, what: str) -> Iterator[Finding]:
    """Check an operator and its operand for a value of a type; ``what`` names the value."""
    if op not in OPERATORS[type]:
        offered = ", ".join(one for one in Operator if one in OPERATORS[type])
        yield Finding(
            f"{path}.op", f"{op} makes no sense for {what}, which is of the type {type}; use one of {offered}"
        )
    elif op in RELATIVE:
        yield from _check_span(op, operand, path)
    elif op is not Operator.EXISTS:
        operands = operand if isinstance(operand, tuple) else (operand,)
        problems = [problem for one in operands if (problem := _find_problem(op, one, type)) is not None]
        yield from (Finding(f"{path}.value", problem) for problem in dict.fromkeys(problems))
        if op is Operator.BETWEEN and not problems and not _is_rising(operands):
            yield Finding(f"{path}.value", "the smaller value must come first, and both be of one kind")


def _check_span(op: Operator, operand: Operand, path: str) -> Iterator[Finding]:
    span = find_span(operand)
    if span is None:
        got = f"expected {DURATION}, got {describe(operand)}{hint_of_span(operand)}"
        yield Finding(f"{path}.value", got)
    elif op is Operator.ANNIVERSARY_WITHIN and span.micros > LONGEST_ANNIVERSARY_DAYS * DAY:
        yield Finding(f"{path}.value", f"an anniversary can be at most {LONGEST_ANNIVERSARY_DAYS} days ahead")


def _find_problem(op: Operator, operand: Any, type: ValueType) -> str | None:
    """Say what is wrong with an operand; None when nothing is."""
    if type is ValueType.LIST:
        return None
    if type is ValueType.ANY:
        return _find_problem_of_any(op, operand)
    fits = _fits(operand, type)
    return None if fits else f"expected {_EXPECTED[type]}, got {describe(operand)}"


def _fits(operand: Any, type: ValueType) -> bool:
    match type:
        case ValueType.TEXT:
            return isinstance(operand, str)
        case ValueType.BOOLEAN:
            return isinstance(operand, bool)
        case ValueType.DATE:
            return is_date(operand)
        case ValueType.MOMENT:
            return is_time(operand)
        case _:
            return (
                not isinstance(operand, bool | str)
                and fit(operand, TraitType(name="", type=ValueType.DECIMAL)) is not None
            )


def _find_problem_of_any(op: Operator, operand: Any) -> str | None:
    if isinstance(operand, bool):
        return "true and false have no order" if op in ORDERING else None
    if isinstance(operand, int | float):
        is_part = op is Operator.STARTS_WITH
        if is_part or read_number(operand) is None:
            return f"expected {'a text' if is_part else _EXPECTED[ValueType.DECIMAL]}, got {describe(operand)}"
        return None
    if op in ORDERING and not is_time(operand):
        return f"texts have no order; expected a number, {_TIME}, got {describe(operand)}"
    return None


def _is_rising(operands: tuple[Any, ...]) -> bool:
    smaller, greater = operands
    if isinstance(smaller, str) and isinstance(greater, str):
        return is_date(smaller) == is_date(greater) and read_time(smaller) <= read_time(greater)
    return not isinstance(smaller, str) and not isinstance(greater, str) and smaller <= greater
