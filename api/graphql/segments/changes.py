"""Who entered a segment and who left, when and why."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.base.connections import Edge, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import decode_cursor, encode_cursor
from api.graphql.base.scalars import DateTime, Id
from api.graphql.segments.enums import TransitionCause
from api.graphql.segments.loading import get_segment, read_customer
from identity_graph.domain.segments.read_models import TransitionView
from identity_graph.errors import InvalidInputError
from identity_graph.service.positions import ABOVE_ALL, Page

if TYPE_CHECKING:
    from api.graphql.customers.customers import Customer
    from api.graphql.segments.segments import Segment

LazyCustomer = Annotated["Customer", strawberry.lazy("api.graphql.customers.customers")]
LazySegment = Annotated["Segment", strawberry.lazy("api.graphql.segments.segments")]

_LIST = "membership"


@strawberry.type(description="A customer entered a segment, or left it.")
class MembershipChange:
    """A step of a customer into a segment or out of it."""

    number: int = strawberry.field(description="Counts 1, 2, 3 … for this segment and customer.")
    segment_id: Id
    customer_id: Id = strawberry.field(description="The id that the customer had then.")
    entered: bool = strawberry.field(description="True: entered; false: left.")
    at: DateTime = strawberry.field(description="When the service wrote it.")
    occurred_at: DateTime = strawberry.field(
        description="When what caused it happened: the time of the event, or the moment at which a window moved on."
    )
    cause: TransitionCause
    reason: str = strawberry.field(description="The condition that turned, as a sentence.")
    cursor: str = strawberry.field(
        description="The position among all of them: `segmentMembership(after:)` continues after it."
    )

    @strawberry.field(description="The segment, also after it was deleted.")
    async def segment(self, info: Info) -> LazySegment:
        """Read the segment."""
        return await get_segment(info, self.segment_id)

    @strawberry.field(
        description="The customer now; a merged id leads to the surviving customer. One that is no more has its id, and nothing else."
    )
    async def customer(self, info: Info) -> LazyCustomer:
        """Read the customer."""
        return await read_customer(info, self.customer_id, self.at)


@strawberry.type(description="A page of membership changes, the newest first.")
class MembershipChangeConnection:
    """A page of membership changes, whose total nobody has counted."""

    edges: list[Edge[MembershipChange]]
    page_info: PageInfo


def change_page_of(page: Page[TransitionView]) -> MembershipChangeConnection:
    """Make a page of rows."""
    edges, page_info = edges_of(page, membership_change_of, _cursor_of)
    return MembershipChangeConnection(edges=edges, page_info=page_info)


def membership_change_of(row: TransitionView) -> MembershipChange:
    """Make a membership change of a row."""
    return MembershipChange(
        number=row.number,
        segment_id=Id(row.segment_id),
        customer_id=Id(row.customer_id),
        entered=row.entered,
        at=DateTime(row.at),
        occurred_at=DateTime(row.occurred_at),
        cause=TransitionCause(row.cause),
        reason=row.reason,
        cursor=_cursor_of(row),
    )


def decode_change(cursor: str | None) -> int | None:
    """Read a position among all membership changes; None stands for the start of a list.

    Raises:
        InvalidInputError: the cursor is none, or one of another list.
    """
    place = decode_cursor(_LIST, cursor, int)
    if place is None:
        return None
    position = int(place[0])
    if not 0 <= position < ABOVE_ALL:
        raise InvalidInputError("This is not a cursor of membership changes.", after=cursor)
    return position


def _cursor_of(row: TransitionView) -> str:
    return encode_cursor(_LIST, row.position, row.segment_id)
