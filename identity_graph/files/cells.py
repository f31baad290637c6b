"""Cells of tables: text, or what Parquet holds, to values of JSON."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, cast
from uuid import UUID

from identity_graph.domain.collecting.segment.identifiers import IDENTIFIER_PLACES
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.json_reader import JsonError, NoNumber, read_json
from identity_graph.domain.values.numbers import (
    EXACT_BELOW,
    LEAST,
    MOST,
    InexactNumberError,
    Single,
    read_decimal_text,
    read_id,
)
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import (
    LATEST_OF_A_COUNT,
    TimeError,
    read_epoch,
    read_moment,
    refuse_january_1970,
    to_instant,
)
from identity_graph.files.mapping import ISO, NUMBERS, EpochUnit, TimeFormat, ValueType

_FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True} | {
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}
_UNITS = {EpochUnit.SECONDS: 1_000_000, EpochUnit.MILLISECONDS: 1_000}
_LARGEST_FLOAT = 1e300


class CellError(ValueError):
    """A cell is not what the mapping says; the message says what was expected, without the cell's content."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands for a cell of Parquet that Python has no value for."""

    problem: str


def read_cell(cell: object, kind: ValueType, time_format: TimeFormat) -> Any:
    """Read a cell that is not empty as a value of JSON.

    Raises:
        CellError: it cannot be read as that, or not with all its digits.
    """
    match kind:
        case ValueType.TEXT:
            return cell if isinstance(cell, str) else plain(cell)
        case ValueType.TIME:
            return read_time(cell, time_format)
        case ValueType.JSON:
            return _read_json(cell)
        case ValueType.BOOLEAN:
            flag = _FLAGS.get(_read_single(cell).strip().lower())
            if flag is None:
                raise CellError("expected true or false, yes or no, 1 or 0")
            return flag
        case ValueType.INTEGER | ValueType.NUMBER:
            if isinstance(cell, float) and not isfinite(cell):
                return NoNumber(cell)
            number = read_number(_read_single(cell).strip(), must_be_exact=isinstance(cell, Decimal))
            if number is None:
                raise CellError(
                    "expected a number such as 1234.5 (no thousands separators), of at most 64 bits or some 15 digits: "
                    "leave `type` out to keep every digit as text"
                )
            if kind is ValueType.INTEGER:
                if number != int(number):
                    raise CellError("expected a whole number")
                return int(number)
            return number


def read_id_cell(cell: object) -> str:
    """Read a cell as an identifier or a part of a message id: every digit of a number counts.

    Raises:
        CellError: it is a number that may stand for several, a list, a structure, or bytes that are no text.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    value = cell if isinstance(cell, str | int | float | Decimal) else plain(cell)
    try:
        text = read_id(value)
    except InexactNumberError as error:
        raise CellError(f"it is {error}") from None
    if text is None:
        raise CellError("expected a single value, not a list or a structure")
    return text


def refuse_inexact(cell: object, kind: ValueType, place: tuple[str, ...]) -> None:
    """Refuse a cell that would be an identifier in its place, and lost digits in its column or would lose them as a number.

    ``place`` is where the cell goes to in the message. What stands inside it is looked at too.

    Raises:
        CellError: it holds such a number.
    """
    if isinstance(cell, ReadOnly):
        for name, value in cast("ReadOnly[object, object]", cell).items():
            refuse_inexact(value, kind, (*place, str(name)))
    elif isinstance(cell, list):
        for value in cast("list[object]", cell):
            refuse_inexact(value, kind, place)
    elif place not in IDENTIFIER_PLACES or not (isinstance(cell, Single) or kind in NUMBERS):
        return
    elif isinstance(cell, str) or (isinstance(cell, float) and isfinite(cell)):
        read_id_cell(cell)


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


def read_time(cell: object, time_format: TimeFormat) -> str:
    """Read a time as ISO 8601 in UTC.

    Raises:
        CellError: it is not written in this format, or is a number that is no time of an event.
    """
    if isinstance(cell, date):
        moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
        try:
            return format_instant(_as_instant(moment, time_format))
        except TimeError as error:
            raise CellError(f"it {error}") from None
    return _parse_time(_read_single(cell).strip(), time_format)


@lru_cache(maxsize=4096)
def _parse_time(text: str, time_format: TimeFormat) -> str:
    """Parse one text; days repeat, so the answers are kept for a while."""
    pattern = time_format.pattern
    try:
        if pattern == ISO:
            instant = read_moment(text, time_format.zone)
        elif pattern in _UNITS:
            instant = read_epoch(text, _UNITS[EpochUnit(pattern)])
            if time_format.of_event:
                _refuse_another_unit(instant)
        else:
            instant = _as_instant(datetime.strptime(text, pattern), time_format)  # noqa: DTZ007 - the zone is set there
    except TimeError as error:
        if pattern == ISO:
            raise CellError(f"it {error}; or say in the mapping how it is written, such as `format: epoch_s`") from None
        raise CellError(f"expected a time as {pattern}, and it {error}: set `format` in the mapping") from None
    except ValueError:
        raise CellError(f"expected a time as {pattern}: set `format` in the mapping") from None
    return format_instant(instant)


def _refuse_another_unit(instant: Instant) -> None:
    if abs(instant) >= LATEST_OF_A_COUNT:
        raise TimeError(
            "has too many digits, so its unit is wrong; for a time such as 20260131083000 use `format: iso`"
        )
    try:
        refuse_january_1970(instant)
    except TimeError:
        raise TimeError("is in January 1970, so its unit is wrong") from None


def _as_instant(moment: datetime, time_format: TimeFormat) -> Instant:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_format.zone)
    return to_instant(moment)


def _read_single(cell: object) -> str:
    """Write a cell as text, a number with all its digits."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    value = plain(cell)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, str | int):
        return str(value)
    raise CellError("expected a single value, not a list or a structure")


def _read_json(cell: object) -> Any:
    if not isinstance(cell, str):
        return plain(cell)
    try:
        return read_json(cell.encode("utf-8", "surrogatepass"))
    except JsonError as error:
        raise CellError(f"expected JSON: it {error}") from None


def plain(cell: object) -> Any:
    """Turn what Parquet holds into a value of JSON: times to ISO 8601, bytes to text.

    A decimal is a number when a number can hold all its digits, and else a text. NaN and Infinity stay what they are: the
    reader of messages leaves them out.

    Raises:
        CellError: it cannot be: bytes that are no UTF-8, a type that JSON has no form for.
    """
    match cell:
        case None | str() | bool() | int():
            return cell
        case float():
            return float(cell) if isfinite(cell) else NoNumber(cell)
        case Decimal():
            text = read_decimal_text(cell)
            number = read_number(text, must_be_exact=True)
            return text if number is None else number
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return cell.total_seconds()
        case UUID():
            return str(cell)
        case bytes():
            try:
                return cell.decode()
            except UnicodeDecodeError:
                raise CellError("expected text, not bytes that are not UTF-8") from None
        case ReadOnly():
            return {str(key): plain(value) for key, value in cast("ReadOnly[object, object]", cell).items()}
        case Sequence():
            return [plain(value) for value in cast("Sequence[object]", cell)]
        case Unreadable(problem):
            raise CellError(problem)
        case _:
            raise CellError(f"a {type(cell).__name__} cannot be written as JSON")
