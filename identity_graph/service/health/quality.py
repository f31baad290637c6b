"""Data quality: counters of the last weeks, read at most once a minute, and a sample of customers, drawn every ten."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

from identity_graph.domain.health.event_names import find_similar_names
from identity_graph.domain.health.quality import (
    COUNTED_DAYS,
    DataQuality,
    EventVolume,
    ImportedColumns,
    Sample,
    SampledCustomer,
    SampledValue,
    SourceVolume,
    TraitClaims,
    join_traits,
    sum_up_sample,
)
from identity_graph.domain.health.volumes import compared_days, volume_of
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.instants import DAY, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.clock import now_instant
from identity_graph.service.health.kept import Kept
from identity_graph.service.positions import BEHIND_ALL, START, Page, TimePosition, cut
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.health import quality as store
from identity_graph.store.health.checking import page_ids

COUNTS_SECONDS = 60.0
"""Seconds for which the counters are passed on as they are."""

SAMPLE_SECONDS = 600.0
"""Seconds for which the sample is passed on as it is."""

SAMPLE = 500
"""Customers of the sample, at most."""

IDENTIFIERS, TOUCHPOINTS = 20, 20
"""Identifiers of a sampled customer, and touchpoints of each, that are looked at for their sources: the last ones."""

_AT_ONCE = 50
_HEX = "0123456789abcdef"
_EVENT = "track"


@dataclass(slots=True)
class QualityCheck:
    """The latest numbers of a process."""

    _counts: Kept[DataQuality] = field(default_factory=Kept[DataQuality])
    _sample: Kept[Sample] = field(default_factory=Kept[Sample])

    async def read(self, graph: Graph, in_force: InForce) -> DataQuality:
        """Give numbers of which the counted ones are at most a minute old, the sampled ones ten.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        version = (in_force.version, in_force.catalogue_version)

        async def count() -> DataQuality:
            sample = await self._sample.read(version, lambda: read_sample(graph, in_force), seconds=SAMPLE_SECONDS)
            return await read_counts(graph, in_force, sample)

        return await self._counts.read(version, count, seconds=COUNTS_SECONDS)


async def read_data_quality(graph: Graph, in_force: InForce) -> DataQuality:
    """Read all numbers.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    return await read_counts(graph, in_force, await read_sample(graph, in_force))


async def read_counts(graph: Graph, in_force: InForce, sample: Sample, *, now: Instant | None = None) -> DataQuality:
    """Read the counters of the last weeks: nodes of a few names and days, however many messages they count."""
    at = now_instant() if now is None else now
    today = at // DAY
    since, days = today - COUNTED_DAYS + 1, compared_days(today)

    async def work(tx: ReadTransaction) -> DataQuality:
        sources = await store.count_messages_of_sources(tx, since=since, days=days)
        first_days = {row.source: row.first_day for row in sources}
        names = await store.count_messages_of_names(tx, since=since, days=days)
        claims = await store.count_claims_of_sources(tx, since=since)
        messages: defaultdict[str, int] = defaultdict(int)
        for row in names:
            if row.type == _EVENT:
                messages[row.name] += row.messages
        return DataQuality(
            counted_at=at,
            first_day=since,
            sample=sample,
            sources=[
                SourceVolume(
                    row.source,
                    row.accepted,
                    row.repeated,
                    row.last_day,
                    volume_of(row.of_days, days, row.first_day),
                )
                for row in sources
            ],
            events=[
                EventVolume(
                    row.source, row.type, row.name, row.messages, volume_of(row.of_days, days, first_days[row.source])
                )
                for row in names
            ],
            traits=join_traits((TraitClaims(*row) for row in claims), sample, in_force.catalogue),
            similar_names=find_similar_names(messages),
        )

    return await graph.read(work)


async def read_sample(graph: Graph, in_force: InForce, *, sample: int = SAMPLE, now: Instant | None = None) -> Sample:
    """Look at customers by chance, at all of a small graph, a few at once so that nobody else waits for long."""
    ids, is_all = await _draw(graph, sample)
    found: list[SampledCustomer] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += await _look_at(graph, ids[start : start + _AT_ONCE], in_force)
    return sum_up_sample(found, now_instant() if now is None else now, is_all=is_all)


async def read_unused_columns(reads: Reads, *, first: int, after: TimePosition | None) -> Page[ImportedColumns]:
    """Read a page of the imported files with columns that their mapping does not name, the latest first."""
    at, key = after or TimePosition(START.at, BEHIND_ALL)
    rows = await reads.run(store.page_unused_columns.call(before=format_instant(at), before_key=key, limit=first + 1))
    return cut([ImportedColumns(*row) for row in rows], first)


async def _draw(graph: Graph, sample: int) -> tuple[list[str], bool]:
    """Draw customers: their ids are random, so those that follow a random id are any customers."""
    after = "cus_" + "".join(random.choices(_HEX, k=32))  # noqa: S311 - no secret

    async def work(tx: ReadTransaction) -> list[str]:
        rows = await page_ids(tx, after=after, limit=sample + 1)
        if len(rows) <= sample:
            rows += await page_ids(tx, after="", limit=sample + 1)
        return list(dict.fromkeys(row.id for row in rows))

    ids = await graph.read(work)
    return ids[:sample], len(ids) <= sample


async def _look_at(graph: Graph, ids: list[str], in_force: InForce) -> list[SampledCustomer]:
    values = await read_traits_of(Reads(graph), ids, in_force)
    rows = await graph.read(
        lambda tx: store.list_sources_of_customers(
            tx, customer_ids=ids, identifiers=IDENTIFIERS, touchpoints=TOUCHPOINTS
        )
    )
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        sources[row.customer_id].add(row.source)
    return [
        SampledCustomer(
            frozenset(sources[id]), [SampledValue(view.name, view.source, view.observed_at) for view in views]
        )
        for id, views in zip(ids, values, strict=True)
    ]
