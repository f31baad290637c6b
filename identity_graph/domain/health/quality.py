"""Data quality: what sources send, and what is known of customers because of it, in numbers.

There are two kinds of numbers. **Counted** ones count every message of the last weeks as it came, under the catalogue of its
time: a retraction, merge or split changes nothing. **Sampled** ones look at some customers by chance, and tell what counts now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from identity_graph.domain.health.event_names import SimilarNames
from identity_graph.domain.health.volumes import Volume
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.quality import is_stale
from identity_graph.domain.profiles.trait_types import TraitType
from identity_graph.domain.values.observations import Instant

COUNTED_DAYS = 35
"""Days in UTC that counted numbers go back, today included: five of each weekday."""


class SourceVolume(NamedTuple):
    """What a source sent: new messages, repeats of known ones, the last day with any, and the volume of yesterday."""

    source: str
    accepted: int
    repeated: int
    last_day: int
    volume: Volume

    @property
    def repeated_share(self) -> float:
        """Share of its messages that were known before, from 0 to 1."""
        return self.repeated / (self.accepted + self.repeated)


class EventVolume(NamedTuple):
    """What a source sent of one event (``type`` is ``track``), or of one type of others."""

    source: str
    type: str
    name: str
    messages: int
    volume: Volume


class TraitClaims(NamedTuple):
    """What came of the claims of a source about a trait; ``misfit`` is the id of an event with a value that does not fit."""

    source: str
    name: str
    claims: int
    deletions: int
    misfits: int
    unsuited: int
    too_large: int
    newest: Instant | None
    misfit: str | None

    @property
    def values(self) -> int:
        """The claims that hold a value."""
        return self.claims - self.deletions

    @property
    def fitting(self) -> int:
        """The values that count: of the declared type, allowed, and not too large."""
        return self.values - self.misfits - self.unsuited - self.too_large

    @property
    def validity(self) -> float | None:
        """The share of the values that count, from 0 to 1; None without a value."""
        return self.fitting / self.values if self.values else None


class SampledValue(NamedTuple):
    """A customer's value of a trait: which source it is from, and when it was observed."""

    name: str
    source: str
    observed_at: Instant


class SampledCustomer(NamedTuple):
    """A customer of the sample: the sources that told of it lately, and its values."""

    sources: frozenset[str]
    values: Sequence[SampledValue]


class TraitSample(NamedTuple):
    """Of the sampled ``customers`` of a source: how many have a value of the trait, and how many have it from the source.

    Of the latter are ``newest``, None without any, and how many are ``stale``.
    """

    customers: int = 0
    filled: int = 0
    own: int = 0
    stale: int = 0
    newest: Instant | None = None

    @property
    def completeness(self) -> float | None:
        """The share of the customers that have a value, whoever told it; None without a customer."""
        return self.filled / self.customers if self.customers else None

    @property
    def stale_share(self) -> float | None:
        """The share of the source's own values that are stale; None without a value."""
        return self.stale / self.own if self.own else None


@dataclass(frozen=True, slots=True)
class Sample:
    """Customers by chance: all of them where ``is_all``. ``told`` is how many each source told of."""

    taken_at: Instant
    customers: int
    is_all: bool
    told: Mapping[str, int]
    traits: Mapping[tuple[str, str], TraitSample]

    def trait(self, source: str, name: str) -> TraitSample:
        """Give what was found of a trait among the customers of a source."""
        return self.traits.get((source, name)) or TraitSample(customers=self.told.get(source, 0))


class TraitQuality(NamedTuple):
    """One trait of one source."""

    trait: TraitType
    counted: TraitClaims
    sampled: TraitSample


class ImportedColumns(NamedTuple):
    """The columns of an imported file that its mapping does not name."""

    key: str
    file: str
    source: str
    columns: Sequence[str]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """All numbers. ``first_day`` is the first of the days that are counted, ``counted_at`` when the counters were read."""

    counted_at: Instant
    first_day: int
    sample: Sample
    sources: Sequence[SourceVolume] = ()
    events: Sequence[EventVolume] = ()
    traits: Sequence[TraitQuality] = ()
    similar_names: Sequence[SimilarNames] = ()


def sum_up_sample(found: Iterable[SampledCustomer], now: Instant, *, is_all: bool) -> Sample:
    """Count what customers by chance have, for each source that told of them."""
    told: Counter[str] = Counter()
    filled: Counter[tuple[str, str]] = Counter()
    own: defaultdict[tuple[str, str], list[Instant]] = defaultdict(list)
    customers = 0
    for customer in found:
        customers += 1
        sources = customer.sources.union(value.source for value in customer.values)
        told.update(sources)
        filled.update((source, value.name) for value in customer.values for source in sources)
        for value in customer.values:
            own[value.source, value.name].append(value.observed_at)
    return Sample(
        now,
        customers,
        is_all,
        told,
        {
            key: TraitSample(
                customers=told[key[0]],
                filled=count,
                own=len(own.get(key, ())),
                stale=sum(is_stale(at, now) for at in own.get(key, ())),
                newest=max(own.get(key, ()), default=None),
            )
            for key, count in filled.items()
        },
    )


def join_traits(counted: Iterable[TraitClaims], sample: Sample, catalogue: Catalogue) -> list[TraitQuality]:
    """Put together what is known of the traits that each source tells of, by source and name."""
    by_key = {(claims.source, claims.name): claims for claims in counted}
    keys = by_key.keys() | {key for key, one in sample.traits.items() if one.own}
    return [
        TraitQuality(
            catalogue.trait(name),
            by_key.get((source, name)) or TraitClaims(source, name, 0, 0, 0, 0, 0, None, None),
            sample.trait(source, name),
        )
        for source, name in sorted(keys)
    ]
