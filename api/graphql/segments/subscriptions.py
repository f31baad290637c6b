"""The subscription to the members of a segment."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.scalars import Id
from api.graphql.segments.changes import MembershipChange, decode_change, membership_change_of
from api.graphql.segments.loading import get_segment
from identity_graph.errors import InvalidInputError

AfterChange = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last one that you processed; without it, only new ones."),
]


@strawberry.type
class SegmentSubscription:
    """The entry point for following the members of a segment."""

    @strawberry.subscription(
        description="Who enters a segment and who leaves: first those after the cursor, then each as it is written."
    )
    async def segment_membership(
        self, info: Info, segment_id: Id, after: AfterChange = UNSET
    ) -> AsyncGenerator[MembershipChange]:
        """Follow the members of a segment."""
        await get_segment(info, segment_id)
        feed, position = info.context.service.evaluator.feed, decode_change(after)
        end = await feed.find_end()
        if position is not None and position > end:
            raise InvalidInputError(
                "There is no membership change of this cursor: the cursor is from another database, or the database was "
                "restored from an older backup. Read the members again, then follow from there.",
                after=after,
            )
        async with aclosing(feed.follow(segment_id, end if position is None else position)) as changes:
            async for row in changes:
                yield membership_change_of(row)
