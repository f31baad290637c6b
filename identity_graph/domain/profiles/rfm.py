"""RFM: how recently, how frequently and for how much somebody bought, scored by boundaries that were cut at one moment.

Quantiles depend on everybody, so their boundaries are a dated fact, the cut; a score is a function of a customer's numbers and
the cut. Equal values always get equal scores: where many customers share a value, there are fewer classes.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

from identity_graph.domain.profiles.money import AmountError, read_amount
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

N = TypeVar("N", int, Decimal)

QUINTILES = (20, 20, 20, 20, 20)
MOST_CLASSES = 9
"""A score has one digit for each of recency, frequency and monetary value."""


class RfmMethod(StrEnum):
    """How the boundaries are found."""

    QUINTILES = "quintiles"
    PERCENTAGES = "percentages"
    BOUNDARIES = "boundaries"


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmRules:
    """How a cut is made.

    ``percentages`` say how many customers each class is to have, the best class first. Own boundaries are of the best class
    first, too: at most so many days, at least so many orders, at least so much money.
    """

    method: RfmMethod = RfmMethod.QUINTILES
    percentages: tuple[int, ...] = QUINTILES
    recency: tuple[int, ...] = ()
    frequency: tuple[int, ...] = ()
    monetary: tuple[Decimal, ...] = ()


DEFAULT_RFM = RfmRules()
"""What holds where the catalogue says nothing."""


class RfmNumbers(NamedTuple):
    """The numbers of a customer who bought something."""

    recency_days: int
    frequency: int
    monetary: Decimal


@dataclass(frozen=True, slots=True)
class RfmBoundaries:
    """The boundaries of a cut, of the best class first, and into how many classes each tells the population apart."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...]
    recency_classes: int
    frequency_classes: int
    monetary_classes: int

    @property
    def classes(self) -> int:
        """The fewest classes of the three: fewer than wanted where boundaries repeat."""
        return min(self.recency_classes, self.frequency_classes, self.monetary_classes)


class RfmCut(NamedTuple):
    """A cut: which boundaries held from a moment on, among how many customers they were found, and the currency of money.

    ``rhythm`` is the median gap between purchases of all customers; None where nobody bought twice.
    """

    version: int
    at: Instant
    method: str
    population: int
    currency: str
    boundaries: RfmBoundaries
    rhythm: Instant | None


def score(numbers: RfmNumbers, boundaries: RfmBoundaries) -> str:
    """Score a customer: a digit each for recency, frequency and monetary value, the greater the better."""
    return "".join(
        str(class_)
        for class_ in (
            _class_of(-numbers.recency_days, [-days for days in boundaries.recency]),
            _class_of(numbers.frequency, boundaries.frequency),
            _class_of(numbers.monetary, boundaries.monetary),
        )
    )


def cut(population: Sequence[RfmNumbers], rules: RfmRules) -> RfmBoundaries:
    """Find the boundaries among all customers who bought something."""
    recency = sorted(-numbers.recency_days for numbers in population)
    frequency = sorted(numbers.frequency for numbers in population)
    monetary = sorted(numbers.monetary for numbers in population)
    if rules.method is RfmMethod.BOUNDARIES:
        lowest, least, cheapest = [-days for days in rules.recency], [*rules.frequency], [*rules.monetary]
    else:
        shares = QUINTILES if rules.method is RfmMethod.QUINTILES else rules.percentages
        lowest = _quantiles(recency, shares, 1)
        least = _quantiles(frequency, shares, 1)
        cheapest = _quantiles(monetary, shares, Decimal("0.01"))
    return RfmBoundaries(
        tuple(-days for days in lowest),
        tuple(least),
        tuple(cheapest),
        _count_classes(recency, lowest),
        _count_classes(frequency, least),
        _count_classes(monetary, cheapest),
    )


def _class_of(value: N, boundaries: Sequence[N]) -> int:
    reached = next((number for number, least in enumerate(boundaries) if value >= least), len(boundaries))
    return len(boundaries) + 1 - reached


def _quantiles(values: Sequence[N], shares: Sequence[int], step: N) -> list[N]:
    """Give the least value of each class but the worst, the best class first.

    A class begins above the value at which the worse ones are full: all who have that value are among these. Where nobody
    has more, it begins a step above, and is empty.
    """
    if not values:
        return []
    bounds: list[N] = []
    for percent in list(accumulate(reversed(shares)))[:-1]:
        last = values[max(0, -(-len(values) * percent // 100) - 1)]
        above = bisect_right(values, last)
        bounds.append(values[above] if above < len(values) else last + step)
    return bounds[::-1]


def _count_classes(values: Sequence[N], boundaries: Sequence[N]) -> int:
    """Count the classes that boundaries tell apart: without a population by themselves, else of those that somebody reaches."""
    reached = {least for least in boundaries if not values or least <= values[-1]}
    return len(reached) + 1


RFM_KEYS = ("method", "percentages", "recency", "frequency", "monetary")
"""The keys of the part of a catalogue."""


def read_rfm_rules(section: Section) -> RfmRules:
    """Read the part of a catalogue about RFM; what is wrong is noted with its line."""
    method = section.choice("method", {str(one): one for one in RfmMethod}, RfmMethod.QUINTILES)
    wanted = {RfmMethod.QUINTILES: (), RfmMethod.PERCENTAGES: RFM_KEYS[1:2], RfmMethod.BOUNDARIES: RFM_KEYS[2:]}[method]
    for key in RFM_KEYS[1:]:
        if key in section and key not in wanted:
            section.problems.add(section.line_of_key(key), section.path(key), f"has no meaning with {method}")
        if key not in section and key in wanted:
            section.problems.add(section.line_of_key("method"), section.path(key), f"missing: {method} need it")
    given = {key: _read_numbers(section, key) for key in wanted if key in section}
    whole = {key: tuple(int(number) for number in given.get(key, ())) for key in RFM_KEYS[1:4]}
    return RfmRules(
        method=method,
        percentages=whole["percentages"] or QUINTILES,
        recency=whole["recency"],
        frequency=whole["frequency"],
        monetary=given.get("monetary", ()),
    )


_EXPECTED = {
    "percentages": "2 to 9 whole percentages of the best class first that come to 100",
    "recency": "1 to 8 numbers of days of the best class first, rising, such as [30, 90, 180, 365]",
    "frequency": "1 to 8 numbers of orders of the best class first, falling, such as [8, 6, 5, 4]",
    "monetary": "1 to 8 amounts of the best class first, falling, such as [1000, 500, 250, 100]",
}


def _read_numbers(section: Section, key: str) -> tuple[Decimal, ...]:
    nodes = read_list(section[key])
    try:
        numbers = [read_amount(read_text(node)) for node in nodes or ()]
    except AmountError:
        numbers = []
    found = tuple(number for number in numbers if number is not None)
    if not found or len(found) < len(numbers) or not _fits(key, found):
        section.reject(key, _EXPECTED[key])
        return ()
    return found


def _fits(key: str, numbers: tuple[Decimal, ...]) -> bool:
    if key != "monetary" and any(number != int(number) for number in numbers):
        return False
    if key == "percentages":
        return 2 <= len(numbers) <= MOST_CLASSES and sum(numbers) == 100 and min(numbers) > 0
    rising = numbers if key == "recency" else numbers[::-1]
    return len(numbers) < MOST_CLASSES and rising[0] >= 0 and all(a < b for a, b in pairwise(rising))
