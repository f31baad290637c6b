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
from identity_graph.domain.values.numbers import InexactNumberError, Single, read_decimal_text, read_id
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import (
    LATEST_OF_A_COUNT,
    TimeError,
    read_epoch,
    read_moment,
    refuse_january_1970,
    to_instant,
)
from identity_graph.files.cell_numbers import CellError, read_amount, read_number, write_amount
from identity_graph.files.mapping import ISO, NUMBERS, EpochUnit, TimeFormat, ValueType

_FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True} | {
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}
_EXCEL_BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 - it has the zone of the file
_FIRST_DAY_OF_EXCEL, _LAST_DAY_OF_EXCEL = 61, 2_958_466
"""From March 1900, since spreadsheets count a 29 February 1900, to the end of 9999."""
_UNITS = {EpochUnit.SECONDS: 1_000_000, EpochUnit.MILLISECONDS: 1_000}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands for a cell of Parquet that Python has no value for."""

    problem: str


def read_cell(cell: object, kind: ValueType, time_format: TimeFormat, *, point: str = ".", separator: str = ",") -> Any:
    """Read a cell that is not empty as a value of JSON; ``point`` is how an amount writes its point.

    Raises:
        CellError: it cannot be read as that, or not with all its digits.
    """
    match kind:
        case ValueType.TEXT:
            return cell if isinstance(cell, str) else plain(cell)
        case ValueType.TIME:
            return read_time(cell, time_format)
        case ValueType.DATE:
            return read_time(cell, time_format)[: len("2026-01-31")]
        case ValueType.JSON:
            return _read_json(cell)
        case ValueType.AMOUNT:
            return write_amount(read_amount_cell(cell, point))
        case ValueType.LIST:
            return _read_list(cell, separator)
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


def read_amount_cell(cell: object, point: str) -> Decimal:
    """Read a cell as an amount with all its digits; a number of Parquet has no separators.

    Raises:
        CellError: it is no amount.
    """
    if isinstance(cell, float) and not isfinite(cell):
        raise CellError("expected an amount, not NaN or Infinity")
    return read_amount(cell, point) if isinstance(cell, str) else read_amount(_read_single(cell), ".")


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
    if len(time_format.patterns) == 1:
        return format_instant(_parse_as(text, time_format.patterns[0], time_format))
    for pattern in time_format.patterns:
        try:
            return format_instant(_parse_as(text, pattern, time_format))
        except CellError:
            continue
    raise CellError(f"expected a time as {' or '.join(time_format.patterns)}: set `format` in the mapping")


def _parse_as(text: str, pattern: str, time_format: TimeFormat) -> Instant:
    try:
        if pattern == ISO:
            return read_moment(text, time_format.zone)
        if pattern == EpochUnit.EXCEL:
            return _as_instant(_parse_excel(text), time_format)
        if pattern in _UNITS:
            instant = read_epoch(text, _UNITS[EpochUnit(pattern)])
            if time_format.of_event:
                _refuse_another_unit(instant)
            return instant
        return _as_instant(datetime.strptime(text, pattern), time_format)  # noqa: DTZ007 - the zone is set there
    except TimeError as error:
        if pattern == ISO:
            raise CellError(f"it {error}; or say in the mapping how it is written, such as `format: epoch_s`") from None
        raise CellError(f"expected a time as {pattern}, and it {error}: set `format` in the mapping") from None
    except ValueError:
        raise CellError(f"expected a time as {pattern}: set `format` in the mapping") from None


def _parse_excel(text: str) -> datetime:
    """Read the days of a spreadsheet, to the millisecond: their fraction is not exact beyond that."""
    number = read_number(text.replace(",", ".", 1))
    if number is None or not _FIRST_DAY_OF_EXCEL <= number < _LAST_DAY_OF_EXCEL:
        raise TimeError("is no number of days since 1900")
    return _EXCEL_BEGINS + timedelta(milliseconds=round(number * 86_400_000))


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


def _read_list(cell: object, separator: str) -> list[Any]:
    """Read the items of a cell; blank ones are none."""
    value = plain(cell)
    if isinstance(value, str):
        return [item for item in (part.strip() for part in value.split(separator)) if item]
    if isinstance(value, list):
        return cast("list[Any]", value)
    return [value]


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
