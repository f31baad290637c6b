"""When a message happened: its own clock, corrected by what that clock said when it was sent."""

from datetime import UTC, datetime
from typing import Any

from identity_graph.domain.observations import Instant
from identity_graph.domain.segment_fields import RejectionCode, UnreadableError
from identity_graph.domain.times import TimeError, read_moment

EARLIEST: Instant = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""Nothing that a person did with a device, a card or a phone is older; what says so has a broken clock."""


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
