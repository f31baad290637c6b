"""How many of those that a rule would let in are members of the segments that are saved."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.values.observations import Instant
from identity_graph.service.segments.definitions import read_definitions
from identity_graph.service.segments.filtering import in_time
from identity_graph.service.segments.matching import Matching, list_members
from identity_graph.service.segments.saving import read_terms
from identity_graph.service.segments.terms import edition_of
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import lists as list_store
from identity_graph.store.segments import segments as segment_store
from identity_graph.store.segments.compiling_asked import Definition


class Overlap(NamedTuple):
    """How many are in both."""

    segment_id: str
    size: int


async def read_overlap(
    graph: Graph, rule: Rule, audience: Audience, in_force: InForce, now: Instant, *, but: Iterable[str] = ()
) -> list[Overlap]:
    """Count for each segment, but for some, those of its members that a rule holds for; the most first, none left out as 0.

    Raises:
        PreviewTooLongError: too many have to be looked at one by one.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> list[Overlap]:
        stored = [row for row in await segment_store.list_segments(tx) if row.id not in set(but)]
        editions = {edition_of(row.id, row.edition): row.id for row in stored}
        if not editions:
            return []
        matching = Matching(Definition(rule, audience), await read_terms(tx, in_force), now, await read_definitions(tx))
        counts: Counter[str] = Counter()
        async for ids in list_members(tx, matching):
            if ids:
                for row in await list_store.count_members_among(tx, editions=[*editions], customer_ids=ids):
                    counts[row.edition] += row.members
        found = [Overlap(editions[edition], size) for edition, size in counts.items() if size]
        return sorted(found, key=lambda one: (-one.size, one.segment_id))

    return await in_time(graph.read(read))
