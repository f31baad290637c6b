from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.instants import EARLIEST, LATEST, day_in, format_instant, parse_instant


@given(st.integers(EARLIEST, LATEST))
def test_every_moment_reads_back_as_it_was_written(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        (" 1970-01-01 00:00:01Z ", 1_000_000),
    ],
)
def test_moments_are_read_in_the_spellings_of_iso_8601(text: str, instant: int) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text", ["2026-01-31T08:00:00", "2026-01-31", "yesterday", "", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+01:00"]
)
def test_what_is_no_moment_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_instant(text)


def test_a_whole_second_is_written_without_a_fraction() -> None:
    assert format_instant(1_000_000) == "1970-01-01T00:00:01Z"
    assert format_instant(1_000_001) == "1970-01-01T00:00:01.000001Z"


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (0, "Asia/Shanghai", "1970-01-01"),
        (-1, "Asia/Shanghai", "1970-01-01"),
        (-1, "UTC", "1969-12-31"),
        (LATEST, "Asia/Shanghai", "9999-12-31"),
        (EARLIEST, "America/New_York", "0001-01-01"),
    ],
)
def test_a_day_is_that_of_the_zone_and_at_the_ends_of_the_calendar_that_of_utc(
    instant: int, zone: str, day: str
) -> None:
    assert day_in(instant, ZoneInfo(zone)) == day
