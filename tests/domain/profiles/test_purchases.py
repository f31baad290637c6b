"""What purchases come to, in one currency."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE, CommerceRules
from identity_graph.domain.profiles.money import Money, Rates
from identity_graph.domain.profiles.purchases import Purchase, find_main_currency, find_purchase, sum_up

DAY = 86_400_000_000
HOUR = DAY // 24
UTC, SHANGHAI = ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai")


def bought(day: int, amount: str, currency: str = "CNY") -> Purchase:
    return Purchase(day * DAY, Money(Decimal(amount), currency))


def test_purchases_are_summed_up_in_the_currency_of_most_of_them() -> None:
    spent = sum_up([bought(3, "10.00"), bought(1, "5"), bought(2, "7", "USD")], DEFAULT_COMMERCE)
    assert (spent.purchases, spent.first_at, spent.last_at) == (3, DAY, 3 * DAY)
    assert (spent.total, spent.average, spent.unconverted) == (
        Money(Decimal(15), "CNY"),
        Money(Decimal("7.50"), "CNY"),
        1,
    )
    assert sum_up([bought(1, "5"), bought(2, "7", "USD")], DEFAULT_COMMERCE, "USD").total == (7, "USD")


def test_a_currency_that_there_is_not_is_no_currency_of_sums_while_there_is_another() -> None:
    shells = [bought(day, "9", "SHELLS") for day in (1, 2)]
    spent = sum_up([*shells, bought(3, "7", "USD")], DEFAULT_COMMERCE)
    assert (spent.total, spent.unconverted) == (Money(Decimal(7), "USD"), 2)
    assert sum_up(shells, DEFAULT_COMMERCE).total == (18, "SHELLS")


def test_rates_of_the_day_lead_to_the_reporting_currency() -> None:
    rules = CommerceRules(reporting_currency="CNY", rates=Rates({"USD": ((2, Decimal("7.1")),)}))
    spent = sum_up([bought(1, "1", "USD"), bought(2, "1.01", "USD"), bought(3, "1")], rules, "USD")
    assert (spent.total, spent.unconverted) == (Money(Decimal("8.17"), "CNY"), 1)


def test_nothing_bought_is_nothing() -> None:
    spent = sum_up([], DEFAULT_COMMERCE)
    assert (spent.purchases, spent.first_at, spent.total, spent.average) == (0, None, (0, "XXX"), (0, "XXX"))
    assert spent.recency_days(DAY, UTC) is None
    assert find_main_currency([]) == "XXX"


def test_days_are_those_of_the_zone() -> None:
    spent = sum_up([Purchase(15 * HOUR, Money(Decimal(1), "CNY"))], DEFAULT_COMMERCE)
    now = 17 * HOUR
    assert (spent.recency_days(now, UTC), spent.recency_days(now, SHANGHAI)) == (0, 1)
    assert spent.recency_days(0, UTC) == 0


def test_an_order_that_does_not_count_is_no_purchase() -> None:
    cancelled = find_purchase("CANCELLED", 1, "CNY", Decimal(5), Decimal(0))
    assert cancelled is None
    assert find_purchase("PLACED", 1, "CNY", Decimal(5), Decimal(2)) == Purchase(1, Money(Decimal(3), "CNY"))
