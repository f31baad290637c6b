"""Statistics, beside what the literature gives."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.analysis.statistics import Tally, adjust, check_ratio, compare, newcombe, wilson
from tests.properties import examples


@pytest.mark.parametrize(
    ("converted", "customers", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_that_of_newcombe_1998(
    converted: int, customers: int, low: float, high: float
) -> None:
    found = wilson(Tally(customers, converted))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_method_10_of_newcombe_1998(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(Tally(one[1], one[0]), Tally(other[1], other[0]))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_test_of_aspirin_against_placebo() -> None:
    # Physicians' Health Study: 104 of 11,037 and 189 of 11,034 had an attack; X² = 25.01 (Agresti, Categorical Data Analysis).
    p = compare(Tally(11_037, 104), Tally(11_034, 189))
    assert p is not None
    assert isclose(p, 5.69e-7, rel_tol=0.01)


def test_few_are_tested_exactly() -> None:
    assert compare(Tally(4, 3), Tally(4, 1)) == pytest.approx(0.4857, abs=1e-4)  # the lady tasting tea, two-sided


def test_nobody_tells_nothing() -> None:
    assert wilson(Tally(0, 0)) is None
    assert newcombe(Tally(0, 0), Tally(5, 1)) is newcombe(Tally(5, 1), Tally(0, 0)) is None
    assert compare(Tally(0, 0), Tally(5, 1)) is compare(Tally(5, 5), Tally(5, 5)) is None
    assert check_ratio([0, 0], [1, 1]) is check_ratio([5, 0], [1, 0]) is None
    assert Tally(0, 0).rate == 0


def test_a_split_of_50_2_and_49_8_percent_of_many_is_none_of_halves() -> None:
    # Kohavi, Tang, Xu: Trustworthy Online Controlled Experiments, chapter 3: p is 1.8E-6.
    p = check_ratio([821_588, 815_482], [1, 1])
    assert p is not None
    assert isclose(p, 1.8e-6, rel_tol=0.02)
    assert check_ratio([100, 300], [1, 3]) == 1


def test_several_comparisons_are_adjusted_as_holm_does() -> None:
    assert adjust([0.01, 0.04, None, 0.03, 0.005]) == [0.03, 0.06, None, 0.06, 0.02]
    assert adjust([0.6, 0.5]) == [1, 1]
    assert adjust([]) == []


TALLIES = st.integers(1, 500).flatmap(lambda count: st.integers(0, count).map(lambda part: Tally(count, part)))


@examples(60)
@given(TALLIES, TALLIES)
def test_intervals_hold_their_shares(one: Tally, other: Tally) -> None:
    own, difference = wilson(one), newcombe(one, other)
    assert own is not None
    assert difference is not None
    assert -1e-9 <= own.low <= one.rate + 1e-9
    assert one.rate - 1e-9 <= own.high <= 1 + 1e-9
    assert difference.low - 1e-9 <= one.rate - other.rate <= difference.high + 1e-9
    p = compare(one, other)
    assert p is None or 0 <= p <= 1
