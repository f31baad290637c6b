"""Times as they are written: ISO 8601, compact date-times, milliseconds since 1970.

The one reading of times that the collector, files, the terminal and GraphQL share. A number says its unit by its
digits only, so what could be meant in two ways is refused rather than guessed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from identity_graph.domain.values.observations import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

EARLIEST: Instant = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The first moment that has a text form here: the year 1."""

LATEST: Instant = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The last moment that has a text form here: the end of the year 9999."""

_JANUARY: Instant = 31 * 86_400 * 1_000_000

LATEST_OF_A_COUNT: Instant = 10**16
"""November 2286: from here on the count of an event has a digit more than those of all events there were."""

_MILLISECOND = 1_000
_LONGEST_MILLISECONDS = LATEST_OF_A_COUNT // _MILLISECOND
"""Milliseconds of the next 250 years are below; above lie microseconds, and compact times."""

_SURELY_MILLISECONDS = (10**12, 10**13)
"""13 digits, which nothing else has."""
_DIGITS_OF_BEFORE_2001 = 12

_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_COMPACT = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})(?:([0-9]{2})(\.[0-9]+)?)?)?\s*"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
"""8, 12 or 14 digits that are a date, or a date and a time, with or without an offset."""
_DATE_AND_OFFSET = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([Zz]|[+-][0-9]{2}:?[0-9]{2})")
_OFFSET_BEGINS = frozenset("+-Zz")
"""What follows a date that names its offset and no time of day."""
_COMPACT_YEARS = range(1900, 2200)
"""12 digits that begin with another year are milliseconds of before 2001."""

_ISO = re.compile(
    r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
    r"(?:[Tt ][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]+)?)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?)?"
)
"""How ISO 8601 looks; whether there is such a day and such an hour is another question."""

_ISO_8601 = "ISO 8601, such as 2026-01-31T08:30:00.000Z"
_UNREADABLE = f"{_ISO_8601}, or milliseconds since 1970"
_NO_SUCH_TIME = "names a date or a time that does not exist"


class TimeError(ValueError):
    """A text or a number that is no time. The message follows the name of a field, and holds nothing of the value."""


class _SpellingError(TimeError):
    """A text that looks like no time at all."""


def read_moment(value: object, zone: tzinfo = UTC) -> Instant:
    """Read a time as a sender writes it: ISO 8601, 8, 12 or 14 digits as a compact date-time, or milliseconds since 1970.

    Text and number mean the same: ``"1767225600000"`` is ``1767225600000``. ``zone`` is that of a text that names none.

    Raises:
        TimeError: it is none of these, or a number that lies in January 1970.
    """
    if type(value) is str:
        text = value.strip()
        if text[4:5] == "-" and text[10:11] not in _OFFSET_BEGINS:
            return _of_moment(_parse, text, zone)
    elif type(value) is int:
        if _SURELY_MILLISECONDS[0] <= value < _SURELY_MILLISECONDS[1]:
            return value * _MILLISECOND
        text = str(value) if abs(value) < 10**20 else ""
    elif isinstance(value, float):
        text = f"{Decimal(repr(float(value))):f}" if value - value == 0 else ""
        text = text.removesuffix(".0")
    else:
        raise TimeError(f"must be {_UNREADABLE}")
    compact = _COMPACT.fullmatch(text)
    found = None if compact is None else _read_compact(compact, zone)
    if found is not None:
        return found
    is_date = compact is not None and len(text) != _DIGITS_OF_BEFORE_2001 and int(compact[1]) in _COMPACT_YEARS
    if _NUMBER.fullmatch(text) is not None and not is_date:
        return _read_milliseconds(Decimal(text))
    if compact is not None:
        raise TimeError(_NO_SUCH_TIME)
    if _is_number(text):
        raise TimeError(f"must be {_UNREADABLE}")
    return _of_moment(_read_date, text, zone)


def read_iso(text: str, zone: tzinfo | None) -> Instant:
    """Read ISO 8601 or a compact date-time; without a ``zone`` the text must name its offset.

    Raises:
        TimeError: the text is neither, or does not say its offset.
    """
    text = text.strip()
    compact = _COMPACT.fullmatch(text) if text[4:5] != "-" else None
    if compact is not None:
        found = _read_compact(compact, zone)
        if found is None:
            raise TimeError(_NO_SUCH_TIME)
        return found
    if _is_number(text):
        raise TimeError("is a number, not a date")
    return _read_date(text, zone)


def _of_moment(read: Callable[[str, tzinfo | None], Instant], text: str, zone: tzinfo) -> Instant:
    """Read a text that may be any spelling of a moment, and say so when it is none of them."""
    try:
        return read(text, zone)
    except _SpellingError:
        raise TimeError(f"must be {_UNREADABLE}") from None


def _is_number(text: str) -> bool:
    return text[:-1].isascii() and text[:-1].isdigit()


def _read_date(text: str, zone: tzinfo | None) -> Instant:
    """Read ISO 8601, also a date that names its offset and no time of day."""
    date_alone = _DATE_AND_OFFSET.fullmatch(text) if text[10:11] in _OFFSET_BEGINS else None
    if date_alone is not None:
        text = f"{date_alone[1]}T00:00:00{date_alone[2]}"
    return _parse(text, zone)


def read_epoch(text: str, unit: Instant) -> Instant:
    """Read a count since 1970 in a unit of so many microseconds, as the one who wrote it says it is.

    Raises:
        TimeError: it is no number, or far off.
    """
    if _NUMBER.fullmatch(text) is None:
        raise TimeError("must be a number")
    return _in_range(int((Decimal(text) * unit).to_integral_value("ROUND_FLOOR")))


def to_instant(moment: datetime) -> Instant:
    """Turn a moment with a zone into an instant.

    Raises:
        TimeError: it lies outside the years 1 to 9999.
    """
    return _in_range((moment - _EPOCH) // _MICROSECOND)


def refuse_january_1970(instant: Instant) -> None:
    """Refuse a moment that came as a number and lies so near to 1970: seconds, a counter or serial days were given.

    Raises:
        TimeError: it does.
    """
    if abs(instant) < _JANUARY:
        raise TimeError("is in January 1970: send milliseconds since 1970, not seconds, or ISO 8601")


def _read_compact(found: "re.Match[str]", zone: tzinfo | None) -> Instant | None:
    """Read a compact date-time; None when the digits are none."""
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is not None and second is None and int(year) not in _COMPACT_YEARS:
        return None
    text = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{fraction or ''}{offset or ''}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return _parse(text, zone)


def _parse(text: str, zone: tzinfo | None) -> Instant:
    if text[-1:] == "z":
        text = text[:-1] + "Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if _ISO.fullmatch(text) is not None:
            raise TimeError(_NO_SUCH_TIME) from None
        raise _SpellingError(f"must be {_ISO_8601}") from None
    if moment.tzinfo is None:
        if zone is None:
            raise TimeError("has no offset from UTC: end it with Z, or with an offset such as +08:00")
        moment = moment.replace(tzinfo=zone)
    return to_instant(moment)


def _read_milliseconds(value: Decimal) -> Instant:
    if abs(value) >= _LONGEST_MILLISECONDS:
        raise TimeError("has more digits than milliseconds since 1970: send milliseconds or ISO 8601")
    instant = int((value * _MILLISECOND).to_integral_value("ROUND_FLOOR"))
    refuse_january_1970(instant)
    return instant


def _in_range(instant: Instant) -> Instant:
    if not EARLIEST <= instant <= LATEST:
        raise TimeError("is outside the years 1 to 9999 of UTC")
    return instant
