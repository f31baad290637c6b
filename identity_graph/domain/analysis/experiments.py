"""Experiments: which variant a customer is given, and what an experiment compares.

Who is given what is a function of the experiment and of the customer's oldest identifier, so it is the same for everybody who
asks, before and after a merge.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from identity_graph.domain.analysis.conversions import ConversionRule
from identity_graph.domain.analysis.reading import read_conversion, read_with
from identity_graph.domain.segments.fields import Fields
from identity_graph.domain.segments.plain_leaves import place_of
from identity_graph.domain.segments.rule_tree import Moment, Span
from identity_graph.domain.segments.sheet import Terms

HELD_OUT = "(held out)"
"""What is logged of those who are given no variant."""

MOST_VARIANTS = 10
_MOST_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant, and its weight among the others."""

    name: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class ExperimentDraft:
    """An experiment as somebody wants to save it. The first variant is the one that the others are compared with.

    ``hold_out`` is the share of customers who get none. Exposures count from ``start`` on and before ``end``, conversions within
    ``window`` of the first exposure.
    """

    name: str
    description: str | None
    salt: str
    variants: tuple[Variant, ...]
    hold_out: Fraction
    start: Moment
    end: Moment
    window: Span
    conversion: ConversionRule

    @property
    def fixed(self) -> Mapping[str, Any]:
        """What must not change once the experiment has begun: other customers would get other variants."""
        return {
            "salt": self.salt,
            "variants": [(one.name, one.weight) for one in self.variants],
            "holdOut": self.hold_out,
            "from": self.start.at,
        }

    @property
    def decided_at(self) -> int:
        """When the last exposure has had its time to convert: the horizon, at which the answer counts."""
        return self.end.at + self.window.micros

    def assign(self, anchor: str) -> str | None:
        """Tell the variant of a customer by the key of the oldest identifier; None of who is held out."""
        if Fraction(place_of(anchor, f"{self.salt}\nhold-out")) < self.hold_out:
            return None
        reached = list(accumulate(one.weight for one in self.variants))
        number = bisect_right(reached, Fraction(place_of(anchor, self.salt)) * reached[-1])
        return self.variants[min(number, len(reached) - 1)].name


_EXPERIMENT = ("id", "name", "description", "salt", "variants", "holdOut", "from", "to", "window", "conversion")


def read_experiment(value: object, terms: Terms) -> ExperimentDraft:
    """Read an experiment from plain values.

    Raises:
        InvalidInputError: it makes no sense.
    """
    return read_with(lambda found: _experiment(Fields(found, value, "", _EXPERIMENT), terms))


def _experiment(own: Fields, terms: Terms) -> ExperimentDraft:
    name = own.text("name", "the name of the experiment")
    variants = [
        _variant(Fields(own.found, item, place, ("name", "weight")))
        for place, item in own.items("variants", "a list of variants, the one to compare with first", MOST_VARIANTS)
    ]
    names = [one.name for one in variants]
    if len(variants) == 1:
        own.add("variants", "one variant is no experiment; give at least two")
    if len(set(names)) < len(names):
        own.add("variants", "each has a name of its own")
    if variants and not any(one.weight for one in variants[1:]):
        own.add("variants", "at least one beside the first has a weight above 0")
    return ExperimentDraft(
        name=name,
        description=own.find_text("description", "a text"),
        salt=own.find_text("salt", "a text") or name,
        variants=tuple(variants),
        hold_out=_share(own),
        start=_moment(own, "from"),
        end=_moment(own, "to", after="from"),
        window=own.span("window"),
        conversion=read_conversion(own, "conversion", terms),
    )


def _variant(own: Fields) -> Variant:
    name = own.text("name", "the name of the variant")
    if name == HELD_OUT:
        own.add("name", "is what those are called who get no variant; choose another one")
    return Variant(name, own.whole_number("weight", _MOST_WEIGHT) if "weight" in own else 1)


def _share(own: Fields) -> Fraction:
    share = own.get("holdOut")
    if share is None:
        return Fraction(0)
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share < 1:
        own.reject("holdOut", "a share from 0 on and below 1, such as 0.1 for a tenth")
        return Fraction(0)
    return Fraction(str(share))


def _moment(own: Fields, key: str, *, after: str | None = None) -> Moment:
    moment = own.find_moment(key)
    if moment is None:
        if key not in own:
            own.reject(key, "a moment, such as 2026-01-31T08:00:00+08:00")
        return Moment("", 0)
    before = None if after is None or after not in own else own.find_moment(after)
    if before is not None and before.at >= moment.at:
        own.add(key, f"must be after {after}")
    return moment
