"""RFM: boundaries cut among all, and scores that are equal where values are."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.rfm import (
    DEFAULT_RFM,
    RFM_KEYS,
    RfmBoundaries,
    RfmMethod,
    RfmNumbers,
    RfmRules,
    cut,
    read_rfm_rules,
    score,
)
from identity_graph.domain.values.yaml_sections import Problems, Section, compose
from identity_graph.errors import RulesError
from tests.properties import examples

OWN = """
method: boundaries
recency: [115, 180, 297, 481]
frequency: [8, 6, 5, 4]
monetary: [665, 511, 381, 256]
"""
TEN = [
    (205, 6, 472),
    (140, 3, 340),
    (194, 4, 405),
    (132, 5, 448),
    (90, 9, 843),
    (84, 9, 763),
    (281, 8, 699),
    (246, 4, 157),
    (349, 3, 363),
    (619, 4, 196),
]


def numbers(*values: tuple[int, int, int]) -> list[RfmNumbers]:
    return [RfmNumbers(days, orders, Decimal(amount)) for days, orders, amount in values]


def read(text: str) -> RfmRules:
    problems = Problems("catalogue.yaml")
    rules = read_rfm_rules(Section(problems, compose(text, problems), "rfm", RFM_KEYS))
    problems.raise_if_any()
    return rules


def scores(population: Sequence[RfmNumbers], boundaries: RfmBoundaries) -> str:
    return " ".join(score(one, boundaries) for one in population)


def test_ten_customers_under_own_boundaries() -> None:
    population = numbers(*TEN)
    boundaries = cut(population, read(OWN))
    assert scores(population, boundaries) == "343 412 323 433 555 555 355 321 212 121"
    assert (boundaries.recency, boundaries.classes) == ((115, 180, 297, 481), 5)


def test_ten_customers_by_quintiles() -> None:
    population = numbers(*((day, day, day) for day in range(1, 11)))
    boundaries = cut(population, DEFAULT_RFM)
    assert boundaries == RfmBoundaries((2, 4, 6, 8), (9, 7, 5, 3), tuple(map(Decimal, (9, 7, 5, 3))), 5, 5, 5)
    assert scores(population, boundaries) == "511 511 422 422 333 333 244 244 155 155"


def test_where_boundaries_repeat_there_are_fewer_classes_and_the_cut_says_so() -> None:
    population = numbers(*((1, 1, 1),) * 5, *((2, 2, 2),) * 3, *((3, 3, 3),) * 2)
    boundaries = cut(population, DEFAULT_RFM)
    assert (boundaries.frequency, boundaries.frequency_classes) == ((3, 3, 2, 2), 3)
    assert boundaries.classes == 3
    assert sorted({score(one, boundaries)[1] for one in population}) == ["1", "3", "5"]


def test_all_alike_are_one_class() -> None:
    population = numbers(*((7, 1, 10),) * 3)
    boundaries = cut(population, DEFAULT_RFM)
    assert (boundaries.classes, scores(population, boundaries)) == (1, "111 111 111")
    assert cut([], DEFAULT_RFM) == RfmBoundaries((), (), (), 1, 1, 1)


def test_percentages_say_how_many_each_class_has() -> None:
    rules = read("{method: percentages, percentages: [10, 40, 50]}")
    population = numbers(*((day, day, day) for day in range(1, 11)))
    boundaries = cut(population, rules)
    assert scores(population, boundaries) == "311 211 211 211 211 122 122 122 122 133"


@examples(100)
@given(
    values=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.integers(0, 9)), min_size=1, max_size=40),
    rules=st.sampled_from([DEFAULT_RFM, RfmRules(method=RfmMethod.PERCENTAGES, percentages=(5, 15, 80)), read(OWN)]),
)
def test_equal_values_score_equally_and_better_ones_never_worse(
    values: list[tuple[int, int, int]], rules: RfmRules
) -> None:
    population = numbers(*values)
    boundaries = cut(population, rules)
    told = [(one, score(one, boundaries)) for one in population]
    for one, mine in told:
        for other, theirs in told:
            if one.recency_days <= other.recency_days:
                assert mine[0] >= theirs[0]
            if one.frequency >= other.frequency:
                assert mine[1] >= theirs[1]
            if one.monetary >= other.monetary:
                assert mine[2] >= theirs[2]
    for digit, classes in enumerate(
        (boundaries.recency_classes, boundaries.frequency_classes, boundaries.monetary_classes)
    ):
        assert len({mine[digit] for _, mine in told}) <= classes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("method: thirds", "rfm.method: expected quintiles or percentages or boundaries"),
        ("method: percentages", "rfm.percentages: missing: percentages need it"),
        ("percentages: [50, 50]", "rfm.percentages: has no meaning with quintiles"),
        ("{method: percentages, percentages: [50, 40]}", "rfm.percentages: expected 2 to 9 whole percentages"),
        ("{method: percentages, percentages: [100, 0]}", "rfm.percentages: expected 2 to 9 whole percentages"),
        ("{method: percentages, percentages: [100]}", "rfm.percentages: expected 2 to 9 whole percentages"),
        ("{method: percentages, percentages: [99.5, 0.5]}", "rfm.percentages: expected 2 to 9 whole percentages"),
        (OWN.replace("[115, 180", "[180, 115"), "rfm.recency: expected 1 to 8 numbers of days"),
        (OWN.replace("8, 6", "6, 8"), "rfm.frequency: expected 1 to 8 numbers of orders"),
        (OWN.replace("665", "many"), "rfm.monetary: expected 1 to 8 amounts"),
        (OWN.replace("665", "{}"), "rfm.monetary: expected 1 to 8 amounts"),
        (OWN.replace("[665, 511, 381, 256]", "665"), "rfm.monetary: expected 1 to 8 amounts"),
        (OWN.replace("256", "-1"), "rfm.monetary: expected 1 to 8 amounts"),
        (OWN.replace("[8, 6, 5, 4]", "[9, 8, 7, 6, 5, 4, 3, 2, 1]"), "rfm.frequency: expected 1 to 8 numbers"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RulesError) as raised:
        read(text)
    assert problem in str(raised.value)
    assert len(raised.value.facts["problems"]) == 1
