"""Moments in their text form: ISO 8601, in UTC."""

from datetime import UTC, datetime, timedelta, tzinfo

from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST, LATEST, read_iso

__all__ = ["DAY", "EARLIEST", "LATEST", "day_in", "format_day", "format_instant", "format_minute", "parse_instant"]

DAY = 86_400_000_000
"""Microseconds of a day."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def format_instant(instant: Instant) -> str:
    """Write a moment as ``2026-01-31T08:00:00Z``, with six digits of the second when they are not all zero."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat()[:-6] + "Z"


def format_day(instant: Instant) -> str:
    """Write the day of a moment, in UTC: ``2026-01-31``."""
    return (_EPOCH + timedelta(microseconds=instant)).date().isoformat()


def day_in(instant: Instant, zone: tzinfo) -> str:
    """Write the day of a moment in a zone: ``2026-01-31``; at the ends of the calendar, where it has none there, in UTC."""
    moment = _EPOCH + timedelta(microseconds=instant)
    try:
        return moment.astimezone(zone).date().isoformat()
    except OverflowError:
        return moment.date().isoformat()


def format_minute(instant: Instant) -> str:
    """Write a moment to the minute, in UTC: ``2026-01-31 08:00``."""
    return (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%d %H:%M")


def parse_instant(text: str) -> Instant:
    """Read an ISO 8601 moment, or a compact one (``20260131083000Z``), that says its offset from UTC.

    Raises:
        ValueError: the text is no such moment, or does not say its offset.
    """
    return read_iso(text, None)
