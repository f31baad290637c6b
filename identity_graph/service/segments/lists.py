"""Reading who is in segments, who entered and left, and what was pinned: for many at once."""

from collections.abc import Iterable
from operator import attrgetter

from identity_graph.domain.segments.read_models import (
    Member,
    MembershipOf,
    PinView,
    SegmentNow,
    SegmentState,
    SizeAt,
    StoredSegment,
    TransitionView,
)
from identity_graph.domain.segments.transitions import TransitionCause
from identity_graph.domain.values.instants import EARLIEST, LATEST, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import ABOVE_ALL, START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align_many
from identity_graph.service.segments.terms import edition_of
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import evaluation as evaluation_store
from identity_graph.store.segments import lists as list_store
from identity_graph.store.segments import members as member_store
from identity_graph.store.segments import segments as segment_store
from identity_graph.store.segments.lists import ListedTransition

_segment_id = attrgetter("segment_id")
_owner_id = attrgetter("owner_id")


async def read_members(
    reads: Reads, editions: list[str], *, first: int, after: TimePosition | None
) -> list[Page[Member]]:
    """Read a page of the members of each edition, those who entered last first."""
    before = after or START
    rows = await reads.run(
        list_store.page_members_of_segments.call(
            editions=editions, before=format_instant(before.at), before_id=before.id, limit=first + 1
        )
    )
    ids = [edition.rpartition("/")[0] for edition in editions]
    return [cut(group, first) for group in align_many(ids, rows, _segment_id)]


async def read_memberships_of(reads: Reads, customer_ids: list[str]) -> list[list[MembershipOf]]:
    """Read in which segments each customer is, those that it entered last first."""
    stored = await reads.run(evaluation_store.list_memberships.call(customer_ids=customer_ids))
    segments = await reads.run(segment_store.list_segments.call()) if stored else []
    in_force = {edition_of(segment.id, segment.edition): segment.id for segment in segments}
    rows = [
        MembershipOf(in_force[row.edition], row.customer_id, member=True, since=row.since, number=row.number)
        for row in stored
        if row.edition in in_force and row.since is not None
    ]
    rows.sort(key=lambda row: (-(row.since or 0), row.segment_id))
    return align_many(customer_ids, rows, attrgetter("customer_id"))


async def read_transitions(
    reads: Reads, segment_ids: list[str], *, first: int, after: int | None
) -> list[Page[TransitionView]]:
    """Read a page of who entered and left each segment, the last one first."""
    before = ABOVE_ALL if after is None else after
    rows = await reads.run(
        list_store.page_transitions_of_segments.call(segment_ids=segment_ids, before=before, limit=first + 1)
    )
    return _pages(segment_ids, rows, first)


async def read_transitions_of(
    reads: Reads, customer_ids: list[str], *, segment_id: str | None, first: int, after: int | None
) -> list[Page[TransitionView]]:
    """Read a page of what each customer, and those that went into it, entered and left, the last one first."""
    rows = await reads.run(
        list_store.page_transitions_of_customers.call(
            customer_ids=customer_ids,
            segment_id=segment_id,
            before=ABOVE_ALL if after is None else after,
            limit=first + 1,
        )
    )
    return _pages(customer_ids, rows, first)


async def read_pins(reads: Reads, segment_ids: list[str]) -> list[list[PinView]]:
    """Read what people decided about customers of each segment, the newest first."""
    rows = await reads.run(list_store.list_pins_of_segments.call(segment_ids=segment_ids))
    return align_many(segment_ids, rows, _segment_id)


async def read_sizes(
    reads: Reads, segment_ids: list[str], *, since: Instant | None, until: Instant | None
) -> list[list[SizeAt]]:
    """Read how the size of each segment went, hour by hour."""
    rows = await reads.run(
        list_store.list_sizes_of_segments.call(
            segment_ids=segment_ids,
            since=format_instant(EARLIEST if since is None else since),
            until=format_instant(LATEST if until is None else until),
        )
    )
    return align_many(segment_ids, rows, _segment_id)


async def read_now(reads: Reads, segment_ids: list[str], *, now: Instant) -> list[SegmentNow]:
    """Read how many members each segment has, and as of when.

    Up to then, everything that happened is evaluated: nobody has been waiting, and nothing has been due, since before.
    """

    async def read(tx: ReadTransaction) -> list[SegmentNow]:
        # What is counted is read after who waits, so that it holds at least everything up to then.
        (oldest,) = await member_store.find_oldest(tx, now_s=seconds(now), now_ns=nanoseconds(now))
        up_to = min((at for at in oldest if at is not None), default=now)
        found = {row.id: row for row in await segment_store.find_segments(tx, ids=segment_ids)}
        return [_now_of(found[id], min(up_to, now)) for id in segment_ids]

    return await reads.run(read)


def _now_of(row: StoredSegment, up_to: Instant) -> SegmentNow:
    return SegmentNow(row.size, min(up_to, row.created_at) if row.state == SegmentState.FILLING else up_to)


def _pages(ids: list[str], rows: Iterable[ListedTransition], first: int) -> list[Page[TransitionView]]:
    return [cut([_transition_of(row) for row in group], first) for group in align_many(ids, rows, _owner_id)]


def _transition_of(row: ListedTransition) -> TransitionView:
    return TransitionView(
        position=row.position,
        segment_id=row.segment_id,
        customer_id=row.customer_id,
        number=row.number,
        entered=row.entered,
        at=row.at,
        occurred_at=row.occurred_at,
        cause=TransitionCause(row.cause),
        reason=row.reason,
    )
