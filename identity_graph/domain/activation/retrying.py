"""When a delivery is tried again, and what the answer of a receiver means."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum

from identity_graph.domain.values.observations import Instant

_SECOND: Instant = 1_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE

SCHEDULE = (
    0,
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""How long after the attempt before it each attempt is made, in microseconds, before jitter. There are no others."""

JITTER = 0.1
"""Up to this share of a wait is added to it, so that what failed together is not tried together."""

LONGEST_WAIT = 24 * _HOUR
"""What a receiver may ask to wait for at most."""


class Outcome(StrEnum):
    """What an attempt came to. ``GONE``: the receiver wants nothing any more. ``WITHHELD``: it was not made."""

    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    GONE = "GONE"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What an attempt came to: the status of the answer, None without one, and what to show to people.

    ``wait`` is how long the receiver asked to be left alone, in microseconds.
    """

    outcome: Outcome
    status: int | None = None
    error: str | None = None
    wait: Instant | None = None


def judge(status: int, retry_after: str | None, now: Instant) -> Attempt:
    """Say what an answer means. Everything but 2xx is a failure, redirects too: nobody is led elsewhere."""
    if 200 <= status < 300:
        return Attempt(outcome=Outcome.DELIVERED, status=status)
    if status == 410:
        return Attempt(
            outcome=Outcome.GONE, status=status, error="The receiver answered 410: it wants nothing any more."
        )
    wait = None if retry_after is None else read_retry_after(retry_after, now)
    if 300 <= status < 400:
        error = f"The receiver answered {status}, a redirect. Redirects are not followed: save its final address."
    else:
        error = f"The receiver answered {status}."
    return Attempt(outcome=Outcome.FAILED, status=status, error=error, wait=wait)


def read_retry_after(text: str, now: Instant) -> Instant | None:
    """Read the header ``Retry-After``, seconds or a date, as a wait of at most ``LONGEST_WAIT``; None when it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait = int(text[:12]) * _SECOND
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        wait = int(zoned.timestamp()) * _SECOND - now
    return min(max(wait, 0), LONGEST_WAIT)


def next_attempt(failures: int, now: Instant, *, chance: float, wait: Instant | None = None) -> Instant | None:
    """Tell when to try again after so many failures, None when no attempt is left.

    ``chance`` is a random number of 0 to 1, ``wait`` what the receiver asked for: whichever is later holds.
    """
    if failures >= len(SCHEDULE):
        return None
    planned = int(SCHEDULE[failures] * (1 + JITTER * chance))
    return now + max(planned, wait or 0)
