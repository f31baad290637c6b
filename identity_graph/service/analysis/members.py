"""The members of a segment whose journeys are meant, page by page."""

from collections.abc import AsyncIterator

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import NotFoundError
from identity_graph.service.segments.matching import SHEETS_AT_ONCE, Matching, decide
from identity_graph.service.segments.saving import read_terms, rule_of
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import matching as store
from identity_graph.store.segments import segments as segment_store
from identity_graph.store.segments.compiling_asked import Definition


async def page_members(
    graph: Graph, segment: str, in_force: InForce, now: Instant, *, at_once: int
) -> AsyncIterator[list[str]]:
    """Give the ids of the customers who are in a segment now, page by page.

    Raises:
        NotFoundError: there is no such segment.
        GraphUnavailableError: Neo4j does not answer.
    """
    matching = await graph.read(lambda tx: _read_matching(tx, segment, in_force, now))
    for find in (store.page_sure_ids, store.page_unsure_ids):
        ids: list[str] = []
        while ids := await graph.read(
            lambda tx, find=find, after=ids[-1] if ids else "": find(
                tx, matching.compiled, after=after, limit=min(at_once, SHEETS_AT_ONCE)
            )
        ):
            if find is store.page_sure_ids:
                yield ids
            else:
                yield await graph.read(lambda tx, ids=ids: decide(tx, matching, ids))


async def _read_matching(tx: ReadTransaction, segment: str, in_force: InForce, now: Instant) -> Matching:
    stored = await segment_store.list_segments(tx)
    definitions = {row.id: Definition(rule_of(row), Audience(row.audience)) for row in stored}
    if segment not in definitions:
        raise NotFoundError(f"There is no segment {segment!r}.", id=segment)
    return Matching(definitions[segment], await read_terms(tx, in_force), now, definitions)
