"""Statistics of shares: intervals, tests, and whether a split is the one that was meant.

scipy is loaded when it is first needed: that takes a second.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

CONFIDENCE = 0.95

_LEAST_EXPECTED = 5
"""Fewer expected in a cell of a table: the chi-squared distribution is no good approximation (Cochran 1954)."""


class Interval(NamedTuple):
    """From where to where a share, or a difference of two, lies with a confidence of 95 percent."""

    low: float
    high: float


class Tally(NamedTuple):
    """How many there are, and how many of them converted."""

    customers: int
    conversions: int

    @property
    def rate(self) -> float:
        """The share of those who converted; 0 of nobody."""
        return self.conversions / self.customers if self.customers else 0.0


def wilson(tally: Tally) -> Interval | None:
    """Give the interval of a share by Wilson's score method, without correction (Wilson 1927); None of nobody."""
    from scipy.stats import binomtest

    if not tally.customers:
        return None
    found = binomtest(tally.conversions, tally.customers).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(float(found.low), float(found.high))


def newcombe(tally: Tally, control: Tally) -> Interval | None:
    """Give the interval of the difference of two independent shares by Newcombe's hybrid score method; None without either.

    Newcombe, R. G. (1998): Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
    method 10.
    """
    own, other = wilson(tally), wilson(control)
    if own is None or other is None:
        return None
    difference = tally.rate - control.rate
    low = sqrt((tally.rate - own.low) ** 2 + (other.high - control.rate) ** 2)
    high = sqrt((own.high - tally.rate) ** 2 + (control.rate - other.low) ** 2)
    return Interval(difference - low, difference + high)


def compare(tally: Tally, control: Tally) -> float | None:
    """Give the p-value of the hypothesis that two shares are the same, two-sided; None where nothing can be told.

    Pearson's chi-squared test, and Fisher's exact test where fewer than five are expected in a cell.
    """
    from scipy.stats import chi2_contingency, fisher_exact
    from scipy.stats.contingency import expected_freq

    table = [[one.conversions, one.customers - one.conversions] for one in (tally, control)]
    if not all(map(sum, table)) or not all(map(sum, zip(*table, strict=True))):
        return None
    if expected_freq(table).min() < _LEAST_EXPECTED:
        return float(fisher_exact(table).pvalue)  # pyright: ignore[reportAttributeAccessIssue]
    return float(chi2_contingency(table, correction=False).pvalue)  # pyright: ignore[reportAttributeAccessIssue]


def adjust(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust the p-values of several comparisons so that the chance of any false one stays as it is for one (Holm 1979)."""
    ranked = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    raised = accumulate((min(1.0, p * (len(ranked) - place)) for place, (p, _) in enumerate(ranked)), max)
    adjusted = {index: p for (_, index), p in zip(ranked, raised, strict=True)}
    return [adjusted.get(index) for index in range(len(p_values))]


def check_ratio(customers: Sequence[int], weights: Sequence[int]) -> float | None:
    """Give the p-value of the hypothesis that customers were split by these weights; None where nothing can be told."""
    from scipy.stats import chisquare

    weighed = [(count, weight) for count, weight in zip(customers, weights, strict=True) if weight]
    whole = sum(count for count, _ in weighed)
    if not whole or len(weighed) < 2:
        return None
    total = sum(weight for _, weight in weighed)
    expected = [whole * weight / total for _, weight in weighed]
    return float(chisquare([count for count, _ in weighed], expected).pvalue)
