"""Reading members, transitions, sizes and pins of segments."""

from collections.abc import Sequence
from dataclasses import replace

from identity_graph.domain.segments.read_models import (
    Member,
    MembershipExplained,
    MembershipOf,
    PinView,
    SegmentNow,
    SizeAt,
    StoredSegment,
    TransitionView,
)
from identity_graph.domain.segments.transitions import TransitionCause
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import NotFoundError, RestrictedError
from identity_graph.service.commit.units import Units
from identity_graph.service.positions import ABOVE_ALL, BEHIND_ALL, START, Page, TimePosition, cut
from identity_graph.service.segments.subjects import read_subjects
from identity_graph.service.segments.terms import Loader, edition_of
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import evaluation, segments
from identity_graph.store.segments import members as store
from identity_graph.store.segments.members import PagedPin, StoredTransition
from identity_graph.store.segments.subjects import list_subject_pins


async def get_segment(tx: ReadTransaction, id: str) -> StoredSegment:
    """Get a segment that is not deleted.

    Raises:
        NotFoundError: there is none.
    """
    rows = await segments.find_segments(tx, ids=[id])
    if not rows or rows[0].deleted_at is not None:
        raise NotFoundError(f"There is no segment {id!r}.", segment=id)
    return rows[0]


async def read_members(graph: Graph, segment_id: str, *, first: int, after: TimePosition | None) -> Page[Member]:
    """Read a page of the members of a segment, those who entered last first.

    Raises:
        NotFoundError: there is no such segment.
    """
    before = after or START

    async def read(tx: ReadTransaction) -> list[Member]:
        segment = await get_segment(tx, segment_id)
        return await store.page_members(
            tx,
            edition=edition_of(segment.id, segment.edition),
            before=format_instant(before.at),
            before_id=before.id or BEHIND_ALL,
            limit=first + 1,
        )

    return cut(await graph.read(read), first)


async def read_memberships(graph: Graph, customer_id: str) -> list[MembershipOf]:
    """Read how a customer stands to the segments that it is in, or was in, by the id of the segment."""

    async def read(tx: ReadTransaction) -> list[MembershipOf]:
        live = {edition_of(row.id, row.edition): row.id for row in await segments.list_segments(tx)}
        return [
            MembershipOf(live[row.edition], customer_id, row.since is not None, row.since, row.number)
            for row in await evaluation.list_memberships(tx, customer_ids=[customer_id])
            if row.edition in live and (row.since is not None or row.number)
        ]

    return sorted(await graph.read(read))


async def read_membership(graph: Graph, segment_id: str, customer_id: str) -> MembershipOf:
    """Tell whether a customer is in a segment, and since when.

    Raises:
        NotFoundError: there is no such segment.
    """
    await graph.read(lambda tx: get_segment(tx, segment_id))
    nowhere = MembershipOf(segment_id, customer_id, member=False, since=None, number=0)
    return next((one for one in await read_memberships(graph, customer_id) if one.segment_id == segment_id), nowhere)


async def read_now(graph: Graph, segment_id: str, now: Instant) -> SegmentNow:
    """Read how many members a segment has, and as of when.

    Raises:
        NotFoundError: there is no such segment.
    """

    async def read(tx: ReadTransaction) -> SegmentNow:
        segment = await get_segment(tx, segment_id)
        (oldest,) = await store.find_oldest(tx, now_s=seconds(now), now_ns=nanoseconds(now))
        moments = [moment for moment in (oldest.waiting_since, oldest.due_at) if moment is not None]
        return SegmentNow(segment.size, min([*moments, now]))

    return await graph.read(read)


async def read_history(graph: Graph, segment_id: str, since: Instant, until: Instant) -> list[SizeAt]:
    """Read how the size of a segment went in each hour in which somebody entered or left, the first one first."""
    return await graph.read(
        lambda tx: store.list_sizes(tx, segment_id=segment_id, from_s=seconds(since), to_s=seconds(until))
    )


async def read_transitions(graph: Graph, segment_id: str, *, first: int, before: int | None) -> Page[TransitionView]:
    """Read a page of the transitions of a segment, the last one first, before a position."""
    rows = await graph.read(
        lambda tx: store.page_transitions_back(tx, segment_id=segment_id, before=before or ABOVE_ALL, limit=first + 1)
    )
    return cut(_views(rows), first)


async def read_transitions_of(
    graph: Graph, customer_id: str, *, first: int, before: int | None
) -> Page[TransitionView]:
    """Read a page of the transitions of a customer, the last one first, before a position."""
    rows = await graph.read(
        lambda tx: store.page_transitions_of_customer(
            tx, customer_id=customer_id, before=before or ABOVE_ALL, limit=first + 1
        )
    )
    return cut(_views(rows), first)


async def read_transitions_after(
    graph: Graph, segment_id: str | None, position: int, *, first: int
) -> Page[TransitionView]:
    """Read a page of the transitions of a segment, or of all, in their order, after a position."""
    rows = await graph.read(
        lambda tx: store.page_transitions(tx, segment_id=segment_id, after=position, limit=first + 1)
    )
    return cut(_views(rows), first)


async def read_pins(graph: Graph, segment_id: str, *, first: int, after: str | None) -> Page[PagedPin]:
    """Read a page of what people decided about members of a segment, after one by its key."""
    rows = await graph.read(lambda tx: store.page_pins(tx, segment_id=segment_id, after=after or "", limit=first + 1))
    return cut(rows, first)


async def explain_membership(units: Units, segment_id: str, customer_id: str) -> MembershipExplained:
    """Say why a customer is in a segment or not, of the facts as they are now.

    Raises:
        NotFoundError: there is no such segment, or no such customer.
        RestrictedError: the customer asked that their data not be used.
    """
    now, graph = units.now(), units.graph
    loader = Loader(units)

    async def read(tx: ReadTransaction) -> tuple[evaluation.Work, StoredSegment, list[PinView]]:
        (work,) = await evaluation.find_work(tx, now_s=seconds(now), now_ns=nanoseconds(now))
        pins = await list_subject_pins(tx, customer_ids=[customer_id])
        return work, await get_segment(tx, segment_id), pins

    work, segment, pins = await graph.read(read)
    loaded = await graph.read(lambda tx: loader.load(tx, work))
    target = loaded.by_edition[edition_of(segment.id, segment.edition)]
    reads = await read_subjects(graph, [customer_id], loaded.needs_of([target]), loaded.terms, now)
    sheet = reads[customer_id].sheet if customer_id in reads else None
    if customer_id in reads and reads[customer_id].subject.is_restricted:
        raise RestrictedError(f"The customer {customer_id} asked that their data not be used.", customer=customer_id)
    if sheet is None:
        raise NotFoundError(f"There is no customer {customer_id!r}.", customer=customer_id)
    known = await read_memberships(graph, customer_id)
    members = frozenset(one.segment_id for one in known if one.member)
    membership = next(
        (one for one in known if one.segment_id == segment_id),
        MembershipOf(segment_id, customer_id, member=False, since=None, number=0),
    )
    pin = next((one for one in pins if one.segment_id == segment_id), None)
    return MembershipExplained(membership, target.judge.judge(replace(sheet, segments=members), now), pin)


def _views(rows: Sequence[StoredTransition]) -> list[TransitionView]:
    return [TransitionView(*row[:-2], TransitionCause(row.cause), row.reason) for row in rows]
