"""When a message happened: its own clock, corrected by what that clock said when it was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from identity_graph.domain.observations import Instant
from identity_graph.domain.segment_fields import RejectionCode, UnreadableError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_PER_MILLISECOND = 1000
_DIGITS_OF_MILLISECONDS = range(12, 16)
"""Digits that milliseconds have from 1973 on; shorter ones are the basic form of ISO 8601 (``20260131``)."""

EARLIEST: Instant = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""Nothing that a person did with a device, a card or a phone is older; what says so has a broken clock."""

_LATEST_MILLISECOND = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def find_occurred_at(message: dict[str, Any], *, received_at: Instant, sent_at: object) -> Instant:
    """Find when a message happened.

    That is ``received_at - (sentAt - timestamp)``: the message's ``sentAt``, else that of its batch (``sent_at``).
    Without either the clock of the sender is taken at its word. A ``timestamp`` beside an ``originalTimestamp`` was
    corrected by the sender already. Without a timestamp, and whenever the result lies in the future, it is
    ``received_at``.

    Raises:
        UnreadableError: a time cannot be read, or is from before 1900.
    """
    get = message.get
    timestamp, original = get("timestamp"), get("originalTimestamp")
    sent = get("sentAt")
    if sent is None or sent == "":
        sent = sent_at
    has_timestamp = timestamp is not None and timestamp != ""
    has_original = original is not None and original != ""
    if has_timestamp:
        moment = read_timestamp(timestamp, "timestamp")
    elif has_original:
        moment = read_timestamp(original, "originalTimestamp")
    else:
        return received_at
    if sent is not None and sent != "" and not (has_timestamp and has_original):
        moment += received_at - read_timestamp(sent, "sentAt")
        if moment < EARLIEST:
            raise _too_early("timestamp, corrected by sentAt,")
    return min(moment, received_at)


def read_timestamp(value: object, field: str) -> Instant:
    """Read an ISO 8601 time (UTC when it names no offset) or milliseconds since 1970, also as digits in a string.

    Raises:
        UnreadableError: the value is neither, or is from before 1900 or after 9999.
    """
    if type(value) is str:
        if len(value) in _DIGITS_OF_MILLISECONDS and value.isascii() and value.isdigit():
            return _read_milliseconds(int(value), field)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _unreadable(field) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        instant = (moment - _EPOCH) // _MICROSECOND
        if instant < EARLIEST:
            raise _too_early(field)
        return instant
    if type(value) is int or type(value) is float:
        return _read_milliseconds(value, field)
    raise _unreadable(field)


def _read_milliseconds(value: float, field: str) -> Instant:
    if not abs(value) <= _LATEST_MILLISECOND:
        raise _unreadable(field)
    instant = int(value * _MICROSECONDS_PER_MILLISECOND)
    if instant < EARLIEST:
        raise _too_early(field)
    return instant


def _unreadable(field: str) -> UnreadableError:
    return UnreadableError(
        RejectionCode.INVALID_TIMESTAMP,
        f"{field} must be ISO 8601, such as 2026-01-31T08:30:00.000Z, or milliseconds since 1970",
    )


def _too_early(field: str) -> UnreadableError:
    return UnreadableError(RejectionCode.INVALID_TIMESTAMP, f"{field} is from before 1900: check the sender's clock")
