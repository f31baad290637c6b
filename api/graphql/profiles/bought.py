"""What a customer bought: a part of the profile."""

import strawberry

from api.graphql.base.connections import After, First
from api.graphql.base.context import Info
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.orders import OrderConnection, order_page


@strawberry.type
class BoughtFields(OfCustomer):
    """The orders of a customer."""

    @strawberry.field(description="The orders of the customer, newest first.")
    async def orders(self, info: Info, first: First = 20, after: After = strawberry.UNSET) -> OrderConnection:
        """Read a page of the orders."""
        return await order_page(info, self.customer_id, first, after)
