from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.times import TimeError, read_epoch, read_iso, read_moment, refuse_january_1970

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"),
        (" 2026-01-31 08:30:00z ", "2026-01-31T08:30:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31+08:00", "2026-01-30T16:00:00Z"),
        ("2026-01-31-0500", "2026-01-31T05:00:00Z"),
        ("2026-01-31Z", "2026-01-31T00:00:00Z"),
        ("20260131T083000Z", "2026-01-31T08:30:00Z"),
        ("20260131", "2026-01-31T00:00:00Z"),
        ("20260131Z", "2026-01-31T00:00:00Z"),
        ("20260131+0800", "2026-01-30T16:00:00Z"),
        ("202601310830", "2026-01-31T08:30:00Z"),
        ("20260131083000", "2026-01-31T08:30:00Z"),
        ("20260131083000.25", "2026-01-31T08:30:00.250000Z"),
        ("20260131083000Z", "2026-01-31T08:30:00Z"),
        ("20260131083000+0800", "2026-01-31T00:30:00Z"),
        ("20260131083000 +08:00", "2026-01-31T00:30:00Z"),
        ("20260131083000-05", "2026-01-31T13:30:00Z"),
        (20260131, "2026-01-31T00:00:00Z"),
        (202601310830, "2026-01-31T08:30:00Z"),
        (20260131083000, "2026-01-31T08:30:00Z"),
        (20260131083000.0, "2026-01-31T08:30:00Z"),
        (1769848200000, "2026-01-31T08:30:00Z"),
        ("1769848200000", "2026-01-31T08:30:00Z"),
        (1769848200000.5, "2026-01-31T08:30:00.000500Z"),
        ("1769848200000.5", "2026-01-31T08:30:00.000500Z"),
        ("852076800000", "1997-01-01T00:00:00Z"),
        (852076800000, "1997-01-01T00:00:00Z"),
        (946684800000, "2000-01-01T00:00:00Z"),
        (-2_208_988_800_000, "1900-01-01T00:00:00Z"),
        (-2_208_988_800_000.5, "1899-12-31T23:59:59.999500Z"),
        (2_678_400_000, "1970-02-01T00:00:00Z"),
    ],
)
def test_a_time_is_read_as_what_it_is(value: object, expected: str) -> None:
    assert format_instant(read_moment(value)) == expected


@pytest.mark.parametrize("text", ["2026-01-31 16:30:00", "20260131163000", "202601311630"])
def test_a_time_without_an_offset_is_of_the_zone(text: str) -> None:
    assert format_instant(read_moment(text, SHANGHAI)) == "2026-01-31T08:30:00Z"


@pytest.mark.parametrize("value", ["2026-01-31T08:30:00Z", "20260131083000Z", 1769848200000, "1769848200000"])
def test_a_time_with_an_offset_and_milliseconds_have_no_other_zone(value: object) -> None:
    assert format_instant(read_moment(value, SHANGHAI)) == "2026-01-31T08:30:00Z"


@pytest.mark.parametrize(
    "value", [1769848200, "1769848200", 1769848200.123, "1769848200.123", 0, "0", -1, 46053.35, "10", 2_678_399_999]
)
def test_seconds_are_not_taken_for_milliseconds(value: object) -> None:
    with pytest.raises(TimeError, match="is in January 1970: send milliseconds since 1970, not seconds"):
        read_moment(value)


@pytest.mark.parametrize("value", [10**13, 1769848200000000, "1769848200000000", 253_402_214_400_001, 10**19, "9" * 19])
def test_microseconds_are_not_taken_for_a_far_future(value: object) -> None:
    with pytest.raises(TimeError, match=r"has more digits than|must be ISO 8601"):
        read_moment(value)


@pytest.mark.parametrize(
    "value",
    [
        "", "yesterday", "2026-13-01", "20261301", "20260131250000", "12345678", "202601310830000", "2026013108Z",
        "2026-01-31T08:30:00+08:00[Asia/Shanghai]", "9" * 5000, "١٧٦٧٢٢٥٥٩٠٠٠٠", True, None, [], {}, 10**400,
        float("nan"), float("inf"), 1e300, "0001-01-01T00:00:00+01:00", "2026-01-31x",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(TimeError):
        read_moment(value)


DIGITS = "has more digits than milliseconds since 1970: send milliseconds or ISO 8601"
NO_SUCH = "names a date or a time that does not exist"
OUTSIDE = "is outside the years 1 to 9999 of UTC"
FORM = "must be ISO 8601, such as 2026-01-31T08:30:00.000Z, or milliseconds since 1970"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-02-30", NO_SUCH), ("2026-13-01T00:00:00Z", NO_SUCH), ("2026-01-31T25:00:00Z", NO_SUCH),
        ("2026-02-30+08:00", NO_SUCH), ("20260230", NO_SUCH), (20260230, NO_SUCH), ("20260131250000", NO_SUCH),
        ("20260230T083000Z", NO_SUCH),
        ("0001-01-01T00:00:00+01:00", OUTSIDE), ("9999-12-31T23:59:59-01:00", OUTSIDE), (10**13, DIGITS), ("12345678", "is in January 1970: send milliseconds since 1970, not seconds, or ISO 8601"),
        ("yesterday", FORM), ("2026-01-31x", FORM), ("2026-1-31", FORM), ("2026013108Z", FORM), ("", FORM), (None, FORM),
    ],
)  # fmt: skip
def test_the_reason_is_the_true_one(value: object, reason: str) -> None:
    with pytest.raises(TimeError) as raised:
        read_moment(value)
    assert str(raised.value) == reason


def test_the_reason_for_an_instant_quotes_nothing() -> None:
    for text, reason in (
        ("ann@example.com", FORM.partition(", or")[0]),
        ("2026-02-30", NO_SUCH),
        ("20260230Z", NO_SUCH),
    ):
        with pytest.raises(TimeError) as raised:
            read_iso(text, None)
        assert str(raised.value) == reason


@settings(deadline=None)
@given(st.integers(2_678_400_000, 10**13 - 1))
def test_a_number_and_its_digits_are_one_time(milliseconds: int) -> None:
    assert read_moment(milliseconds) == read_moment(str(milliseconds)) == read_moment(float(milliseconds))


@settings(deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_every_compact_spelling_is_the_time_that_it_spells(moment: datetime) -> None:
    expected = int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000
    assert read_moment(f"{moment:%Y%m%d%H%M%S}") == read_moment(int(f"{moment:%Y%m%d%H%M%S}")) == expected
    assert read_moment(f"{moment:%Y%m%d%H%M}") == expected - moment.second * 1_000_000


def test_an_instant_must_name_its_offset() -> None:
    assert read_iso("20260131083000Z", None) == read_moment("2026-01-31T08:30:00Z")
    for text in ("20260131083000", "2026-01-31"):
        with pytest.raises(TimeError, match="has no offset from UTC"):
            read_iso(text, None)
    with pytest.raises(TimeError, match="is a number, not a date"):
        read_iso("1769848200000", None)


def test_a_count_is_taken_at_its_word() -> None:
    assert read_epoch("1769848200.5", 1_000_000) == 1_769_848_200_500_000
    assert read_epoch("-0.5", 1) == -1
    assert read_epoch("0", 1_000) == 0
    with pytest.raises(TimeError, match="must be a number"):
        read_epoch("yesterday", 1)
    with pytest.raises(TimeError, match="outside the years"):
        read_epoch("1769848200000", 1_000_000)


def test_only_a_moment_close_to_1970_is_suspicious() -> None:
    refuse_january_1970(2_678_400_000_000)
    with pytest.raises(TimeError):
        refuse_january_1970(-1)
