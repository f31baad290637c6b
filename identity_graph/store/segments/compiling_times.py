"""Dates and moments of traits, which are JSON text, compared with now.

Dates as a catalogue's type writes them sort as text, and each stands for its whole day in the zone of the project. Of moments the
first ten letters tell the day in UTC, with two days more at both ends for the zone.
"""

from datetime import date

from identity_graph.domain.profiles.trait_types import ValueType
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.rule_tree import Operator
from identity_graph.domain.values.durations import read_duration
from identity_graph.domain.values.instants import DAY
from identity_graph.store.segments.compiling_asked import Asked
from identity_graph.store.segments.compiling_bounds import FALSE, TRUE, Bounds, both, either, no

LIKE_A_DATE = "t.value =~ '\"[0-9]{4}-[0-9]{2}-[0-9]{2}\"'"
"""What may be a date."""

_DAYS = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
A_DATE = f"t.value =~ '\"(?!0000)[0-9]{{4}}-({_DAYS})\"'"
"""What is a date for sure: all but 29 February, which needs its year."""

_MOMENT = "t.value =~ '\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\"'"
_IS_TEXT = "t.value STARTS WITH '\"'"
_SLACK = 2
_MONTH_AND_DAY = "substring(t.value, 6, 5)"


def compile_near(op: Operator, span: str, type: ValueType, asked: Asked) -> Bounds:
    """Compare with now; what is not written as the type writes it may be a time all the same."""
    width = read_duration(span) or 0
    if type is ValueType.DATE:
        inside = _anniversary(width, asked) if op is Operator.ANNIVERSARY_WITHIN else _days(op, width, asked)
        return Bounds(both(LIKE_A_DATE, inside.upper), both(A_DATE, inside.lower))
    if type is not ValueType.MOMENT:
        return Bounds(_IS_TEXT, FALSE)
    days = -(-width // DAY)
    if op is Operator.ANNIVERSARY_WITHIN:
        near = [asked.today + day for day in range(-_SLACK, days + _SLACK + 1)]
        return Bounds(either(_falls_on(near, asked), no(_MOMENT)), FALSE)
    first, last = {
        Operator.WITHIN_LAST: (asked.today - days, asked.today),
        Operator.LONGER_AGO_THAN: (None, asked.today - days),
        Operator.WITHIN_NEXT: (asked.today, asked.today + days),
    }[op]
    inside = _between(None if first is None else first - _SLACK, last + _SLACK, asked)
    return Bounds(either(inside, no(_MOMENT)), FALSE)


def _days(op: Operator, width: int, asked: Asked) -> Bounds:
    """Give the days that are near enough: a day begins by its first moment, and ends by that of the next one."""
    zone = asked.terms.zone
    ago = day_of(asked.now - width, zone)
    first, last = {
        Operator.WITHIN_LAST: (ago, asked.today),
        Operator.LONGER_AGO_THAN: (None, ago - 1),
        Operator.WITHIN_NEXT: (asked.today, day_of(asked.now + width, zone)),
    }[op]
    inside = _between(first, last, asked)
    return Bounds(inside, inside)


def _anniversary(width: int, asked: Asked) -> Bounds:
    """Give the days of the year whose anniversary is near; whoever was born in such a year is unsure."""
    zone = asked.terms.zone
    coming = range(asked.today - 1, asked.today - (-width // DAY) + 3)
    near = [day for day in coming if start_of_day(day, zone) - width <= asked.now < start_of_day(day + 1, zone)]
    falls = _falls_on(near, asked)
    before = f"substring(t.value, 1, 4) < {asked.given(_write(min(near, default=1))[:4])}"
    return Bounds(falls, both(falls, before))


def _falls_on(days: list[int], asked: Asked) -> str:
    """Ask whether month and day are those of one of some days; 29 February is 28 February in other years."""
    texts = {_write(day)[5:] for day in days}
    texts |= {"02-29"} if "02-28" in texts else set()
    return f"{_MONTH_AND_DAY} IN {asked.given(sorted(texts))}"


def _between(first: int | None, last: int, asked: Asked) -> str:
    least = TRUE if first is None else f"t.value >= {asked.given(_quote(first))}"
    return both(least, f"t.value <= {asked.given(_quote(last) + '~')}")


def _quote(day: int) -> str:
    return chr(34) + _write(day)


def _write(day: int) -> str:
    return date.fromordinal(min(max(day, 1), date.max.toordinal())).isoformat()
