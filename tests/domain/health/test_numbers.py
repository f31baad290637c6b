from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.health.numbers import (
    NO_SPREAD,
    Health,
    NamespaceHealth,
    band_sizes,
    in_order,
    nearly_full,
    spread_of,
    visitors_of,
)
from identity_graph.domain.rules.file import load_preset, parse_rules

histograms = st.dictionaries(st.integers(1, 2000), st.integers(1, 50), min_size=1)


@given(histograms)
def test_a_spread_is_that_of_the_single_numbers(histogram: dict[int, int]) -> None:
    numbers = sorted(number for number, count in histogram.items() for _ in range(count))
    spread = spread_of(histogram)
    assert (spread.customers, spread.most) == (len(numbers), numbers[-1])
    assert abs(spread.mean - sum(numbers) / len(numbers)) < 1e-6
    assert spread.p95 == numbers[-(-len(numbers) * 95 // 100) - 1]


def test_nobody_has_no_spread() -> None:
    assert spread_of({}) == NO_SPREAD


@given(histograms)
def test_every_size_is_in_one_band(histogram: dict[int, int]) -> None:
    bands = band_sizes(histogram)
    assert sum(band.customers for band in bands) == sum(histogram.values())
    for before, after in pairwise(bands):
        assert before.most is not None
        assert after.least == before.most + 1


def test_sizes_are_counted_in_their_bands() -> None:
    bands = band_sizes({1: 1, 2: 2, 3: 3, 5: 4, 6: 5, 10: 6, 50: 7, 51: 8, 500: 9, 501: 10, 9999: 11})
    assert [band.customers for band in bands] == [1, 2, 7, 11, 7, 17, 21]
    assert bands[-1].most is None


def test_nearly_full_is_eighty_percent_rounded_up() -> None:
    assert [nearly_full(most) for most in (500, 5, 6, 1)] == [400, 4, 5, 1]


def test_visitors_are_told_by_the_rules() -> None:
    assert visitors_of(load_preset()) == ["openid", "device_id", "anonymous_id"]


def test_namespaces_stand_as_in_the_rules_and_others_behind_them() -> None:
    rules = parse_rules("namespaces: {user_id: {}, coat: {}}")
    assert in_order(["hat", "coat", "art"], rules) == ["user_id", "coat", "art", "hat"]


def test_shares_count_ambiguous_values_among_those_that_were_seen() -> None:
    health = NamespaceHealth(
        namespace="phone", observations=80, ignored={"invalid": 15, "blocked": 5, "ambiguous_observation": 40}
    )
    assert health.came == 100
    assert (health.share_of("invalid"), health.share_of("ambiguous_observation")) == (0.15, 0.4)
    assert health.share_of("undeclared") == 0.0
    assert NamespaceHealth(namespace="phone").share_of("invalid") == 0.0


def test_the_anonymous_share_is_one_of_all_customers() -> None:
    health = Health(taken_at=0, rules_version=1, max_identifiers=500, customers=4, anonymous_customers=3)
    assert health.anonymous_share == 0.75
    assert Health(taken_at=0, rules_version=1, max_identifiers=500).anonymous_share == 0.0
