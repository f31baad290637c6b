from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.values.numbers import EXACT_BELOW, InexactNumberError, Single, read_id


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("u-7", "u-7"), ("007", "007"), (" 7 ", " 7 "), ("12.5", "12.5"), ("E+mail", "E+mail"), ("e+1", "e+1"),
        (7, "7"), (10**30, "1" + "0" * 30), (7.0, "7"), (-0.0, "0"), (2.0**53 - 1, "9007199254740991"),
        (Decimal(12345678901234567890123), "12345678901234567890123"), (Decimal("12.00"), "12"),
        (Decimal("12345678901234567890.0000000001"), "12345678901234567890.0000000001"), (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"), (Decimal("12.50"), "12.5"), (Single(16777215.0, 2**24), "16777215"),
    ],
)  # fmt: skip
def test_every_digit_of_an_id_counts(value: object, text: str) -> None:
    assert read_id(value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2.0**53, "too long to be exact"), (-(2.0**53), "too long to be exact"), (123456789012345678.0, "too long"),
        (Single(2.0**24, 2**24), "too long to be exact"), (7.5, "a fraction"), (float("nan"), "a fraction"),
        (float("inf"), "a fraction"), (Decimal("NaN"), "not a number"), (Decimal("Infinity"), "not a number"),
        ("1.23457E+17", "a spreadsheet shortened"), ("1,23457E+17", "a spreadsheet shortened"),
        (" 8.6138E+12 ", "a spreadsheet shortened"), ("1e+17", "a spreadsheet shortened"),
    ],
)  # fmt: skip
def test_a_number_that_may_stand_for_several_names_nobody(value: object, reason: str) -> None:
    with pytest.raises(InexactNumberError, match=reason):
        read_id(value)


@pytest.mark.parametrize("value", [None, True, False, [], {}, b"7"])
def test_what_is_neither_text_nor_number_is_no_id(value: object) -> None:
    assert read_id(value) is None


@settings(deadline=None)
@given(st.integers(-(10**20), 10**20), st.integers(-3, 3))
def test_no_two_numbers_that_are_taken_become_one(number: int, step: int) -> None:
    texts: set[str | None] = set()
    for one in (number, number + step):
        try:
            texts.add(read_id(float(one)))
        except InexactNumberError:
            assert abs(one) >= EXACT_BELOW - 1
            return
    assert texts == {str(number), str(number + step)}
