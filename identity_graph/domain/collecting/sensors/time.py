"""The time of a Sensors message: ``time``, corrected for the sender's clock by ``_flush_time``."""

from typing import Any

from identity_graph.domain.collecting.segment.fields import OddFields, UnreadableError
from identity_graph.domain.collecting.segment.time import EARLIEST, not_in_future, read_timestamp
from identity_graph.domain.values.observations import Instant

_DIGITS_OF_SECONDS = 10
_MILLISECONDS = 1000


def find_occurred_at(message: dict[str, Any], *, received_at: Instant, odd: OddFields) -> Instant:
    """Find when a message happened: ``received_at - (_flush_time - time)``.

    Without a ``_flush_time``, and for ``time_free`` messages (an import of the past), ``time`` is taken at its word.
    Without a time, and whenever the result lies in the future, it is ``received_at``; ``odd`` is told of one that lies far in
    it. Numbers are milliseconds; those of ten
    digits are seconds.

    Raises:
        UnreadableError: ``time`` is no time, or it is from before 1900.
    """
    time, flushed = message.get("time"), message.get("_flush_time")
    if time is None or time == "":
        return received_at
    moment = read_timestamp(_in_milliseconds(time), "time")
    if message.get("time_free") is True or flushed is None or flushed == "":
        return not_in_future(moment, received_at, "time", odd)
    try:
        corrected = moment + received_at - read_timestamp(_in_milliseconds(flushed), "_flush_time")
    except UnreadableError as error:
        odd.add("_flush_time", flushed, error.rejection.reason.removeprefix("_flush_time "))
        corrected = moment
    if corrected < EARLIEST:
        odd.add("_flush_time", flushed, "is too far from the time: check the sender's clock")
        corrected = moment
    return not_in_future(corrected, received_at, "time", odd)


def _in_milliseconds(value: object) -> object:
    """Read ten digits as seconds."""
    if type(value) is int and len(str(value)) == _DIGITS_OF_SECONDS:
        return value * _MILLISECONDS
    if type(value) is str and len(value) == _DIGITS_OF_SECONDS and value.isascii() and value.isdigit():
        return int(value) * _MILLISECONDS
    return value
