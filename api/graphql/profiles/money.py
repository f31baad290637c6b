"""Money, as the API gives it: never a floating-point number."""

from decimal import Decimal

import strawberry

from identity_graph.domain.profiles import money as domain


@strawberry.type(description="An exact amount of a currency.")
class Money:
    """An amount of a currency."""

    amount: Decimal = strawberry.field(description="Exact, as a string: `69.99`.")
    currency: str = strawberry.field(
        description="A code of ISO 4217; `XXX` if none is named, or what the source wrote if there is no such currency."
    )


def money_of(amount: str, currency: str) -> Money:
    """Make money of an amount as it is stored."""
    return Money(amount=Decimal(amount), currency=currency)


def money_as_sum(total: domain.Money) -> Money:
    """Make money of a sum, with the digits of its currency: ``0.00``."""
    return money_of(domain.write_amount(total.amount, total.currency), total.currency)


def find_money(amount: str | None, currency: str) -> Money | None:
    """Make money of an amount that may not be known."""
    return None if amount is None else money_of(amount, currency)
