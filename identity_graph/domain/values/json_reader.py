"""JSON from HTTP, files and cells: one reader, so that a bad message does not affect its neighbours.

What JSON cannot hold (half a surrogate pair, bytes that are no UTF-8, NaN, numbers beyond 64 bits) is let through as
something that no message may hold, so that ``extract`` leaves it out, or refuses the message which holds it and no other one.
"""

import json
import re
from typing import Any, cast

import orjson

_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_ROW = b"0" * 19
_BEYOND_64_BITS = re.compile(rb"(?:^|[:\[,\s])(?:[0-9]{20}|-[0-9]{19})")
"""A whole number that may be beyond 64 bits: the quick parser would round it and say nothing. To look for a long row of digits
first takes a hundredth of the time."""

_DEEPEST_KEPT = 200

_LONGEST_DIGITS = 4000
"""More than that are not even worth reading."""


class JsonError(ValueError):
    """A text that is not JSON. The message ends a sentence that names it: "… is not JSON"."""


class NoNumber(float):
    """NaN, Infinity, or a number beyond all that a number can be. Nothing writes it as JSON."""


def read_json(content: bytes) -> Any:
    """Read a JSON value.

    Raises:
        JsonError: it is none.
    """
    if _LONG_ROW not in content.translate(_AS_ZEROS) or _BEYOND_64_BITS.search(content) is None:
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            pass
    return _read_leniently(content)


def read_strict_json(content: bytes) -> Any:
    """Read a JSON value that holds nothing which JSON cannot hold; whole numbers beyond 64 bits keep their digits.

    Raises:
        JsonError: it is none.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise JsonError(f"is not JSON: {error}") from None
    return read_json(content) if _LONG_ROW in content.translate(_AS_ZEROS) else value


def without_odd_numbers(value: Any, levels: int = _DEEPEST_KEPT) -> Any:
    """Leave out what is no number, NaN and Infinity: a field without a word, an element of a list as null.

    Whole numbers beyond 64 bits hold digits and stay.
    """
    if isinstance(value, NoNumber):
        return None
    if levels and isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {
            name: without_odd_numbers(inner, levels - 1) for name, inner in items if not isinstance(inner, NoNumber)
        }
    if levels and isinstance(value, list):
        return [without_odd_numbers(inner, levels - 1) for inner in cast("list[Any]", value)]
    return value


def is_text(value: Any) -> bool:
    """Tell whether all texts of a value are text; half a surrogate pair and bytes that are no UTF-8 are not."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    except RecursionError:
        return True
    return True


def messages_in(value: Any) -> list[Any] | None:
    """List the messages of a value, as SDKs send several of them: an array, or ``{"batch": […]}``; None for neither."""
    if isinstance(value, list):
        return cast("list[Any]", value)
    batch = cast("dict[str, Any]", value).get("batch") if isinstance(value, dict) else None
    return cast("list[Any]", batch) if isinstance(batch, list) else None


def write_json(value: object) -> str:
    """Write what ``read_json`` gave as text that can be stored and read again: what is no valid text is escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(_cut(value, _DEEPEST_KEPT), separators=(",", ":"))


def _cut(value: Any, levels: int) -> Any:
    """Leave out what lies so deep that it could hardly be read again."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {name: _cut(inner, levels - 1) for name, inner in items} if levels else "…"
    if isinstance(value, list):
        return [_cut(inner, levels - 1) for inner in cast("list[Any]", value)] if levels else "…"
    return value


def _read_leniently(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig", "surrogateescape")
        return json.loads(text, parse_constant=NoNumber, parse_int=_read_whole, parse_float=_read_float)
    except RecursionError:
        raise JsonError("is nested too deeply") from None
    except ValueError as error:
        if not content.strip():
            raise JsonError("is empty") from None
        where = (
            f": {error.msg}: line {error.lineno} column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise JsonError(f"is not JSON{where}") from None


def _read_whole(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_DIGITS else NoNumber("inf")


def _read_float(text: str) -> float:
    number = float(text)
    return number if number - number == 0 else NoNumber(number)
