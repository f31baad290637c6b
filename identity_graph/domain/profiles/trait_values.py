"""Values of traits: whether one fits the declared type, and the one form in which values of a type are compared.

Sources write the same value in several ways: a CSV file says ``"42"`` where an SDK says ``42``. What has an exact form in
the declared type is read as that; anything else does not fit.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.times import TimeError, read_moment

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FLAGS = {"true": True, "false": False}

MOST_DIGITS = 18
"""Digits before the point, and after it, that a number may have: sums of such numbers are exact."""


def fit(value: Any, trait: TraitType) -> Any:
    """Read a JSON value as one of the trait's type; None when it does not fit, or is not among the allowed ones.

    Numbers come back as int, or as float where they have a fraction; moments as ISO 8601 in UTC.
    """
    found = _READERS[trait.type](value)
    if trait.values and found not in trait.values:
        return None
    return found


def decimal_of(value: float) -> Decimal:
    """Give a number exactly as it is written: 0.1 is a tenth."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def number_of(value: Decimal) -> int | float:
    """Give a decimal as JSON has it: whole numbers without a fraction, others as the nearest number."""
    return int(value) if value == value.to_integral_value() else float(value)


def _read_text(value: Any) -> str | None:
    if type(value) is str:
        return value
    return str(value) if type(value) is int else None


def _read_integer(value: Any) -> int | None:
    number = _read_decimal(value)
    return number if type(number) is int else None


def _read_decimal(value: Any) -> int | float | None:
    """Read a number; a whole one becomes an int, so that 3, 3.0 and "3" are one value."""
    if type(value) is str:
        if _NUMBER.fullmatch(value) is None:
            return None
        number = Decimal(value)
    elif type(value) is int or type(value) is float:
        number = decimal_of(value)
    else:
        return None
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or -exponent > MOST_DIGITS or len(digits) + exponent > MOST_DIGITS:
        return None
    return number_of(number)


def _read_boolean(value: Any) -> bool | None:
    if type(value) is bool:
        return value
    return _FLAGS.get(value) if type(value) is str else None


def _read_date(value: Any) -> str | None:
    if type(value) is not str or _DATE.fullmatch(value) is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _read_moment(value: Any) -> str | None:
    """Read a moment as events have theirs; a text without an offset is in UTC."""
    if type(value) is bool:
        return None
    try:
        return format_instant(read_moment(value))
    except TimeError:
        return None


_READERS: dict[ValueType, Callable[[Any], Any]] = {
    ValueType.TEXT: _read_text,
    ValueType.INTEGER: _read_integer,
    ValueType.DECIMAL: _read_decimal,
    ValueType.BOOLEAN: _read_boolean,
    ValueType.DATE: _read_date,
    ValueType.MOMENT: _read_moment,
    ValueType.LIST: lambda value: value if type(value) is list else None,
    ValueType.OBJECT: lambda value: value if type(value) is dict else None,
    ValueType.ANY: lambda value: value,
}
