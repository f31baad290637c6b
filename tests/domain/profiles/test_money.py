"""Amounts as they are sent, and what they are worth."""

from decimal import Decimal

import pytest

from identity_graph.domain.profiles.money import (
    NO_RATES,
    AmountError,
    Money,
    Rates,
    read_amount,
    read_currency,
    write_amount,
)

DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        (69.99, "69.99"),
        (70, "70"),
        (0.1 + 0.2, "0.3"),
        (2.5e-7, "2.5E-7"),
        ("69.99", "69.99"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 1,299.00 ", "1299.00"),
        ("1.299,00", "1299.00"),
        ("1 299,00", "1299.00"),
        ("1\u202f299,00", "1299.00"),
        ("1’299.50", "1299.50"),
        ("1,299", "1299"),
        ("1,299,000", "1299000"),
        ("1.299", "1.299"),
        ("12,50", "12.50"),
        ("0,500", "0.500"),
        ("１２.５", "12.5"),
        ("-1,299.00", "-1299.00"),
    ],
)
def test_an_amount_is_exact_whatever_it_was_sent_as(sent: object, amount: str) -> None:
    assert read_amount(sent) == Decimal(amount)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_is_no_amount(nothing: object) -> None:
    assert read_amount(nothing) is None


@pytest.mark.parametrize(
    "sent", [True, "abc", "$5", "1,29,900.00", "1,299,50", "1e3", "(5.00)", {}, [5], 1e15, 10**15, "9" * 15 + "9"]
)
def test_what_is_no_amount_is_refused(sent: object) -> None:
    with pytest.raises(AmountError):
        read_amount(sent)


@pytest.mark.parametrize(
    ("sent", "currency"),
    [
        (None, (None, True)),
        ("", (None, True)),
        (" ", (None, True)),
        ("usd", ("USD", True)),
        ("RMB", ("CNY", True)),
        ("shells", ("SHELLS", False)),
        (156, ("?", False)),
    ],
)
def test_a_currency_that_there_is_not_keeps_its_name(sent: object, currency: tuple[str | None, bool]) -> None:
    assert read_currency(sent) == currency


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("10", "USD", "10.00"),
        ("10.005", "USD", "10.005"),
        ("1E+3", "JPY", "1000"),
        ("1.5", "KWD", "1.500"),
        ("0", "XXX", "0.00"),
        ("10.500000", "JPY", "10.5"),
    ],
)
def test_an_amount_is_written_with_the_digits_of_its_currency(amount: str, currency: str, text: str) -> None:
    assert write_amount(Decimal(amount), currency) == text


def test_the_rate_of_a_day_is_the_last_one_given() -> None:
    rates = Rates({"USD": ((10, Decimal("7.10")), (12, Decimal("7.2")))})
    one = Money(Decimal("1.01"), "USD")
    found = [rates.convert(one, "CNY", day * DAY + DAY // 2) for day in (9, 10, 11, 12, 99)]
    assert found == [None, Decimal("7.17"), Decimal("7.17"), Decimal("7.27"), Decimal("7.27")]


def test_an_amount_of_the_reporting_currency_needs_no_rate() -> None:
    assert NO_RATES.convert(Money(Decimal("1.005"), "CNY"), "CNY", 0) == Decimal("1.005")
    assert NO_RATES.convert(Money(Decimal(1), "USD"), "CNY", 0) is None
