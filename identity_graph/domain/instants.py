"""Moments in their text form: ISO 8601, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from identity_graph.domain.observations import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATER_DIGITS = re.compile(r"(?<=\.\d{6})\d+")
"""Digits after the microseconds, which are cut off."""

EARLIEST: Instant = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The first moment that has a text form here: the year 1."""

LATEST: Instant = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The last moment that has a text form here: the end of the year 9999."""


def format_instant(instant: Instant) -> str:
    """Write a moment as ``2026-01-31T08:00:00Z``, with six digits of the second when they are not all zero."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat()[:-6] + "Z"


def parse_instant(text: str) -> Instant:
    """Read an ISO 8601 moment that says its offset from UTC.

    Raises:
        ValueError: the text is no such moment, or does not say its offset.
    """
    moment = datetime.fromisoformat(_LATER_DIGITS.sub("", text.strip()))
    if moment.tzinfo is None:
        raise ValueError("the offset from UTC is missing: end it with Z, or with an offset such as +08:00")
    instant = (moment - _EPOCH) // _MICROSECOND
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("the moment lies outside the years 1 to 9999 of UTC")
    return instant
