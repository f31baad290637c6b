"""Identity health: the numbers that say how well identities are resolved, and how they are summed up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Instant

TREND_DAYS = 30
"""Days that the trend goes back, today included."""

CROWDED_PERCENT = 80
"""From this percentage of ``max_partners`` on an identifier counts as crowded."""

FULL_PERCENT = 80
"""From this percentage of ``max_identifiers`` on a customer counts as nearly full."""

SIZE_BANDS: tuple[tuple[int, int | None], ...] = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 50), (51, 500), (501, None))
"""The bands in which sizes of customers are counted: from, to (None: and more)."""


class Spread(NamedTuple):
    """How many of something customers have: over those that have any, the mean, the 95th percentile and the most."""

    customers: int
    mean: float
    p95: int
    most: int


NO_SPREAD = Spread(0, 0.0, 0, 0)
"""Nobody has any."""


class SizeBand(NamedTuple):
    """How many customers have from ``least`` to ``most`` identifiers; None: and more."""

    least: int
    most: int | None
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceHealth:
    """One namespace. ``observations`` counts how often a value was seen, ``ignored`` how often one was not taken, by code."""

    namespace: str
    identifiers: int = 0
    observations: int = 0
    spread: Spread = NO_SPREAD
    quarantined: int = 0
    crowded: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict[str, int])

    def share_of(self, code: str) -> float:
        """Tell which share of all its values that came was ignored for this reason, from 0 to 1."""
        refused = sum(count for name, count in self.ignored.items() if name != "ambiguous_observation")
        came = self.observations + refused
        return self.ignored.get(code, 0) / came if came else 0.0

    @property
    def came(self) -> int:
        """How many of its values came, usable or not."""
        return self.observations + sum(count for name, count in self.ignored.items() if name != "ambiguous_observation")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHealth:
    """What happened on a day in UTC; ``day`` counts from 1970."""

    day: int
    new_customers: int = 0
    merges: int = 0
    splits: int = 0
    moved_identifiers: int = 0
    refused_links: int = 0
    ignored_values: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """All numbers, as they were at one moment. ``violations`` are counts by code."""

    taken_at: Instant
    rules_version: int
    max_identifiers: int
    customers: int = 0
    identifiers: int = 0
    anonymous_customers: int = 0
    nearly_full_customers: int = 0
    largest_customer: int = 0
    dead_letters: int = 0
    namespaces: Sequence[NamespaceHealth] = ()
    sizes: Sequence[SizeBand] = ()
    violations: Mapping[str, int] = field(default_factory=dict[str, int])
    days: Sequence[DayHealth] = ()

    @property
    def anonymous_share(self) -> float:
        """Share of the customers that are known by identifiers of visitors only, from 0 to 1."""
        return self.anonymous_customers / self.customers if self.customers else 0.0


def spread_of(histogram: Mapping[int, int]) -> Spread:
    """Sum up how many customers have one, two, three …: ``histogram`` maps the number to the customers that have it."""
    if not histogram:
        return NO_SPREAD
    numbers = sorted(histogram)
    customers = sum(histogram.values())
    reached = zip(numbers, accumulate(histogram[number] for number in numbers), strict=True)
    p95 = next(number for number, below in reached if below * 100 >= customers * 95)
    mean = sum(number * count for number, count in histogram.items()) / customers
    return Spread(customers, mean, p95, numbers[-1])


def band_sizes(histogram: Mapping[int, int]) -> list[SizeBand]:
    """Count customers in bands; ``histogram`` maps a size to the customers that have it."""
    return [
        SizeBand(
            least,
            most,
            sum(count for size, count in histogram.items() if size >= least and (most is None or size <= most)),
        )
        for least, most in SIZE_BANDS
    ]


def nearly_full(max_identifiers: int) -> int:
    """Tell from which size on a customer counts as nearly full."""
    return -(-max_identifiers * FULL_PERCENT // 100)


def visitors_of(rules: RuleSet) -> list[str]:
    """Name the namespaces that tell visitors apart and say nothing of who they are."""
    return [rule.name for rule in rules.namespaces.values() if rule.visitor]


def in_order(namespaces: Iterable[str], rules: RuleSet) -> list[str]:
    """Sort namespaces as the rules do, strongest first; after these the undeclared ones by name."""
    declared = sorted(rules.namespaces.values(), key=lambda rule: rule.rank)
    names = [rule.name for rule in declared]
    return names + sorted(set(namespaces) - set(names))
