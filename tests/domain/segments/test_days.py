"""Days of zones, at the edges of the calendar and where clocks jump over midnight."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from identity_graph.domain.segments.days import anniversary, day_of, start_of_day, year_of
from identity_graph.domain.values.times import EARLIEST, LATEST
from tests.worlds.segment_facts import HOUR, moment

MINUTE = HOUR // 60


def number(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Asia/Shanghai", "2026-06-15", "2026-06-14T16:00:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00", 25),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00", 23),  # there is no midnight: it is 1 o'clock at once
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00", 0),  # a day that never was
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00", 24),
    ],
)
def test_a_day_begins_where_the_one_before_ends(zone: str, day: str, begins: str, hours: int) -> None:
    there = ZoneInfo(zone)
    assert start_of_day(number(day), there) == moment(begins)
    assert start_of_day(number(day) + 1, there) == moment(begins) + hours * HOUR
    if hours:
        assert day_of(moment(begins), there) == number(day)
        assert day_of(moment(begins) + hours * HOUR - 1, there) == number(day)
    assert day_of(moment(begins) - 1, there) < number(day)


def test_a_day_is_not_left_again_where_clocks_go_back_over_midnight() -> None:
    zone = ZoneInfo("America/St_Johns")
    begins = start_of_day(number("2006-10-29"), zone)  # a minute later it is 23:01 of the day before
    assert day_of(begins - 1, zone) == number("2006-10-28")
    assert {day_of(begins + minutes * MINUTE, zone) for minutes in (0, 1, 30, 59, 61)} == {number("2006-10-29")}


def test_the_calendar_has_ends() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert start_of_day(0, zone) == EARLIEST
    assert start_of_day(date.max.toordinal() + 1, zone) == LATEST + 1
    assert day_of(LATEST, zone) >= date.max.toordinal() - 2
    assert day_of(EARLIEST, zone) <= 4
    assert year_of(anniversary(number("1990-05-01"), 12_000)) == 9999


def test_29_february_has_its_anniversary_on_the_28th_of_other_years() -> None:
    born = number("1992-02-29")
    assert anniversary(born, 2026) == number("2026-02-28")
    assert anniversary(born, 2028) == number("2028-02-29")
    assert anniversary(born, 2100) == number("2100-02-28")
