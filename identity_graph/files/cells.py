"""Cells of tables: text, or what Parquet holds, to values of JSON."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import orjson

from identity_graph.files.mapping import ISO, EpochUnit, TimeFormat, ValueType

_FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True} | {
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST, _MOST = -(2**63), 2**64 - 1
_LARGEST_FLOAT = 1e300


class CellError(ValueError):
    """A cell is not what the mapping says; the message says what was expected, without the cell's content."""


def read_cell(cell: object, kind: ValueType, time_format: TimeFormat) -> Any:
    """Read a cell that is not empty as a value of JSON.

    Raises:
        CellError: it cannot be read as that.
    """
    match kind:
        case ValueType.TEXT:
            return cell if isinstance(cell, str) else plain(cell)
        case ValueType.TIME:
            return read_time(cell, time_format)
        case ValueType.JSON:
            return _read_json(cell)
        case ValueType.BOOLEAN:
            flag = _FLAGS.get(read_text(cell).strip().lower())
            if flag is None:
                raise CellError("expected true or false, yes or no, 1 or 0")
            return flag
        case ValueType.INTEGER | ValueType.NUMBER:
            number = read_number(read_text(cell).strip())
            if number is None:
                raise CellError("expected a number such as 1234.5 (no thousands separators), of at most 64 bits")
            if kind is ValueType.INTEGER:
                if number != int(number):
                    raise CellError("expected a whole number")
                return int(number)
            return number


def read_text(cell: object) -> str:
    """Read a cell as text: numbers in plain digits, times in ISO 8601.

    Raises:
        CellError: it holds a list, a structure or bytes that are no text.
    """
    if isinstance(cell, str):
        return cell
    value = plain(cell)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise CellError("expected a single value, not a list or a structure")


def read_number(text: str) -> int | float | None:
    """Read a number in plain digits, of at most 64 bits; None when it is something else."""
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not digits or not digits.isascii() or digits[0] not in ".0123456789" or "_" in digits:
        return None
    if digits.isdecimal():
        number = int(text) if len(digits) < 100 else _MOST + 1
        return number if _LEAST <= number <= _MOST else None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < _LARGEST_FLOAT else None


def read_time(cell: object, time_format: TimeFormat) -> str:
    """Read a time as ISO 8601 in UTC.

    Raises:
        CellError: it is not written in this format.
    """
    try:
        if isinstance(cell, datetime):
            return _in_utc(cell, time_format)
        if isinstance(cell, date):
            return _in_utc(datetime.combine(cell, time()), time_format)
        return _parse_time(read_text(cell).strip(), time_format)
    except (ValueError, OverflowError):
        wanted = "ISO 8601" if time_format.pattern == ISO else time_format.pattern
        raise CellError(f"expected a time as {wanted}: set `format` in the mapping") from None


@lru_cache(maxsize=4096)
def _parse_time(text: str, time_format: TimeFormat) -> str:
    """Parse one text; days repeat, so the answers are kept for a while."""
    match time_format.pattern:
        case EpochUnit.SECONDS:
            return _in_utc(_EPOCH + timedelta(seconds=float(text)), time_format)
        case EpochUnit.MILLISECONDS:
            return _in_utc(_EPOCH + timedelta(milliseconds=float(text)), time_format)
        case pattern:
            moment = datetime.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern)  # noqa: DTZ007
            return _in_utc(moment, time_format)


def _in_utc(moment: datetime, time_format: TimeFormat) -> str:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_format.zone)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_json(cell: object) -> Any:
    if not isinstance(cell, str):
        return plain(cell)
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        raise CellError("expected JSON") from None


def plain(cell: object) -> Any:
    """Turn what Parquet holds into a value of JSON: decimals to numbers, times to ISO 8601, bytes to text.

    Raises:
        CellError: it cannot be: bytes that are no UTF-8.
    """
    match cell:
        case None | str() | bool() | int():
            return cell
        case float():
            return cell if cell - cell == 0 else None
        case Decimal():
            return float(cell) if cell.is_finite() and cell != cell.to_integral_value() else read_number(f"{cell:f}")
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return cell.total_seconds()
        case bytes():
            try:
                return cell.decode()
            except UnicodeDecodeError:
                raise CellError("expected text, not bytes that are no UTF-8") from None
        case Mapping():
            return {str(key): plain(value) for key, value in cast("Mapping[object, object]", cell).items()}
        case Sequence():
            return [plain(value) for value in cast("Sequence[object]", cell)]
        case _:
            raise CellError(f"a {type(cell).__name__} has no form in JSON")
