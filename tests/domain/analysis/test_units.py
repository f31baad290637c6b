"""Sharing out: nothing is lost, and nothing is added."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.analysis.units import UNIT, amount_of, round_rows, share_out, units_of
from identity_graph.domain.profiles.money import round_amount
from tests.properties import examples

AMOUNTS = st.integers(-(10**24), 10**24)
WEIGHTS = st.lists(st.integers(0, 2**53), min_size=1, max_size=12).filter(any)


@examples(100)
@given(AMOUNTS, WEIGHTS)
def test_shares_add_up_to_the_whole_and_are_less_than_a_unit_off(units: int, weights: list[int]) -> None:
    shares = share_out(units, weights)
    assert sum(shares) == units
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - units * weight) < sum(weights)


@examples(100)
@given(st.lists(AMOUNTS, max_size=12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_rounded_rows_add_up_to_their_rounded_sum(rows: list[int], currency: str) -> None:
    rounded = round_rows(rows, currency)
    assert sum(map(units_of, rounded)) == units_of(round_amount(amount_of(sum(rows)), currency))
    smallest = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
    for row, shown in zip(rows, rounded, strict=True):
        assert abs(units_of(shown) - row) <= units_of(smallest)


def test_the_cent_that_is_left_goes_to_the_first_of_equal_rows() -> None:
    third = share_out(units_of(Decimal("140.00")), [1, 1, 1])
    assert [str(amount_of(one)) for one in third] == ["46.666666667", "46.666666667", "46.666666666"]
    assert [round_amount(amount_of(one), "USD") for one in third] == [Decimal("46.67")] * 3
    assert round_rows(third, "USD") == [Decimal("46.67"), Decimal("46.67"), Decimal("46.66")]


def test_amounts_are_exact() -> None:
    assert amount_of(units_of(Decimal("123456789012345.123456789"))) == Decimal("123456789012345.123456789")
    assert units_of(Decimal("-0.5")) == -UNIT // 2
    assert amount_of(-UNIT // 2) == Decimal("-0.5")
