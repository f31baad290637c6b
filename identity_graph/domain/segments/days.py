"""Days of a zone: of 23, 24 or 25 hours, and which day a moment belongs to.

Days are counted from 0001-01-01, which is 1. A day ends where the next one begins, also where clocks go back over midnight.
"""

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = date.max.toordinal()
_EDGE: Instant = 2 * 86_400_000_000


@lru_cache(maxsize=4096)
def start_of_day(day: int, zone: tzinfo) -> Instant:
    """Give the moment in which a day of a zone begins; beyond the calendar, the first or the last moment of it."""
    if day < 1 or day > _LAST:
        return EARLIEST if day < 1 else LATEST + 1
    midnight = datetime.combine(date.fromordinal(day), datetime.min.time(), zone)
    return (midnight - _EPOCH) // _MICROSECOND


def day_of(at: Instant, zone: tzinfo) -> int:
    """Give the day of a zone that a moment belongs to."""
    inside = min(max(at, EARLIEST + _EDGE), LATEST - _EDGE)
    day = (_EPOCH + timedelta(microseconds=inside)).astimezone(zone).toordinal()
    return day + 1 if at >= start_of_day(day + 1, zone) else day


def anniversary(day: int, year: int) -> int:
    """Give the day on which the anniversary of a day falls in a year: 29 February is 28 February in other years."""
    born = date.fromordinal(day)
    year = min(max(year, MINYEAR), MAXYEAR)
    try:
        return born.replace(year=year).toordinal()
    except ValueError:
        return date(year, 2, 28).toordinal()


def year_of(day: int) -> int:
    """Give the year of a day."""
    return date.fromordinal(day).year
