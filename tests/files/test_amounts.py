"""Amounts in the ways in which people and tills write them: exactly, or not at all."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.files.cell_numbers import CellError, read_amount, write_amount
from tests.files.reading_helpers import MINIMAL, mapping, messages, read, rejections


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("29.33", ".", "29.33"),
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1 234 567,8", ",", "1234567.8"),
        ("1\u202f234,50 €", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("¥1,299", ".", "1299"),
        ("￥ 68.00", ".", "68.00"),
        ("68元", ".", "68"),
        ("CNY 1,234", ".", "1234"),
        ("1234 EUR", ",", "1234"),
        ("US$12.50", ".", "12.50"),
        ("-19.90", ".", "-19.90"),
        ("19.90-", ".", "-19.90"),
        ("−19.90", ".", "-19.90"),
        ("(19.90)", ".", "-19.90"),
        ("(¥19.90)", ".", "-19.90"),
        ("-$5", ".", "-5"),
        ("$-5", ".", "-5"),
        ("+5", ".", "5"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("12345678901234567890.12", ".", "12345678901234567890.12"),
    ],
)
def test_an_amount_is_read_with_all_its_digits(text: str, point: str, expected: str) -> None:
    assert read_amount(text, point) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("1,23", "."),
        ("1.234.5", "."),
        ("1,2345.6", "."),
        ("1.234,50", "."),
        ("1,234.50", ","),
        ("12,34,567", "."),
        ("1,234 567", "."),
        ("5pcs", "."),
        ("5k", "."),
        ("1e5", "."),
        ("--5", "."),
        ("(-5)", "."),
        ("", "."),
        ("¥", "."),
        ("1_000", "."),
        ("٣", "."),
        ("9" * 80, "."),
    ],
)
def test_what_could_be_two_amounts_or_none_is_refused_with_the_remedy(text: str, point: str) -> None:
    with pytest.raises(CellError, match=r"expected an amount such as .*set `decimal"):
        read_amount(text, point)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from([(",", "."), (".", ",")]))
def test_every_amount_reads_as_it_was_written(amount: Decimal, marks: tuple[str, str]) -> None:
    thousands, point = marks
    written = f"{amount:,.2f}".replace(",", "\0").replace(".", point).replace("\0", thousands)
    assert read_amount(written, point) == amount
    assert Decimal(repr(write_amount(amount))) == amount


def test_an_amount_with_more_digits_than_a_number_keeps_rejects_its_row(tmp_path: Path) -> None:
    table = mapping(MINIMAL + "properties: {v: {column: v, type: amount}}")
    found = read(tmp_path / "f.csv", "id,v\na,12345678901234567.89\nb,1\n", table)
    assert rejections(found) == [(2, "invalid_field")]


def test_amounts_with_a_decimal_comma_and_their_absolute_values(tmp_path: Path) -> None:
    table = mapping(
        MINIMAL + "delimiter: ;\ndecimal: comma\nproperties:\n  total: {column: v, type: amount, absolute: true}\n"
    )
    [message] = messages(read(tmp_path / "f.csv", "id;v\na;-1.234,50 €\n", table))
    assert message["properties"] == {"total": 1234.5}
