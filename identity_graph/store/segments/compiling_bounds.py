"""What a compiled condition is: two expressions of Cypher about a customer ``c``, between which the truth lies.

Whoever is in is in the ``upper`` one, and whoever is in the ``lower`` one is in. Where both are the same, Cypher alone decides;
the others are *unsure*, and the evaluator decides. Nothing but parameters carries what people wrote.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from identity_graph.domain.segments.rule_tree import Operator
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST, LATEST

TRUE, FALSE = "true", "false"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNS = {Operator.EQ: "=", Operator.NE: "<>", Operator.LT: "<", Operator.LE: "<=", Operator.GT: ">", Operator.GE: ">="}


class Parameters:
    """The parameters of a query, named in the order in which they are given."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def __call__(self, value: Any) -> str:
        """Take a value, and give its name."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def moment(self, at: Instant) -> str:
        """Take a moment; beyond the calendar, the first or the last one."""
        inside = min(max(at, EARLIEST), LATEST)
        return self(_EPOCH + timedelta(microseconds=inside))


class Bounds(NamedTuple):
    """Who may be in, and who is for sure."""

    upper: str
    lower: str

    @property
    def is_exact(self) -> bool:
        """Whether nobody is unsure."""
        return self.upper == self.lower


def exactly(expression: str) -> Bounds:
    """Make the bounds of a condition that Cypher decides."""
    return Bounds(expression, expression)


ANYBODY, NOBODY = exactly(TRUE), exactly(FALSE)
UNSURE = Bounds(TRUE, FALSE)


def all_of(bounds: Iterable[Bounds]) -> Bounds:
    """All of these hold."""
    uppers, lowers = _apart(bounds)
    return Bounds(both(*uppers), both(*lowers))


def any_of(bounds: Iterable[Bounds]) -> Bounds:
    """At least one of these holds."""
    uppers, lowers = _apart(bounds)
    return Bounds(either(*uppers), either(*lowers))


def not_so(bounds: Bounds) -> Bounds:
    """Negate bounds: whoever was in for sure is out for sure."""
    return Bounds(no(bounds.lower), no(bounds.upper))


def both(*expressions: str) -> str:
    """Join expressions, of which all have to hold."""
    told = dict.fromkeys(one for one in expressions if one != TRUE)
    return FALSE if FALSE in told else _join(" AND ", told) if told else TRUE


def either(*expressions: str) -> str:
    """Join expressions, of which one has to hold."""
    told = dict.fromkeys(one for one in expressions if one != FALSE)
    return TRUE if TRUE in told else _join(" OR ", told) if told else FALSE


def no(expression: str) -> str:
    """Negate an expression, which is never unknown."""
    return {TRUE: FALSE, FALSE: TRUE}.get(expression, f"NOT ({expression})")


def compare(expression: str, op: Operator, operand: Any, given: Parameters) -> str:
    """Compare a whole number with a number of a rule."""
    if op in _SIGNS:
        return f"{expression} {_SIGNS[op]} {given(operand)}"
    if op is Operator.BETWEEN:
        least, most = operand
        return both(f"{expression} >= {given(least)}", f"{expression} <= {given(most)}")
    inside = f"{expression} IN {given([*operand])}"
    return inside if op is Operator.IN else no(inside)


def compare_nearly(expression: str, op: Operator, operand: Any, given: Parameters, error: float) -> Bounds:
    """Compare a number that is known but for an error; close to what it is compared with, it is unsure."""
    match op:
        case Operator.NE:
            return not_so(compare_nearly(expression, Operator.EQ, operand, given, error))
        case Operator.NOT_IN:
            return not_so(compare_nearly(expression, Operator.IN, operand, given, error))
        case Operator.IN:
            return any_of(compare_nearly(expression, Operator.EQ, one, given, error) for one in operand)
        case Operator.BETWEEN:
            least, most = operand
            return all_of(
                [
                    compare_nearly(expression, Operator.GE, least, given, error),
                    compare_nearly(expression, Operator.LE, most, given, error),
                ]
            )
        case Operator.EQ:
            return Bounds(f"abs({expression} - {given(operand)}) <= {given(error)}", FALSE)
        case Operator.GE | Operator.GT:
            return Bounds(f"{expression} >= {given(operand - error)}", f"{expression} >= {given(operand + error)}")
        case _:
            return Bounds(f"{expression} <= {given(operand + error)}", f"{expression} <= {given(operand - error)}")


def is_there(pattern: str, *conditions: str) -> str:
    """Ask whether there is such a thing."""
    wanted = both(*conditions)
    if wanted == FALSE:
        return FALSE
    return f"EXISTS {{ {pattern} }}" if wanted == TRUE else f"EXISTS {{ {pattern} WHERE {wanted} }}"


def how_many(pattern: str, *conditions: str) -> str:
    """Count such things."""
    wanted = both(*conditions)
    if wanted == FALSE:
        return "0"
    return f"COUNT {{ {pattern} }}" if wanted == TRUE else f"COUNT {{ {pattern} WHERE {wanted} }}"


def count_between(possible: str, certain: str, op: Operator, value: int, given: Parameters) -> Bounds:
    """Compare a number of things that lies between two counts."""
    if possible == certain:
        return exactly(compare(possible, op, value, given))
    match op:
        case Operator.GE | Operator.GT:
            return Bounds(compare(possible, op, value, given), compare(certain, op, value, given))
        case Operator.LE | Operator.LT:
            return Bounds(compare(certain, op, value, given), compare(possible, op, value, given))
        case Operator.NE:
            return not_so(count_between(possible, certain, Operator.EQ, value, given))
        case _:
            most, least = compare(certain, Operator.LE, value, given), compare(possible, Operator.GE, value, given)
            same = both(compare(certain, Operator.EQ, value, given), compare(possible, Operator.EQ, value, given))
            return Bounds(both(most, least), same)


def _apart(bounds: Iterable[Bounds]) -> tuple[list[str], list[str]]:
    own = list(bounds)
    return [one.upper for one in own], [one.lower for one in own]


def _join(word: str, told: Iterable[str]) -> str:
    own = list(told)
    return own[0] if len(own) == 1 else word.join(f"({one})" for one in own)
