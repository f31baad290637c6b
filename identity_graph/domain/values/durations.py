"""Durations: ISO 8601 in days or smaller units, as rules and queries write them."""

import re

LONGEST = 36_500 * 86_400_000_000
"""A hundred years, in microseconds."""

_DURATION = re.compile(r"P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?(?<=[DHMS])")
_CALENDAR = re.compile(r"P[0-9.,]*([YW]|[0-9.,]M).*")
_UNITS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)


def read_duration(text: str) -> int | None:
    """Read a duration into microseconds; None when it is none. It may be longer than ``LONGEST``, or zero."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    return sum(int(count or 0) * unit for count, unit in zip(match.groups(), _UNITS, strict=True))


def counts_by_calendar(text: str) -> bool:
    """Tell whether a duration is written in years, months or weeks, which are not of one length or not taken."""
    return _CALENDAR.fullmatch(text) is not None
