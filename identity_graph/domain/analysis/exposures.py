"""Exposures: who saw which variant of an experiment, first and in all.

They are events of the name ``Experiment Viewed``, as SDKs know it, so they are part of the journeys, and follow their customers
through merges and splits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from identity_graph.domain.analysis.experiments import HELD_OUT
from identity_graph.domain.values.observations import Instant

_EXPERIMENT = ("experiment_id", "experimentId", "experiment_name", "experimentName")
_VARIATION = ("variation_id", "variationId", "variation_name", "variationName")


class Exposure(NamedTuple):
    """An event that tells of an exposure: when, of which customer if it has a usable identifier, and what it says."""

    at: Instant
    customer_id: str | None
    properties: Mapping[str, Any]

    def is_of(self, names: frozenset[str]) -> bool:
        """Whether it is of an experiment that has these names: its id and its name."""
        return any(text in names for text in _texts(self.properties, _EXPERIMENT))

    def find_variant(self, variants: frozenset[str]) -> str | None:
        """Find the variant that it names, by id or by name; None of one that there is not."""
        return next((text for text in _texts(self.properties, _VARIATION) if text in variants), None)


@dataclass(slots=True)
class Exposed:
    """What is known of a customer who was exposed: to what first and when, how often, and whether also to another variant."""

    variant: str
    since: Instant
    times: int = 1
    in_two: bool = False


class ExposureLog:
    """Takes the exposures of an experiment in the order of time, and tells who was exposed to what.

    ``early`` and ``late`` are exposures before the experiment began and after it ended, ``unknown`` those to a variant that it
    does not have, and ``nobody`` those without a customer. None of these count.
    """

    def __init__(self, *, names: frozenset[str], variants: frozenset[str], start: Instant, end: Instant) -> None:
        self._names = names
        self._variants = variants | {HELD_OUT}
        self._start = start
        self._end = end
        self.early = 0
        self.late = 0
        self.unknown = 0
        self.nobody = 0
        self.customers: dict[str, Exposed] = {}

    def add(self, exposure: Exposure) -> None:
        """Take an exposure, of whatever experiment it is."""
        if not exposure.is_of(self._names):
            return
        variant = exposure.find_variant(self._variants)
        if variant is None:
            self.unknown += 1
        elif exposure.at < self._start:
            self.early += 1
        elif exposure.at >= self._end:
            self.late += 1
        elif exposure.customer_id is None:
            self.nobody += 1
        else:
            self._count(exposure.customer_id, exposure.at, variant)

    def _count(self, customer_id: str, at: Instant, variant: str) -> None:
        known = self.customers.get(customer_id)
        if known is None:
            self.customers[customer_id] = Exposed(variant, at)
            return
        known.times += 1
        if variant != known.variant:
            known.in_two = True


def _texts(properties: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """Give what some properties say, numbers as text: ids of variations often are."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, str) and value:
            yield value
        elif type(value) is int:
            yield str(value)
