"""Volumes: whether a source, or an event, came as often as on the same weekday of earlier weeks."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

WEEKS = 4
"""Earlier weeks that a day is compared with."""

ENOUGH_WEEKS = 2
"""Weeks below which nothing is usual yet."""

ENOUGH_MESSAGES = 20
"""Messages, on the day or usually, below which a difference is chance."""

UNUSUAL_FACTOR = 2
"""How many times more, or fewer, than usual is unusual."""


class Volume(NamedTuple):
    """The messages of a day in UTC (counted from 1970), and the median of the same weekday of the ``weeks`` before.

    ``usual`` is None while there are fewer than two such weeks.
    """

    day: int
    messages: int
    usual: float | None
    weeks: int

    @property
    def ratio(self) -> float | None:
        """How many times the usual it is; None where nothing is usual."""
        return self.messages / self.usual if self.usual else None

    @property
    def is_unusual(self) -> bool:
        """Whether it is less than half, or more than twice, of the usual."""
        usual = self.usual
        if usual is None or max(usual, self.messages) < ENOUGH_MESSAGES:
            return False
        return self.messages * UNUSUAL_FACTOR < usual or self.messages > usual * UNUSUAL_FACTOR


def compared_days(today: int) -> list[int]:
    """Name the day that is looked at, the last whole one, and after it the same weekdays before, the latest first."""
    return [today - 1 - 7 * week for week in range(WEEKS + 1)]


def volume_of(counts: Sequence[int], days: Sequence[int], first_day: int) -> Volume:
    """Compare: ``counts`` belong to ``days`` (see ``compared_days``). The first day that was counted may be one in part."""
    before = [count for count, day in zip(counts[1:], days[1:], strict=True) if day > first_day]
    return Volume(days[0], counts[0], median(before) if len(before) >= ENOUGH_WEEKS else None, len(before))
