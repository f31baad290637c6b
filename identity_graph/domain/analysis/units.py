"""Amounts in whole units, so that what is shared out adds up to the whole, exactly."""

from collections.abc import Sequence
from decimal import Decimal

from identity_graph.domain.profiles.money import round_amount

UNIT = 10**9
"""Units of one: nothing that is shared out is finer than a billionth, and no amount of money that is read is."""

_DIGITS = 9


def units_of(amount: Decimal) -> int:
    """Write an amount in units; what is finer than one is rounded."""
    return int(amount.scaleb(_DIGITS).to_integral_value())


def amount_of(units: int) -> Decimal:
    """Read an amount of units back, exactly."""
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -_DIGITS))


def share_out(units: int, weights: Sequence[int]) -> list[int]:
    """Share units out by weights, of which one is above zero.

    Each share is rounded down. The units that are left go one by one to the shares that lost most, of equal ones to the first.
    """
    whole = sum(weights)
    shares = [units * weight // whole for weight in weights]
    return _give(units - sum(shares), shares, [units * weight % whole for weight in weights])


def round_rows(rows: Sequence[int], currency: str) -> list[Decimal]:
    """Round amounts in units to the smallest unit of a currency so that they add up to their rounded sum.

    Each is rounded down. The cents that are left go one by one to the rows that lost most, of equal ones to the first.
    """
    smallest = round_amount(Decimal(0), currency)
    cent = units_of(Decimal(1).scaleb(int(smallest.as_tuple().exponent)))
    whole = units_of(round_amount(amount_of(sum(rows)), currency)) // cent
    cents = [row // cent for row in rows]
    given = _give(whole - sum(cents), cents, [row % cent for row in rows])
    return [round_amount(amount_of(one * cent), currency) for one in given]


def _give(left: int, shares: list[int], lost: Sequence[int]) -> list[int]:
    for index in sorted(range(len(shares)), key=lambda index: -lost[index])[:left]:
        shares[index] += 1
    return shares
