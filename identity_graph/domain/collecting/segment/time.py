"""The time of a message: the sender's clock, corrected by what it said when the message was sent."""

from datetime import UTC, datetime
from typing import Any

from identity_graph.domain.collecting.segment.fields import OddField, OddFields, RejectionCode, UnreadableError
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import TimeError, read_moment

EARLIEST: Instant = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""Nothing that a person did with a device, a card or a phone is older; what says so has a broken clock."""

AHEAD: Instant = 3600 * 1_000_000
"""How far a clock may be ahead before it is told of: clocks that nobody set differ by minutes, those of another zone by hours."""


def find_occurred_at(message: dict[str, Any], *, received_at: Instant, sent_at: object, odd: OddFields) -> Instant:
    """Find when a message happened.

    That is ``received_at - (sentAt - timestamp)``: the message's ``sentAt``, else that of its batch (``sent_at``).
    Without either the clock of the sender is taken at its word. A ``timestamp`` beside an ``originalTimestamp`` was
    corrected by the sender already. Without a timestamp, and whenever the result lies in the future, it is
    ``received_at``; if that is more than an hour, the timestamp is added to ``odd``.

    A ``sentAt`` that cannot be read corrects nothing; it is added to ``odd``, and so is a timestamp that is neither text
    nor number. One that is, and yet no time, is not passed over: the event would count at the time of receipt, as the
    newest evidence of all.

    Raises:
        UnreadableError: the timestamp is a text or a number that is no time, or it is from before 1900.
    """
    timestamp = _read_field(message, "timestamp", odd)
    original = _read_field(message, "originalTimestamp", odd)
    if timestamp is not None:
        moment = read_timestamp(timestamp, _name_of(timestamp, "timestamp", message))
    elif original is not None:
        moment = read_timestamp(original, _name_of(original, "originalTimestamp", message))
    else:
        _read_field(message, "sentAt", odd)
        return received_at
    if timestamp is None or original is None:
        own = message.get("sentAt")
        sent = _read_sent_at(own, odd)
        if sent is None:
            own, sent = sent_at, _read_sent_at(sent_at, odd)
        if sent is not None:
            corrected = moment + received_at - sent
            if corrected >= EARLIEST:
                moment = corrected
            else:
                odd.add("sentAt", own, "is too far from the timestamp: check the sender's clock")
    return not_in_future(moment, received_at, "originalTimestamp" if timestamp is None else "timestamp", odd)


def not_in_future(moment: Instant, received_at: Instant, path: str, odd: OddFields) -> Instant:
    """Give the moment, or that of the receipt when it lies after it; one that lies far after it is told of."""
    if moment > received_at + AHEAD:
        advice = "lies in the future: check the sender's clock and time zone, or let it send sentAt; the time of receipt counts"
        odd.append(OddField(path, "a time in the future", f"{path} {advice}"))
    return min(moment, received_at)


def _read_field(message: dict[str, Any], name: str, odd: OddFields) -> str | float | None:
    value = message.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str | int | float) and type(value) is not bool:
        return value
    odd.add(name, value, "must be a time")
    return None


def _name_of(value: object, field: str, message: dict[str, Any]) -> str:
    """Name the field that a time came in: in a file ``sentAt`` may stand for it."""
    return "sentAt" if message.get("sentAt") == value else field


def _read_sent_at(value: object, odd: OddFields) -> Instant | None:
    if value is None or value == "":
        return None
    try:
        return read_timestamp(value, "sentAt")
    except UnreadableError as error:
        odd.add("sentAt", value, error.rejection.reason.removeprefix("sentAt "))
        return None


def read_timestamp(value: object, field: str) -> Instant:
    """Read a time as ``read_moment`` does, in UTC when it names no offset.

    Raises:
        UnreadableError: the value is no time, or is from before 1900.
    """
    try:
        instant = read_moment(value)
    except TimeError as error:
        raise UnreadableError(RejectionCode.INVALID_TIMESTAMP, f"{field} {error}") from None
    if instant < EARLIEST:
        raise _too_early(field)
    return instant


def _too_early(field: str) -> UnreadableError:
    return UnreadableError(RejectionCode.INVALID_TIMESTAMP, f"{field} is from before 1900: check the sender's clock")
