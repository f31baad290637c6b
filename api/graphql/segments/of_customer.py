"""The segments of a customer."""

from asyncio import gather
from functools import partial

from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.segments.changes import MembershipChangeConnection, change_page_of, decode_change
from api.graphql.segments.loading import load_segment
from api.graphql.segments.segments import Segment, segment_of
from identity_graph.domain.segments.read_models import MembershipOf
from identity_graph.service.segments import lists


async def segments_of(info: Info, customer_id: str) -> list[Segment]:
    """Read the segments that a customer is in, by name."""
    loaders = info.context.loaders
    loader: DataLoader[str, list[MembershipOf]] = loaders.kept(
        "memberships", lambda: DataLoader(partial(lists.read_memberships_of, loaders.reads))
    )
    rows = await gather(*(load_segment(info, one.segment_id) for one in await loader.load(customer_id)))
    return [segment_of(row) for row in sorted((row for row in rows if row is not None), key=lambda row: row.name)]


async def membership_history_page(
    info: Info, customer_id: str, segment_id: str | None, first: int | None, after: str | None
) -> MembershipChangeConnection:
    """Read a page of what a customer, and those that went into it, entered and left, the newest first."""
    loaders, size, position = info.context.loaders, check_first(first), decode_change(after)
    page = await loaders.kept(
        ("membership history", segment_id, size, position),
        lambda: DataLoader(
            partial(lists.read_transitions_of, loaders.reads, segment_id=segment_id, first=size, after=position)
        ),
    ).load(customer_id)
    return change_page_of(page)
