"""Asking for funnels, paths and attribution over all customers."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence

from identity_graph.domain.analysis.attribution import Attribution, AttributionQuery, AttributionRow
from identity_graph.domain.analysis.conversions import find_conversions
from identity_graph.domain.analysis.funnel import FunnelLook, FunnelQuery
from identity_graph.domain.analysis.funnel_counts import FunnelCounts, FunnelGroup
from identity_graph.domain.analysis.journeys import NOT_SET
from identity_graph.domain.analysis.paths import PathCount, PathCounts, PathsQuery, find_path
from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST
from identity_graph.service.analysis.members import page_members
from identity_graph.service.analysis.reading import (
    CUSTOMERS_AT_ONCE,
    Wanted,
    needs_properties,
    page_customers,
    read_sheets,
    read_steps,
    read_visits,
    sheet_of,
)
from identity_graph.service.profiles.computed_reading import read_computed_of
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph


def terms_in_force(in_force: InForce) -> Terms:
    """Give what conditions on events and orders are judged by."""
    return Terms(in_force.catalogue, in_force.rules)


async def ask_funnel(
    graph: Graph, query: FunnelQuery, in_force: InForce, now: Instant
) -> tuple[FunnelGroup, list[FunnelGroup]]:
    """Tell how far customers came: all, and those of each group if the funnel is broken down.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
        NotFoundError: there is no such segment.
        InvalidInputError: there are too many groups, or the segment is being filled.
    """
    look = FunnelLook(query, terms_in_force(in_force), now)
    counts = FunnelCounts(len(query.steps))
    since = EARLIEST if query.start is None else query.start.at
    until = now if query.end is None else min(now, query.end.at + query.within.micros)
    wanted = Wanted(
        frozenset(step.event for step in query.steps),
        since=since,
        until=until,
        properties=bool(query.same) or needs_properties(*query.steps),
        visits=query.by is not None,
    )
    async for ids in _pages(graph, query.segment, since=wanted.since, until=until):
        journeys = await read_steps(graph, ids, wanted)
        attempts = [
            (id, steps, attempt)
            for id, steps in journeys.items()
            if (attempt := look.find(sheet_of(id, steps))) is not None
        ]
        values = (
            {}
            if query.trait is None
            else await _read_trait(graph, [one[0] for one in attempts], query.trait, in_force, now)
        )
        for id, steps, attempt in attempts:
            if query.by is not None:
                first = attempt.events[0].order
                visit = next(step.visit for step in steps if step.event.order == first)
                counts.add(attempt, visit.label(query.by))
            else:
                counts.add(attempt, None if query.trait is None else values.get(id, NOT_SET))
    is_broken_down = query.by is not None or query.trait is not None
    return counts.total(), counts.groups(query.first) if is_broken_down else []


async def ask_paths(graph: Graph, query: PathsQuery, in_force: InForce, now: Instant) -> list[PathCount]:
    """Tell the most frequent paths of customers.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
        NotFoundError: there is no such segment.
        InvalidInputError: there are too many different paths, or the segment is being filled.
    """
    terms = terms_in_force(in_force)
    ends = [rule for rule in (query.starts_with, query.ends_with) if rule is not None]
    names = None if query.by is not None or query.names is None else query.names | {rule.event for rule in ends}
    until = now if query.end is None else min(now, query.end)
    wanted = Wanted(
        names,
        since=EARLIEST if query.start is None else query.start,
        until=until,
        properties=needs_properties(*ends),
        visits=query.by is not None,
    )
    counts = PathCounts()
    async for ids in _pages(graph, query.segment, since=wanted.since, until=until):
        for id, steps in (await read_steps(graph, ids, wanted)).items():
            counts.add(find_path(query, steps, sheet_of(id, steps), terms, now))
    return counts.most_frequent(query.first)


async def ask_attribution(
    graph: Graph, query: AttributionQuery, in_force: InForce, now: Instant
) -> list[AttributionRow]:
    """Tell to which visits conversions are owed.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
        NotFoundError: there is no such segment.
        InvalidInputError: there are too many kinds of visits, or the segment is being filled.
    """
    terms = terms_in_force(in_force)
    attribution = Attribution(query, in_force.catalogue.commerce)
    since = EARLIEST if query.start is None else query.start
    until = now if query.end is None else min(now, query.end)
    looked_back = max(EARLIEST, since - query.look_back.micros)
    async for ids in _pages(graph, query.segment, since=since, until=until):
        sheets = await read_sheets(graph, ids, query.conversion, since, until)
        found = {id: find_conversions(query.conversion, sheet, terms, now) for id, sheet in sheets.items()}
        converted = [id for id, conversions in found.items() if conversions]
        visits = await read_visits(graph, converted, looked_back, until)
        for id in converted:
            attribution.add(found[id], visits.get(id, ()))
    return attribution.rows()


async def _pages(graph: Graph, segment: str | None, *, since: Instant, until: Instant) -> AsyncIterator[Sequence[str]]:
    """Give the customers whose journeys are meant: the members of a segment, or all who may have done something in a time."""
    if segment is not None:
        async for ids in page_members(graph, segment, at_once=CUSTOMERS_AT_ONCE):
            yield ids
        return
    async for page in page_customers(graph, since=since, until=until, at_once=CUSTOMERS_AT_ONCE):
        yield [row.id for row in page]


async def _read_trait(
    graph: Graph, ids: Sequence[str], name: str, in_force: InForce, now: Instant
) -> Mapping[str, str]:
    """Read what a trait of some customers is, a computed one too, as text."""
    if not ids:
        return {}
    if name in in_force.catalogue.computed:
        found = await read_computed_of(Reads(graph), list(ids), in_force, now, names=(name,))
    else:
        found = await read_traits_of(Reads(graph), list(ids), in_force, names=(name,))
    return {id: _shown(json.loads(own[0].value)) for id, own in zip(ids, found, strict=True) if own}


def _shown(value: object) -> str:
    return value if isinstance(value, str) else text_of(value)
