"""The members of a segment whose journeys are meant, page by page."""

from collections.abc import AsyncIterator

from identity_graph.domain.segments.read_models import SegmentState
from identity_graph.errors import InvalidInputError
from identity_graph.service.positions import TimePosition
from identity_graph.service.segments.members import get_segment, read_members
from identity_graph.store.driver.graph import Graph


async def page_members(graph: Graph, segment: str, *, at_once: int) -> AsyncIterator[list[str]]:
    """Give the ids of the customers who are in a segment now, page by page.

    Raises:
        NotFoundError: there is no such segment.
        InvalidInputError: its members are not known yet.
        GraphUnavailableError: Neo4j does not answer.
    """
    found = await graph.read(lambda tx: get_segment(tx, segment))
    if found.state == SegmentState.FILLING:
        raise InvalidInputError(
            f"The segment {found.name!r} is being filled ({found.progress:.0%}), so not all members are known; ask again in a moment.",
            segment=segment,
            progress=found.progress,
        )
    after: TimePosition | None = None
    while True:
        page = await read_members(graph, segment, first=at_once, after=after)
        if page.items:
            yield [member.customer_id for member in page.items]
            after = TimePosition(page.items[-1].since, page.items[-1].customer_id)
        if not page.has_next_page:
            return
