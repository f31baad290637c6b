"""The entry points for reading segments."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor, given
from api.graphql.base.scalars import Id
from api.graphql.segments.enums import Audience
from api.graphql.segments.inputs import RuleInput
from api.graphql.segments.loading import get_customer, load_segment
from api.graphql.segments.membership import Membership, membership_of
from api.graphql.segments.preview import AmongWhom, OfSegment, SegmentPreview, preview_segment
from api.graphql.segments.segments import Segment, SegmentConnection, segment_of
from identity_graph.errors import InvalidInputError
from identity_graph.service.segments import reading
from identity_graph.service.segments.members import explain_membership

_LIST = "segments"

Name = Annotated[str | None, strawberry.argument(description="The exact name.")]


@strawberry.type
class SegmentQueries:
    """The entry points for reading segments."""

    @strawberry.field(description="All segments, by name.")
    async def segments(self, info: Info, first: First = 20, after: After = UNSET) -> SegmentConnection:
        """Read a page of the segments."""
        reads = info.context.loaders.reads
        place = decode_cursor(_LIST, after, str)
        page = await reading.read_segment_list(
            reads, first=check_first(first), after="" if place is None else str(place[0])
        )
        edges, page_info = edges_of(page, segment_of, lambda row: encode_cursor(_LIST, row.name, row.id))
        return SegmentConnection(edges=edges, page_info=page_info, count=lambda: reading.count_segments(reads))

    @strawberry.field(description="A segment by its id or its name, exactly one of them; null if there is none.")
    async def segment(self, info: Info, id: Id | None = UNSET, name: Name = UNSET) -> Segment | None:
        """Find a segment."""
        id, name = given(id), given(name)
        if (id is None) == (name is None):
            raise InvalidInputError("Give exactly one of `id` and `name`.")
        if name is not None:
            row = await reading.find_segment(info.context.loaders.reads, name)
            return None if row is None else segment_of(row)
        return await find_segment_by_id(info, str(id))

    @strawberry.field(description="What a rule would come to, as the facts are now; nothing is saved.")
    async def preview_segment(
        self, info: Info, rule: RuleInput, audience: AmongWhom = Audience.KNOWN, segment: OfSegment = UNSET
    ) -> SegmentPreview:
        """Preview a rule."""
        return await preview_segment(info, rule, audience, given(segment))

    @strawberry.field(
        description="Why a customer is in a segment or not: each condition of the rule in force, with the value that counts, as the facts are now."
    )
    async def explain_membership(self, info: Info, segment: Id, customer: Id) -> Membership:
        """Explain a membership."""
        found = await get_customer(info, customer)
        return membership_of(await explain_membership(info.context.service.units, str(segment), str(found.id)))


async def find_segment_by_id(info: Info, id: str) -> Segment | None:
    """Find a segment that is not deleted."""
    row = await load_segment(info, id)
    return None if row is None or row.deleted_at is not None else segment_of(row)
