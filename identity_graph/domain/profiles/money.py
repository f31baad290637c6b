"""Money: exact amounts, the currencies that exist, and what one is worth in another on a day."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant

NO_CURRENCY = "XXX"
"""What ISO 4217 writes where no currency is involved: that of amounts whose messages and rules name none."""

CURRENCIES = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "ANG",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BHD",
        "BIF",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHF",
        "CLF",
        "CLP",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DJF",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GNF",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "IRR",
        "ISK",
        "JMD",
        "JOD",
        "JPY",
        "KES",
        "KGS",
        "KHR",
        "KMF",
        "KPW",
        "KRW",
        "KWD",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "LYD",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "OMR",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "PYG",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "RWF",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SLL",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SVC",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TND",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "UGX",
        "USD",
        "UYU",
        "UZS",
        "VED",
        "VES",
        "VND",
        "VUV",
        "WST",
        "XAF",
        "XCD",
        "XCG",
        "XOF",
        "XPF",
        "YER",
        "ZAR",
        "ZMW",
        "ZWG",
    ]
)
"""The currencies of ISO 4217."""

_OTHER_NAMES = {"RMB": "CNY"}
_NO_DIGITS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DIGITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_LONGEST_CURRENCY = 12

_PLAIN = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})")
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2}(?:([,. '])\d{3})(?:\2\d{3}){0,3})(?:(?!\2)[.,](\d{1,9}))?")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,15},\d{1,2}|0,\d{3,9})")
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_MOST = Decimal(10**15)
_FINEST = Decimal("1e-9")


class AmountError(ValueError):
    """A value that is no amount. The message ends a sentence that names the field: "… must be …"."""


class Money(NamedTuple):
    """An exact amount of a currency."""

    amount: Decimal
    currency: str


def read_amount(value: object) -> Decimal | None:
    """Read an amount: a number, or a text with one, with or without thousands separators; None when nothing is said.

    A floating-point number is what its shortest text says, to 15 digits: what a sum of prices in JavaScript is off by is no
    money. ``1,299`` and ``1,299.00`` and ``1.299,00`` are all thousands; ``12,50`` has a decimal comma.

    Raises:
        AmountError: it is none, or more than anything costs.
    """
    match value:
        case None:
            return None
        case bool():
            raise AmountError("must be a number")
        case int():
            amount = Decimal(value)
        case float():
            amount = _read_float(value)
        case str():
            text = unicodedata.normalize("NFKC", value).translate(_APOSTROPHES).strip()
            if not text:
                return None
            amount = _read_text(text)
        case _:
            raise AmountError("must be a number")
    if abs(amount) >= _MOST:
        raise AmountError("is more than anything costs")
    return amount


def find_amount(value: object) -> Decimal | None:
    """Read an amount as ``read_amount`` does; None also when it is none."""
    try:
        return read_amount(value)
    except AmountError:
        return None


def read_currency(value: object) -> tuple[str | None, bool]:
    """Read a currency, and whether there is such a one; (None, True) when nothing is said.

    One that there is not is kept as it is written: its amounts are never added to those of others.
    """
    if value is None or value == "":
        return None, True
    if type(value) is not str:
        return "?", False
    code = value.strip().upper()
    if not code:
        return None, True
    code = _OTHER_NAMES.get(code, code)
    return code[:_LONGEST_CURRENCY], code in CURRENCIES


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round to the smallest unit of a currency, half to even."""
    return amount.quantize(_unit_of(currency), rounding=ROUND_HALF_EVEN)


def write_amount(amount: Decimal, currency: str) -> str:
    """Write an amount with all its digits, and at least those of its currency: ``10.00``."""
    rounded = round_amount(amount, currency)
    return f"{rounded if rounded == amount else amount.normalize():f}"


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of a currency is worth in the reporting currency: by currency (day, rate) in the order of days.

    A day is the number of days since 1970-01-01.
    """

    by_currency: Mapping[str, tuple[tuple[int, Decimal], ...]] = field(
        default_factory=dict[str, tuple[tuple[int, Decimal], ...]]
    )

    def find(self, currency: str, at: Instant) -> Decimal | None:
        """Find the rate of a currency at a moment: the last one given for that day or a day before; None before the first."""
        known = self.by_currency.get(currency, ())
        index = bisect_right(known, at // DAY, key=lambda rate: rate[0])
        return known[index - 1][1] if index else None

    def convert(self, money: Money, to: str, at: Instant) -> Decimal | None:
        """Give an amount in the reporting currency ``to``, rounded to its smallest unit; None without a rate."""
        if money.currency == to:
            return money.amount
        rate = self.find(money.currency, at)
        return None if rate is None else round_amount(money.amount * rate, to)


NO_RATES = Rates()


def _unit_of(currency: str) -> Decimal:
    return Decimal(1).scaleb(-(0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2))


def _read_float(value: float) -> Decimal:
    if not abs(value) < _MOST:
        raise AmountError("is more than anything costs")
    return Decimal(format(value, ".15g")).quantize(_FINEST).normalize()


def _read_text(text: str) -> Decimal:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _DECIMAL_COMMA.fullmatch(text):
        return Decimal(text.replace(",", "."))
    grouped = _GROUPED.fullmatch(text)
    if grouped is None:
        raise AmountError("must be a number, such as 1299.00")
    whole = grouped[1].replace(grouped[2], "")
    return Decimal(f"{whole}.{grouped[3] or 0}")
