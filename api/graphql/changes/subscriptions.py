"""The subscription to the change log."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.changes.changes import Change, Kinds, change_of, decode_position
from identity_graph.service.changes.feed import check_position
from identity_graph.service.changes.log import ChangeFilter

AfterChange = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last change that you processed; without it, only new changes."),
]


@strawberry.type
class ChangeSubscription:
    """The entry point for following the change log."""

    @strawberry.subscription(
        description="Changes of customers: first those in the log after the cursor, then each change as it is committed."
    )
    async def changes(self, info: Info, kinds: Kinds = UNSET, after: AfterChange = UNSET) -> AsyncGenerator[Change]:
        """Follow the change log."""
        kinds, place = given(kinds), decode_position(after)
        wanted = ChangeFilter(None if kinds is None else tuple(kind.value for kind in kinds))
        feed = info.context.service.units.feed
        if place is not None:
            await check_position(info.context.loaders.reads, *place)
        position = await feed.find_end() if place is None else place[0]
        async with aclosing(feed.follow(wanted, position)) as changes:
            async for row in changes:
                yield change_of(row)
