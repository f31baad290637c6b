"""Numbers as identifiers and as values: a number that may have lost digits is not an identifier.

The one reading of numbers that the collector, files and GraphQL share. Floating-point numbers tell neighbouring whole
numbers apart only below 2^53; an id of 18 digits that went through one is the id of somebody else.
"""

import re
from decimal import Decimal

EXACT_BELOW = 2**53
"""From here on a floating-point number of double precision no longer tells neighbouring whole numbers apart."""

LEAST, MOST = -(2**63), 2**64 - 1
"""The whole numbers that JSON carries here: those of 64 bits."""

_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?[Ee]\+\d+")
"""How spreadsheets write a number that is too long for them: ``1.23457E+17``."""


class InexactNumberError(ValueError):
    """A number that cannot be told from others. The message ends a sentence that names the field: "… is a number …"."""


class Single(float):
    """A number of a column of single (or half) precision: whole ones are exact below ``exact_below`` only."""

    __slots__ = ("exact_below",)

    def __new__(cls, value: float, exact_below: int) -> "Single":
        """Keep with the number how exact its column is."""
        made = super().__new__(cls, value)
        made.exact_below = exact_below
        return made

    exact_below: int


def read_id(value: object) -> str | None:
    """Read a text or a number as an identifier; None when it is neither.

    A whole number is its digits, whatever type it came as (``12.0`` is ``12``).

    Raises:
        InexactNumberError: the number may stand for several: it has a fraction, or is floating-point and too long; or
            the text is a number that a spreadsheet shortened.
    """
    if type(value) is str:
        if "E+" in value or "e+" in value:
            _refuse_shortened(value)
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, float):
        exact_below = value.exact_below if isinstance(value, Single) else EXACT_BELOW
        if not value.is_integer():
            raise InexactNumberError("a number with a fraction, which may have lost digits: give it as text")
        if abs(value) >= exact_below:
            raise InexactNumberError("a floating-point number too long to be exact: give it as text")
        return str(int(value))
    return read_decimal_text(value) if isinstance(value, Decimal) else None


def read_decimal_text(value: Decimal) -> str:
    """Write an exact decimal with all its digits, without zeros at the end of its fraction.

    Raises:
        InexactNumberError: it is no number at all (NaN, Infinity).
    """
    if not value.is_finite():
        raise InexactNumberError("not a number (NaN or Infinity)")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _refuse_shortened(text: str) -> None:
    if _SHORTENED.fullmatch(text.strip()) is not None:
        raise InexactNumberError(
            "a number that a spreadsheet shortened (such as 1.23E+17): format the column as text and save it again"
        )
