"""The subscription to a journey."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.scalars import Id
from api.graphql.journeys.journeys import Touchpoint, touchpoint_of
from identity_graph.errors import NotFoundError


@strawberry.type
class JourneySubscription:
    """The entry point for following a customer."""

    @strawberry.subscription(
        description="Touchpoints of a customer as they arrive, also after the customer was merged into another one."
    )
    async def journey(self, info: Info, customer_id: Id) -> AsyncGenerator[Touchpoint]:
        """Follow a journey."""
        if await info.context.loaders.customers.load(customer_id) is None:
            raise NotFoundError("There is no customer with this id.", id=customer_id)
        async with aclosing(info.context.service.units.journeys.follow(customer_id)) as touchpoints:
            async for row in touchpoints:
                yield touchpoint_of(row)
