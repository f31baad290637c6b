"""What a customer's purchases come to: when the first and the last was, how many, and how much in one currency."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from identity_graph.domain.profiles.commerce import CommerceRules
from identity_graph.domain.profiles.money import CURRENCIES, NO_CURRENCY, Money, round_amount
from identity_graph.domain.profiles.orders import counts, net_of
from identity_graph.domain.values.observations import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Purchase(NamedTuple):
    """An order that counts: when it was placed, and what it is worth after refunds."""

    at: Instant
    worth: Money


@dataclass(frozen=True, slots=True)
class Spending:
    """What some purchases come to. ``unconverted`` are those in a currency without a rate: they count, their amounts do not.

    ``average`` is what a purchase is worth on average, of those whose amounts count.
    """

    purchases: int
    first_at: Instant | None
    last_at: Instant | None
    total: Money
    average: Money
    unconverted: int

    def recency_days(self, now: Instant, zone: tzinfo) -> int | None:
        """Count the days of a zone since the last purchase; None without one."""
        return None if self.last_at is None else max(0, day_of(now, zone) - day_of(self.last_at, zone))


def day_of(at: Instant, zone: tzinfo) -> int:
    """Give the number of the day of a moment in a zone."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).toordinal()


def find_purchase(state: str, at: Instant, currency: str, revenue: Decimal, refunded: Decimal) -> Purchase | None:
    """Take an order as it is stored; None when it does not count."""
    return Purchase(at, Money(net_of(state, revenue, refunded), currency)) if counts(state) else None


def find_main_currency(purchases: Iterable[Purchase]) -> str:
    """Find the currency of most purchases, one of ISO 4217 if there is any; of several the first by name."""
    found = Counter(purchase.worth.currency for purchase in purchases)
    ranked = sorted(found, key=lambda currency: (currency not in CURRENCIES, -found[currency], currency))
    return ranked[0] if ranked else NO_CURRENCY


def sum_up(purchases: Sequence[Purchase], rules: CommerceRules, currency: str | None = None) -> Spending:
    """Sum purchases up in the reporting currency; without one in ``currency``, or else in that of most of them."""
    to = rules.reporting_currency or currency or find_main_currency(purchases)
    amounts = [rules.rates.convert(purchase.worth, to, purchase.at) for purchase in purchases]
    known = [amount for amount in amounts if amount is not None]
    total = sum(known, Decimal(0))
    times = [purchase.at for purchase in purchases]
    return Spending(
        purchases=len(purchases),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        total=Money(total, to),
        average=Money(round_amount(total / len(known), to) if known else Decimal(0), to),
        unconverted=len(amounts) - len(known),
    )
