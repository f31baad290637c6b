"""Orders: what all events that tell of one come to."""

from decimal import Decimal
from functools import partial
from typing import Any

import orjson
import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment
from api.graphql.base.identifiers import Identifier, get_identifier
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from api.graphql.journeys.journeys import TouchpointConnection, touchpoint_of
from api.graphql.profiles.money import Money, find_money, money_of
from identity_graph.domain.profiles.commerce import DEFAULT_SCOPE
from identity_graph.domain.profiles.order_views import CustomerOrder, OrderView
from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.profiles.reports import order_key
from identity_graph.errors import NotFoundError
from identity_graph.service.positions import Page
from identity_graph.service.profiles import order_reading as reading

strawberry.enum(
    OrderState,
    description="How an order stands. `UNKNOWN`: a refund or a cancellation came, and its order has not come yet.",
)


@strawberry.type(description="A line of an order.")
class OrderLine:
    """A line of an order, as the last event with lines has it."""

    product_id: str | None
    sku: str | None
    name: str | None
    brand: str | None
    category: str | None
    price: Money | None = strawberry.field(description="The price of one piece.")
    quantity: Decimal


@strawberry.type(description="What is wrong with an event that tells of an order, and what to send instead.")
class OrderProblem:
    """A problem of an order; without an event it is one of all of them together."""

    source: str | None
    message_id: str | None
    path: str
    reason: str


@strawberry.type(
    description="An order. It counts once, however many events, sources and customers tell of it; all amounts are of one currency."
)
class Order(Node):
    """An order."""

    scope: str = strawberry.field(description="What the order id is unique in.")
    order_id: str = strawberry.field(description="Its id, as the shop calls it.")
    state: OrderState
    placed_at: DateTime | None = strawberry.field(description="Null while only a refund or a cancellation is known.")
    total: Money = strawberry.field(description="What was to be paid.")
    revenue: Money = strawberry.field(description="What the goods came to, without shipping and tax.")
    refunded: Money = strawberry.field(description="What was paid back of the total.")
    shipping: Money | None
    tax: Money | None
    discount: Money | None
    lines: list[OrderLine]
    problems: list[OrderProblem] = strawberry.field(
        description="Fields of its events that could not be read, and amounts that do not count."
    )
    owner_key: strawberry.Private[str | None]

    @strawberry.field(
        description="The strongest identifier seen in any event that tells of it; the order belongs to it."
    )
    async def identifier(self, info: Info) -> Identifier:
        """Read the owner."""
        if self.owner_key is None:
            raise NotFoundError("No value in the events of this order is an identifier under the rules.", id=self.id)
        return await get_identifier(info, self.owner_key)

    @strawberry.field(description="The events that tell of it, newest first.")
    async def touchpoints(self, info: Info, first: First = 20, after: After = strawberry.UNSET) -> TouchpointConnection:
        """Read a page of its events."""
        loaders = info.context.loaders
        size, position = check_first(first), decode_moment("order", after)
        page = await loaders.kept(
            ("events of orders", size, position),
            lambda: DataLoader(partial(reading.read_events_of_orders, loaders.reads, first=size, after=position)),
        ).load(self.id)
        rows = await loaders.touchpoints.load_many([event.id for event in page.items])
        found = Page([row for row in rows if row is not None], page.has_next_page)
        edges, page_info = edges_of(found, touchpoint_of, lambda row: encode_moment("order", row.occurred_at, row.id))
        counts = loaders.kept(
            "event counts of orders", lambda: DataLoader(partial(reading.count_events_of_orders, loaders.reads))
        )
        return TouchpointConnection(edges=edges, page_info=page_info, count=lambda: counts.load(self.id))


OrderConnection = Connection[Order]


@strawberry.type
class OrderQueries:
    """The entry point for reading orders."""

    @strawberry.field(description="An order by the id that the shop calls it by; null if no event tells of it.")
    async def order(self, info: Info, order_id: str, scope: str | None = DEFAULT_SCOPE) -> Order | None:
        """Find an order."""
        return await find_order(info, order_key(DEFAULT_SCOPE if scope is None else scope, order_id.strip()))


async def find_order(info: Info, id: str) -> Order | None:
    """Read an order by its id; None when there is none."""
    loaders = info.context.loaders
    loader = loaders.kept("orders", lambda: DataLoader(partial(reading.read_orders, loaders.reads)))
    row = await loader.load(id)
    return None if row is None else order_of(row)


async def order_page(info: Info, customer_id: str, first: int | None, after: str | None) -> OrderConnection:
    """Read a page of a customer's orders."""
    loaders = info.context.loaders
    size, position = check_first(first), decode_moment("orders", after)
    page = await loaders.kept(
        ("orders of", size, position),
        lambda: DataLoader(partial(reading.read_orders_of, loaders.reads, first=size, after=position)),
    ).load(customer_id)
    edges, page_info = edges_of(page, order_of, lambda row: encode_moment("orders", row.at, row.id))
    counts = loaders.kept("order counts", lambda: DataLoader(partial(reading.count_orders_of, loaders.reads)))
    return OrderConnection(edges=edges, page_info=page_info, count=lambda: counts.load(customer_id))


def order_of(row: OrderView | CustomerOrder) -> Order:
    """Make an order of a row."""
    currency = row.currency
    return Order(
        id=Id(row.id),
        scope=row.scope,
        order_id=row.order_id,
        state=OrderState(row.state),
        placed_at=DateTime(row.at) if row.is_placed else None,
        total=money_of(row.total, currency),
        revenue=money_of(row.revenue, currency),
        refunded=money_of(row.refunded, currency),
        shipping=find_money(row.shipping, currency),
        tax=find_money(row.tax, currency),
        discount=find_money(row.discount, currency),
        lines=[_line_of(line, currency) for line in orjson.loads(row.lines or "[]")],
        problems=[OrderProblem(**problem) for problem in orjson.loads(row.problems or "[]")],
        owner_key=row.owner_key,
    )


def _line_of(line: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(
        product_id=line.get("product_id"),
        sku=line.get("sku"),
        name=line.get("name"),
        brand=line.get("brand"),
        category=line.get("category"),
        price=find_money(line.get("price"), currency),
        quantity=Decimal(line["quantity"]),
    )
