"""Data quality: what sources send, and what is known of customers because of it."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Connection, Edge, First, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, decode_moment, encode_cursor, encode_moment, given
from api.graphql.base.scalars import DateTime, Id
from api.graphql.health.health import HealthFindingType
from identity_graph.domain.health.event_names import Likeness, SimilarNames
from identity_graph.domain.health.quality import (
    DataQuality,
    EventVolume,
    ImportedColumns,
    Sample,
    SourceVolume,
    TraitClaims,
    TraitQuality,
    TraitSample,
)
from identity_graph.domain.health.quality_findings import find_quality_findings
from identity_graph.domain.health.volumes import Volume
from identity_graph.domain.profiles.quality import STALE_DAYS
from identity_graph.domain.values.instants import DAY, format_day
from identity_graph.domain.values.observations import Instant
from identity_graph.service.health.quality import read_unused_columns
from identity_graph.service.positions import Page, cut

R = TypeVar("R")
N = TypeVar("N")

OfSource = Annotated[str | None, strawberry.argument(description="Only those of this source.")]

strawberry.enum(
    Likeness,
    name="NameLikeness",
    description="`SPELLING`: case, blanks and punctuation differ alone; `TYPO`: one or two letters differ.",
)


@strawberry.type(name="Volume", description="New messages of a day, beside the same weekday of earlier weeks.")
class VolumeType:
    """A volume."""

    date: str = strawberry.field(description="The last whole day, in UTC, such as 2026-01-31.")
    messages: int = strawberry.field(description="New messages that came on it.")
    usual: float | None = strawberry.field(
        description="The median of the same weekday of the weeks before, four at most; null until there are two."
    )
    weeks: int = strawberry.field(description="How many weeks that are.")
    ratio: float | None = strawberry.field(description="`messages` as a multiple of `usual`.")
    unusual: bool = strawberry.field(
        description="Less than half of the usual, or more than twice, from 20 messages on."
    )


@strawberry.type(
    name="SourceQuality",
    description="What a source sent in the last 35 days, as it came: what was retracted later counts.",
)
class SourceQualityType:
    """A source."""

    source: str
    accepted: int = strawberry.field(description="New messages.")
    repeated: int = strawberry.field(description="Messages that were known already; they changed nothing.")
    repeated_share: float = strawberry.field(description="Their share of both, from 0 to 1.")
    last_date: str = strawberry.field(description="The last day, in UTC, on which it sent anything.")
    volume: VolumeType
    as_of: DateTime


@strawberry.type(
    name="EventQuality",
    description="What a source sent of one event in the last 35 days, as it came; of another type than `track`, the name is the type.",
)
class EventQualityType:
    """An event of a source."""

    source: str
    type: str
    name: str = strawberry.field(description="`(others)` for names beyond the first 200 of a day.")
    messages: int = strawberry.field(description="New messages.")
    volume: VolumeType
    as_of: DateTime


@strawberry.type(
    description="What a source said of a trait in the last 35 days, as it came and under the catalogue of that time."
)
class Validity:
    """The claims of a source."""

    claims: int = strawberry.field(description="How often it said anything of the trait.")
    deletions: int = strawberry.field(description="Of these, how often it deleted the trait.")
    misfits: int = strawberry.field(description="Values that fit neither the declared type nor the allowed values.")
    unsuited: int = strawberry.field(description="Values that the policy cannot use, such as an increment of `newest`.")
    too_large: int
    share: float | None = strawberry.field(
        description="The share of the values that count, from 0 to 1; null without any."
    )
    newest_at: DateTime | None = strawberry.field(description="When the newest of these claims happened.")
    example_id: Id | None = strawberry.field(
        description="The id of a touchpoint whose value does not fit; `node` reads it. The claims of its customer show the value."
    )
    as_of: DateTime


@strawberry.type(
    description="How many of a source's customers have a value of the trait now, in a sample of customers."
)
class Completeness:
    """How many have the trait."""

    customers: int = strawberry.field(
        description="Customers of the sample of whom the source told lately, or from which it has a value."
    )
    filled: int = strawberry.field(description="Of these, how many have a value, from any source.")
    own: int = strawberry.field(description="How many have the value from this source.")
    share: float | None = strawberry.field(description="`filled` of `customers`, from 0 to 1; null without any.")
    as_of: DateTime


@strawberry.type(
    description="How old the values are that customers have from the source now, in a sample of customers."
)
class Freshness:
    """How old values are."""

    newest_at: DateTime | None = strawberry.field(description="When the newest of them was observed.")
    values: int
    stale: int = strawberry.field(description=f"How many were observed more than {STALE_DAYS} days ago.")
    stale_share: float | None
    as_of: DateTime


@strawberry.type(name="TraitQuality", description="One trait of one source.")
class TraitQualityType:
    """A trait of a source."""

    source: str
    name: str
    declared: bool = strawberry.field(description="The catalogue in force declares it.")
    type: str = strawberry.field(description="The declared type; `any` when it is not declared.")
    validity: Validity
    completeness: Completeness
    freshness: Freshness


@strawberry.type(name="SimilarNames", description="Names of events that are probably one, the most frequent first.")
class SimilarNamesType:
    """Similar names."""

    names: list[str]
    likeness: Likeness


@strawberry.type(name="UnusedColumns", description="Columns of an imported file that its mapping does not name.")
class UnusedColumnsType:
    """Unused columns of a file."""

    file: str
    source: str
    columns: list[str]
    imported_at: DateTime


@strawberry.type(name="CustomerSample", description="The customers that sampled numbers look at.")
class CustomerSampleType:
    """The sample."""

    customers: int
    all: bool = strawberry.field(description="They are all customers; otherwise 500 by chance.")
    as_of: DateTime


@strawberry.type(description="A page of imported files, the latest first.")
class UnusedColumnsConnection:
    """A page of files, whose total is too dear to count for each page."""

    edges: list[Edge[UnusedColumnsType]]
    page_info: PageInfo


@strawberry.type(
    name="DataQuality",
    description="What sources send, and what is known of customers because of it. Counted numbers are taken at most once a "
    "minute, the sample every ten minutes.",
)
class DataQualityType:
    """The numbers of one moment."""

    quality: strawberry.Private[DataQuality]

    @strawberry.field(description="When the counters were read.")
    def as_of(self) -> DateTime:
        """Pass the moment on."""
        return DateTime(self.quality.counted_at)

    @strawberry.field(description="The first of the 35 days, in UTC, that are counted.")
    def since(self) -> str:
        """Pass the day on."""
        return format_day(self.quality.first_day * DAY)

    @strawberry.field(
        description="What stands out, what asks for an act first; `identity-graph doctor` shows the same."
    )
    def findings(self) -> list[HealthFindingType]:
        """Judge the numbers."""
        return [HealthFindingType(**finding._asdict()) for finding in find_quality_findings(self.quality)]

    @strawberry.field(description="The customers of the sampled numbers.")
    def sample(self) -> CustomerSampleType:
        """Describe the sample."""
        sample: Sample = self.quality.sample
        return CustomerSampleType(customers=sample.customers, all=sample.is_all, as_of=DateTime(sample.taken_at))

    @strawberry.field(description="What each source sent, by name.")
    def sources(self, first: First = 20, after: After = UNSET) -> Connection[SourceQualityType]:
        """Page the sources."""
        at = self.quality.counted_at
        return _page("sources", self.quality.sources, _key_of_source, lambda one: _source_of(one, at), first, after)

    @strawberry.field(description="What each source sent of each event, by source, type and name.")
    def events(self, source: OfSource = UNSET, first: First = 20, after: After = UNSET) -> Connection[EventQualityType]:
        """Page the events."""
        at, wanted = self.quality.counted_at, given(source)
        found = [one for one in self.quality.events if wanted in (None, one.source)]
        return _page("events", found, _key_of_event, lambda one: _event_of(one, at), first, after)

    @strawberry.field(description="Each trait of each source, by source and name.")
    def traits(self, source: OfSource = UNSET, first: First = 20, after: After = UNSET) -> Connection[TraitQualityType]:
        """Page the traits."""
        quality, wanted = self.quality, given(source)
        found = [one for one in quality.traits if wanted in (None, one.counted.source)]
        return _page("traits", found, _key_of_trait, lambda one: _trait_of(one, quality), first, after)

    @strawberry.field(
        description="Names of events that are probably one, among the 1,000 most frequent: those of most messages first."
    )
    def similar_event_names(self, first: First = 20, after: After = UNSET) -> Connection[SimilarNamesType]:
        """Page the names."""
        ranked = list(enumerate(self.quality.similar_names))
        return _page("similar", ranked, lambda one: f"{one[0]:09}", lambda one: _similar_of(one[1]), first, after)

    @strawberry.field(description="Imported files with columns that their mapping does not name, the latest first.")
    async def unused_columns(self, info: Info, first: First = 20, after: After = UNSET) -> UnusedColumnsConnection:
        """Read a page of the files."""
        page = await read_unused_columns(
            info.context.loaders.reads, first=check_first(first), after=decode_moment("imports", after)
        )
        edges, page_info = edges_of(page, _columns_of, lambda row: encode_moment("imports", row.at, row.key))
        return UnusedColumnsConnection(edges=edges, page_info=page_info)


@strawberry.type
class QualityQueries:
    """How good the data is."""

    @strawberry.field(description="How good the data is that sources send, and what is unusual.")
    async def data_quality(self, info: Info) -> DataQualityType:
        """Read the numbers, or pass on those of the last minute."""
        opened = info.context.service
        return DataQualityType(quality=await opened.quality.read(opened.graph, opened.units.in_force))


def _page(
    kind: str,
    items: Sequence[R],
    key_of: Callable[[R], str],
    node_of: Callable[[R], N],
    first: int | None,
    after: str | None,
) -> Connection[N]:
    """Page a list that is in memory, in the order of its keys."""
    size, position = check_first(first), decode_cursor(kind, after, str)
    left = [one for one in sorted(items, key=key_of) if position is None or key_of(one) > position[1]]
    page: Page[R] = cut(left[: size + 1], size)
    edges, page_info = edges_of(page, node_of, lambda one: encode_cursor(kind, "", key_of(one)))

    async def count() -> int:
        return len(items)

    return Connection(edges=edges, page_info=page_info, count=count)


def _key_of_source(one: SourceVolume) -> str:
    return one.source


def _key_of_event(one: EventVolume) -> str:
    return f"{one.source}\0{one.type}\0{one.name}"


def _key_of_trait(one: TraitQuality) -> str:
    return f"{one.counted.source}\0{one.counted.name}"


def _volume_of(volume: Volume) -> VolumeType:
    return VolumeType(
        date=format_day(volume.day * DAY),
        messages=volume.messages,
        usual=volume.usual,
        weeks=volume.weeks,
        ratio=volume.ratio,
        unusual=volume.is_unusual,
    )


def _source_of(one: SourceVolume, at: Instant) -> SourceQualityType:
    return SourceQualityType(
        source=one.source,
        accepted=one.accepted,
        repeated=one.repeated,
        repeated_share=one.repeated_share,
        last_date=format_day(one.last_day * DAY),
        volume=_volume_of(one.volume),
        as_of=DateTime(at),
    )


def _event_of(one: EventVolume, at: Instant) -> EventQualityType:
    return EventQualityType(
        source=one.source,
        type=one.type,
        name=one.name,
        messages=one.messages,
        volume=_volume_of(one.volume),
        as_of=DateTime(at),
    )


def _trait_of(one: TraitQuality, quality: DataQuality) -> TraitQualityType:
    sampled_at = DateTime(quality.sample.taken_at)
    return TraitQualityType(
        source=one.counted.source,
        name=one.counted.name,
        declared=one.trait.declared,
        type=one.trait.type.value,
        validity=_validity_of(one.counted, DateTime(quality.counted_at)),
        completeness=_completeness_of(one.sampled, sampled_at),
        freshness=_freshness_of(one.sampled, sampled_at),
    )


def _validity_of(counted: TraitClaims, at: DateTime) -> Validity:
    return Validity(
        claims=counted.claims,
        deletions=counted.deletions,
        misfits=counted.misfits,
        unsuited=counted.unsuited,
        too_large=counted.too_large,
        share=counted.validity,
        newest_at=None if counted.newest is None else DateTime(counted.newest),
        example_id=None if counted.misfit is None else Id(counted.misfit),
        as_of=at,
    )


def _completeness_of(sampled: TraitSample, at: DateTime) -> Completeness:
    return Completeness(
        customers=sampled.customers,
        filled=sampled.filled,
        own=sampled.own,
        share=sampled.completeness,
        as_of=at,
    )


def _freshness_of(sampled: TraitSample, at: DateTime) -> Freshness:
    return Freshness(
        newest_at=None if sampled.newest is None else DateTime(sampled.newest),
        values=sampled.own,
        stale=sampled.stale,
        stale_share=sampled.stale_share,
        as_of=at,
    )


def _similar_of(one: SimilarNames) -> SimilarNamesType:
    return SimilarNamesType(names=list(one.names), likeness=one.likeness)


def _columns_of(row: ImportedColumns) -> UnusedColumnsType:
    return UnusedColumnsType(file=row.file, source=row.source, columns=list(row.columns), imported_at=DateTime(row.at))
