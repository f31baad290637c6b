"""Numbers in the cells of tables, also as people and tills write amounts: separators, currency signs, minus signs."""

import re
import unicodedata
from decimal import Decimal

from identity_graph.domain.values.numbers import EXACT_BELOW, LEAST, MOST, InexactNumberError, read_decimal_text

_GROUPING = {".": ",", ",": "."}
"""For each mark that can be the point of a number the one that then parts groups of three digits."""
_BLANKS = "\u00a0\u202f\u2009 "
_QUOTES = "'\u2019"
_WORDS = re.compile(r"^[A-Z]{3}(?![A-Za-z])|^[A-Z]{1,2}(?=[$¥￥])|(?<![A-Za-z])[A-Z]{3}$|[元圆圓円]$")
"""Codes and words of currencies; in small letters stand units, such as ``5pcs``."""
_MINUS = "-\u2212"
_DIGITS = {
    mark: re.compile(
        rf"\d{{1,3}}(?:([{re.escape(other)}{_BLANKS}{_QUOTES}])\d{{3}})(?:\1\d{{3}})*(?:{re.escape(mark)}\d+)?"
    )
    for mark, other in _GROUPING.items()
}
_PLAIN = {mark: re.compile(rf"\d+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+") for mark in _GROUPING}
_LONGEST = 60
_LARGEST_FLOAT = 1e300


class CellError(ValueError):
    """A cell is not what the mapping says; the message says what was expected, without the cell's content."""


def read_number(text: str, *, must_be_exact: bool = False) -> int | float | None:
    """Read a number in plain digits; None when it is something else, or has more digits than can be kept.

    Whole numbers of at most 64 bits keep every digit. A fraction becomes the nearest floating-point number, unless it
    ``must_be_exact``.
    """
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not digits or not digits.isascii() or digits[0] not in ".0123456789" or "_" in digits:
        return None
    if digits.isdecimal():
        number = int(text) if len(digits) < 100 else MOST + 1
        return number if LEAST <= number <= MOST else None
    try:
        number = float(text)
    except ValueError:
        return None
    if abs(number) >= _LARGEST_FLOAT:
        return None
    if abs(number) < EXACT_BELOW and not must_be_exact:
        return number
    exact = Decimal(text)
    if exact == Decimal(repr(number)) and abs(number) < EXACT_BELOW:
        return number
    if exact != exact.to_integral_value():
        return None
    if LEAST <= exact <= MOST:
        return int(exact)
    return None if must_be_exact else number


def read_amount(text: str, point: str) -> Decimal:
    """Read an amount with all its digits; ``point`` is how the point of a number is written, a point or a comma.

    The other one, a blank and an apostrophe may part groups of three digits. A currency sign, a code of three letters, and
    元 are left out: the mapping says in which currency a column is.

    Raises:
        CellError: it is no amount, or its separators fit the other way of writing a number.
    """
    rest = text.strip(_BLANKS)
    if len(rest) > _LONGEST:
        raise _expected(point)
    is_negative = rest.startswith("(") and rest.endswith(")")
    rest = rest[1:-1] if is_negative else rest
    rest, signs = _without_signs(rest)
    if signs > 1 or (signs and is_negative):
        raise _expected(point)
    if _DIGITS[point].fullmatch(rest) is not None:
        digits = "".join(mark for mark in rest if mark.isdigit() or mark == point)
    elif _PLAIN[point].fullmatch(rest) is not None and rest.isascii():
        digits = rest
    else:
        raise _expected(point)
    found = Decimal(digits.replace(",", "."))
    return -found if is_negative or signs else found


def write_amount(amount: Decimal) -> int | float:
    """Write an amount as a number of JSON.

    Raises:
        CellError: a number of JSON cannot hold all its digits.
    """
    try:
        number = read_number(read_decimal_text(amount), must_be_exact=True)
    except InexactNumberError:
        number = None
    if number is None:
        raise CellError("it has more digits than a number can keep (some 15): leave `type` out to keep them as text")
    return number


def _without_signs(text: str) -> tuple[str, int]:
    """Take off currency signs and codes and count the minus signs, in whatever order they stand around the digits."""
    signs = 0
    while text:
        first, last = text[0], text[-1]
        if first in _MINUS or last in _MINUS:
            signs += 1
            text = text[1:] if first in _MINUS else text[:-1]
        elif first == "+" or _is_currency(first):
            text = text[1:]
        elif _is_currency(last):
            text = text[:-1]
        elif (word := _WORDS.search(text)) is not None:
            text = text[word.end() :] if word.start() == 0 else text[: word.start()]
        elif text != text.strip(_BLANKS):
            text = text.strip(_BLANKS)
        else:
            break
    return text, signs


def _is_currency(mark: str) -> bool:
    return unicodedata.category(mark) == "Sc"


def _expected(point: str) -> CellError:
    example, other = ("1,234.50", "comma") if point == "." else ("1.234,50", "point")
    return CellError(f"expected an amount such as {example}; or set `decimal: {other}` in the mapping")
