"""How values of facts are compared, by the definition of each operator: slow, plain, and with no code of the product."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBERS = {"points", "weight", "visits", "spent", "last_amount"}
TIMES = {"birthday": "date", "renewed": "moment"}


def micros(duration: str) -> int:
    """Read a duration."""
    days, _, rest = duration.removeprefix("P").partition("T")
    total = int(days.rstrip("D") or 0) * DAY
    for unit, size in (("H", 3600), ("M", 60), ("S", 1)):
        if unit in rest:
            number, _, rest = rest.partition(unit)
            total += int(number) * size * SECOND
    return total


class Comparing:
    def __init__(self, at: int, zone: ZoneInfo) -> None:
        self.at = at
        self.zone = zone

    def day(self, at: int) -> date:
        return (EPOCH + timedelta(microseconds=at)).astimezone(self.zone).date()

    def compare(self, said: Mapping[str, Any], value: Any, what: str) -> bool:
        op = said["op"]
        operand: Any = said.get("value")
        if op == "NE":
            return not self.is_equal(value, operand, what)
        if op == "NOT_IN":
            return not any(self.is_equal(value, one, what) for one in operand)
        if is_blank(value) or not _fits(value, what):
            return False
        match op:
            case "EXISTS":
                return True
            case "EQ":
                return self.is_equal(value, operand, what)
            case "IN":
                return any(self.is_equal(value, one, what) for one in operand)
            case "STARTS_WITH":
                return isinstance(value, str) and value[: len(operand)] == operand
            case "CONTAINS":
                if isinstance(value, list):
                    return any(self.is_equal(one, operand, "property") for one in value)
                return isinstance(value, str) and isinstance(operand, str) and value.find(operand) >= 0
            case "LT" | "LE" | "GT" | "GE" | "BETWEEN":
                return self.is_ordered(op, value, operand, what)
            case _:
                return self.is_near(op, value, micros(operand))

    def is_equal(self, value: Any, operand: Any, what: str) -> bool:
        if is_blank(value) or not _fits(value, what):
            return False
        if what in TIMES:
            return self.way(value, operand, what) == 0
        if isinstance(operand, bool):
            return value is operand
        if isinstance(operand, int | float):
            return may_be_number(value, what) and number_of(value) == number_of(operand)
        return isinstance(value, str) and value == operand

    def is_ordered(self, op: str, value: Any, operand: Any, what: str) -> bool:
        if op == "BETWEEN":
            return self.is_ordered("GE", value, operand[0], what) and self.is_ordered("LE", value, operand[1], what)
        way = self.way(value, operand, what)
        return way is not None and {"LT": way < 0, "LE": way <= 0, "GT": way > 0, "GE": way >= 0}[op]

    def way(self, value: Any, operand: Any, what: str) -> int | None:
        if isinstance(operand, str) and what != "number":
            mine: Any
            other: Any
            if _is_date(value) and _is_date(operand):
                mine, other = date.fromisoformat(value), date.fromisoformat(operand)
            elif _is_moment(value) and _is_date(operand):
                mine, other = self.day(instant_of(value)), date.fromisoformat(operand)
            elif _is_moment(value) and _is_moment(operand):
                mine, other = instant_of(value), instant_of(operand)
            else:
                return None
        else:
            mine, other = number_of(value), number_of(operand)
            if mine is None or other is None or not may_be_number(value, what):
                return None
        return (mine > other) - (mine < other)

    def is_near(self, op: str, value: Any, span: int) -> bool:
        """Compare with now; a date is its whole day in the zone."""
        if _is_date(value):
            day = date.fromisoformat(value)
            begin, end = self.begin(day), self.begin(day + timedelta(days=1))
        elif _is_moment(value):
            begin = end = instant_of(value)
            day = self.day(begin)
        else:
            return False
        match op:
            case "WITHIN_LAST":
                return begin <= self.at < end + span
            case "LONGER_AGO_THAN":
                return self.at >= end + span
            case "WITHIN_NEXT":
                return begin - span <= self.at < end
            case _:
                years = range(self.day(self.at).year - 1, self.day(self.at).year + 3)
                days = [_in_year(day, year) for year in years if year > day.year]
                return any(self.begin(d) - span <= self.at < self.begin(d + timedelta(days=1)) for d in days)

    def begin(self, day: date) -> int:
        """Find the moment in which a day begins, hour by hour and then by halves."""
        low = (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) - 2 * DAY
        high = low + 4 * DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.day(middle) >= day else (middle, high)
        return high


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not _is_leap(year) else day.replace(year=year)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def is_blank(value: Any) -> bool:
    return value is None or (
        isinstance(value, str | list | dict) and not (value.strip() if isinstance(value, str) else value)
    )


def _fits(value: Any, what: str) -> bool:
    """Tell whether a value is of the type that the catalogue declares."""
    if what in NUMBERS:
        return number_of(value) is not None
    if what in TIMES:
        return _is_date(value) if TIMES[what] == "date" else _is_moment(value) or _is_date(value)
    expected = {"city": str, "level": str, "member": bool, "tags": list}.get(what)
    return expected is None or isinstance(value, expected)


def number_of(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction | Decimal):
        return None
    if isinstance(value, str) and not value.lstrip("-").replace(".", "", 1).isdigit():
        return None
    return value if isinstance(value, Fraction) else Fraction(str(value))


def may_be_number(value: Any, what: str) -> bool:
    """Tell whether a value may count as a number: a text only where the catalogue says that it is one."""
    return not isinstance(value, str) or what in NUMBERS


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and value[4:5] == "-"


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and value[10:11] == "T"


def instant_of(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)
