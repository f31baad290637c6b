"""Volumes beside the same weekday of earlier weeks."""

import pytest

from identity_graph.domain.health.volumes import Volume, compared_days, volume_of


def test_the_last_whole_day_is_compared_with_the_same_weekday_of_four_weeks() -> None:
    assert compared_days(100) == [99, 92, 85, 78, 71]


def test_the_usual_is_the_median_so_that_one_odd_week_changes_little() -> None:
    volume = volume_of([100, 90, 1000, 110, 100], compared_days(100), 0)
    assert volume == Volume(99, 100, 105.0, 4)
    assert volume.ratio == 100 / 105
    assert not volume.is_unusual


def test_weeks_before_a_source_was_counted_and_its_first_day_are_no_weeks_of_it() -> None:
    assert volume_of([50, 40, 60, 0, 0], compared_days(100), 78) == Volume(99, 50, 50.0, 2)
    one_week = volume_of([50, 40, 0, 0, 0], compared_days(100), 85)
    assert (one_week.usual, one_week.weeks, one_week.ratio, one_week.is_unusual) == (None, 1, None, False)


@pytest.mark.parametrize(
    ("messages", "usual", "is_unusual"),
    [(0, 20, True), (0, 19, False), (9, 20, True), (10, 20, False), (40, 20, False), (41, 20, True), (20, 0, True)],
)
def test_less_than_half_and_more_than_twice_are_unusual_from_twenty_messages_on(
    messages: int, usual: int, is_unusual: bool
) -> None:
    assert volume_of([messages, usual, usual, usual, usual], compared_days(100), 0).is_unusual is is_unusual
    assert volume_of([20, 0, 0, 0, 0], compared_days(100), 0).ratio is None
