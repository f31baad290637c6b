"""What a customer bought: a part of the profile."""

from decimal import Decimal

import orjson
import strawberry

from api.graphql.base.connections import After, First
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.base.scalars import DateTime
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.money import Money, money_as_sum
from api.graphql.profiles.orders import OrderConnection, order_page
from api.graphql.profiles.scores import load_purchases, load_spending
from identity_graph.domain.profiles.affinities import Affinity as FoundAffinity
from identity_graph.domain.profiles.affinities import AffinityKind, find_affinities
from identity_graph.service.profiles.scores import read_lines

strawberry.enum(AffinityKind, description="What affinities are told of.")


@strawberry.type(description="What a customer's purchases come to: orders that were placed and not cancelled.")
class Spending:
    """The purchases of a customer, in one currency."""

    purchases: int
    first_at: DateTime | None
    last_at: DateTime | None
    total: Money = strawberry.field(description="What they are worth, without what was paid back.")
    average: Money = strawberry.field(description="The average order value.")
    unconverted: int = strawberry.field(
        description="Purchases in a currency without a rate: they count, and their amounts do not."
    )


@strawberry.type(description="A product, category or brand that a customer buys.")
class Affinity:
    """Something that a customer buys."""

    name: str
    orders: int = strawberry.field(description="Purchases that have it.")
    quantity: Decimal = strawberry.field(description="How much of it was bought.")
    share: float = strawberry.field(description="Its share of the purchases whose lines are known, 0 to 1.")
    last_at: DateTime


@strawberry.type
class BoughtFields(OfCustomer):
    """The orders of a customer, and what they come to."""

    @strawberry.field(description="The orders of the customer, newest first.")
    async def orders(self, info: Info, first: First = 20, after: After = strawberry.UNSET) -> OrderConnection:
        """Read a page of the orders."""
        return await order_page(info, self.customer_id, first, after)

    @strawberry.field(description="What the purchases come to.")
    async def spending(self, info: Info) -> Spending:
        """Sum the purchases up."""
        spent, _ = await load_spending(info, self.customer_id)
        return Spending(
            purchases=spent.purchases,
            first_at=None if spent.first_at is None else DateTime(spent.first_at),
            last_at=None if spent.last_at is None else DateTime(spent.last_at),
            total=money_as_sum(spent.total),
            average=money_as_sum(spent.average),
            unconverted=spent.unconverted,
        )

    @strawberry.field(description="What the customer buys most: in most purchases, then in greatest number.")
    async def affinities(self, info: Info, by: AffinityKind, first: First = 20) -> list[Affinity]:
        """Count what is in the purchases."""
        rows = await load_purchases(info, self.customer_id, lines=True)
        bought = [(purchase.at, read_lines(orjson.loads(lines or "[]"))) for purchase, lines in rows]
        return [_affinity_of(one) for one in find_affinities(bought, by)[: check_first(first)]]


def _affinity_of(found: FoundAffinity) -> Affinity:
    return Affinity(
        name=found.name,
        orders=found.orders,
        quantity=found.quantity,
        share=found.share,
        last_at=DateTime(found.last_at),
    )
