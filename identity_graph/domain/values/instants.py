"""Moments in their text form: ISO 8601, in UTC."""

from datetime import UTC, datetime, timedelta

from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST, LATEST, read_iso

__all__ = ["EARLIEST", "LATEST", "format_instant", "parse_instant"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def format_instant(instant: Instant) -> str:
    """Write a moment as ``2026-01-31T08:00:00Z``, with six digits of the second when they are not all zero."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat()[:-6] + "Z"


def parse_instant(text: str) -> Instant:
    """Read an ISO 8601 moment, or a compact one (``20260131083000Z``), that says its offset from UTC.

    Raises:
        ValueError: the text is no such moment, or does not say its offset.
    """
    return read_iso(text, None)
