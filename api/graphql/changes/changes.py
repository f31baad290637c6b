"""The change log: changes of customers, with time and cause."""

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Edge, First, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor, given
from api.graphql.base.identifiers import Identifier, identifier_of
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from identity_graph.domain.identity.customers import ChangeKind, TriggerKind
from identity_graph.domain.identity.read_models import ChangedIdentifier, ChangeView, CustomerChange
from identity_graph.errors import InvalidInputError
from identity_graph.service.changes.feed import check_position
from identity_graph.service.changes.log import ChangeFilter, read_changes, read_changes_of
from identity_graph.service.positions import ABOVE_ALL, Page

if TYPE_CHECKING:
    from api.graphql.customers.customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("api.graphql.customers.customers")]

strawberry.enum(ChangeKind, description="What happened. A new customer is not a change; see its `createdAt`.")
strawberry.enum(TriggerKind, description="The cause of a change.")
_LOG = "change"
_Row = TypeVar("_Row", ChangeView, CustomerChange)


@strawberry.enum(description="The order of a list of changes.")
class ChangeOrder(Enum):
    """The order of the log, or against it."""

    OLDEST_FIRST = "OLDEST_FIRST"
    NEWEST_FIRST = "NEWEST_FIRST"


@strawberry.type(description="The cause of a change: the event, the judgement, or the version of the rules.")
class Trigger:
    """The cause of a change."""

    kind: TriggerKind
    id: str | None = strawberry.field(description="The id of the event or the judgement, or the version of the rules.")


@strawberry.type(description="The identifiers that a customer had just before, or just after, a change.")
class ChangeSide:
    """One customer on one side of a change."""

    customer_id: Id
    identifiers: list[Identifier]


@strawberry.type(
    description="A change of customers in one commit. To get the customer of every identifier now, start with its "
    "first customer and apply `after` of all changes in order."
)
class Change(Node):
    """A change; what it is about is read when it is asked for."""

    kind: ChangeKind
    at: DateTime
    rule_version: int = strawberry.field(description="The version of the rules in force then.")
    trigger: Trigger
    cursor: str = strawberry.field(description="The position in the log: `changes(after:)` continues after it.")

    @strawberry.field(
        description="The customers of the change as they are now; a merged id leads to the surviving customer."
    )
    async def customers(self, info: Info) -> list[LazyCustomer]:
        """Read the customers of now."""
        ids = await info.context.loaders.changed_customers.load(self.id)
        rows = await info.context.loaders.customers.load_many(ids)
        found = {row.id: info.context.customer_of(row) for row in rows if row is not None}
        return list(found.values())

    @strawberry.field(description="The customers and their identifiers before the change.")
    async def before(self, info: Info) -> list[ChangeSide]:
        """Read the sides before."""
        return _sides_of(info, (await info.context.loaders.sides.load(self.id)).before)

    @strawberry.field(
        description="The customers and their identifiers after the change; a customer that lost all identifiers has none."
    )
    async def after(self, info: Info) -> list[ChangeSide]:
        """Read the sides after."""
        return _sides_of(info, (await info.context.loaders.sides.load(self.id)).after)


@strawberry.type(description="A page of changes.")
class ChangeConnection:
    """A page of changes, whose total nobody has counted."""

    edges: list[Edge[Change]]
    page_info: PageInfo = strawberry.field(
        description="On an empty page `endCursor` is the position of the reader; without `after`, the start of the log."
    )


Kinds = Annotated[list[ChangeKind] | None, strawberry.argument(description="Only these; by default all.")]
Since = Annotated[DateTime | None, strawberry.argument(description="Only from this time on.")]
AboutCustomer = Annotated[
    Id | None, strawberry.argument(description="Only changes of this customer and of customers merged into it.")
]


@strawberry.type
class ChangeQueries:
    """The entry point for reading the change log."""

    @strawberry.field(
        description="Changes of customers, in the order of the commits. As a feed: store the cursor of the last "
        "change that you processed, and continue after it; no change is missed or repeated."
    )
    async def changes(
        self,
        info: Info,
        kinds: Kinds = UNSET,
        customer_id: AboutCustomer = UNSET,
        since: Since = UNSET,
        first: First = 20,
        after: After = UNSET,
        order: ChangeOrder | None = ChangeOrder.OLDEST_FIRST,
    ) -> ChangeConnection:
        """Read a page of the log."""
        kinds, id = given(kinds), given(customer_id)
        wanted = ChangeFilter(None if kinds is None else tuple(kind.value for kind in kinds), given(since))
        newest_first = order is ChangeOrder.NEWEST_FIRST
        size, place = check_first(first), decode_position(after)
        position, change_id = place or (None, "")
        reads = info.context.loaders.reads

        async def read() -> ChangeConnection:
            if id is not None:
                (found,) = await read_changes_of(
                    reads, [str(id)], wanted=wanted, first=size, after=position, newest_first=newest_first
                )
                return _connection(found)
            return _connection(await read_changes(reads, wanted, first=size, after=position, newest_first=newest_first))

        _, connection = await asyncio.gather(check_position(reads, position or 0, change_id), read())
        if not connection.edges and id is None:
            connection.page_info.end_cursor = given(after) or encode_cursor(_LOG, 0, "")
        return connection


async def history_page(info: Info, customer_id: str, first: int | None, after: str | None) -> ChangeConnection:
    """Read a page of what happened to a customer and to those that went into it, the latest first."""
    place = decode_position(after)
    loader = info.context.loaders.history_of(check_first(first), None if place is None else place[0])
    return _connection(await loader.load(customer_id))


def change_of(row: ChangeView | CustomerChange) -> Change:
    """Make a change of a row."""
    return Change(
        id=Id(row.id),
        kind=ChangeKind(row.kind),
        at=DateTime(row.at),
        rule_version=row.rule_version,
        trigger=Trigger(kind=TriggerKind(row.trigger_kind), id=row.trigger_id),
        cursor=_cursor_of(row),
    )


def decode_position(cursor: str | None) -> tuple[int, str] | None:
    """Read a place in the log, with the id of the change there; None stands for the start of a list.

    Raises:
        InvalidInputError: the cursor is none, or one of another list.
    """
    place = decode_cursor(_LOG, cursor, int)
    if place is None:
        return None
    position = int(place[0])
    if not 0 <= position < ABOVE_ALL:
        raise InvalidInputError("This is not a cursor of the change log.", after=cursor)
    return position, place[1]


def _connection(page: Page[_Row]) -> ChangeConnection:
    edges, page_info = edges_of(page, change_of, _cursor_of)
    return ChangeConnection(edges=edges, page_info=page_info)


def _cursor_of(row: ChangeView | CustomerChange) -> str:
    return encode_cursor(_LOG, row.position, row.id)


def _sides_of(info: Info, sides: dict[str, list[ChangedIdentifier]]) -> list[ChangeSide]:
    return [
        ChangeSide(customer_id=Id(id), identifiers=[identifier_of(info, row) for row in rows])
        for id, rows in sides.items()
    ]
