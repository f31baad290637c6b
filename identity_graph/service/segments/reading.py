"""Reading segments, for many at once."""

from operator import attrgetter

from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.service.positions import Page, cut
from identity_graph.service.reads import Reads, align
from identity_graph.service.segments.saving import find_users
from identity_graph.store.activation import alerts as alert_store
from identity_graph.store.activation import destinations as destination_store
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import segments as segment_store


async def read_segments(reads: Reads, ids: list[str]) -> list[StoredSegment | None]:
    """Read segments by their ids, deleted ones too; None where there never was one."""
    rows = await reads.run(segment_store.find_segments.call(ids=ids))
    return align(ids, rows, attrgetter("id"))


async def find_segment(reads: Reads, name: str) -> StoredSegment | None:
    """Find a segment by its name; None when there is none, or it was deleted."""
    rows = await reads.run(segment_store.find_segments_by_name.call(names=[name]))
    return next((row for row in rows if row.deleted_at is None), None)


async def read_segment_list(reads: Reads, *, first: int, after: str) -> Page[StoredSegment]:
    """Read a page of the segments that are not deleted, by name, after one."""
    return cut(await reads.run(segment_store.page_segments.call(after=after, limit=first + 1)), first)


async def count_segments(reads: Reads) -> int:
    """Count the segments that are not deleted."""
    return len(await reads.run(segment_store.list_segments.call()))


async def read_users(reads: Reads, ids: list[str]) -> list[list[str]]:
    """Read the ids of what uses each segment."""

    async def read(tx: ReadTransaction) -> list[list[str]]:
        stored = {row.id: row for row in await segment_store.list_segments(tx)}
        destinations = await destination_store.list_destinations(tx)
        rules = await alert_store.list_alert_rules(tx)
        return [[user.id for user in find_users(stored, destinations, rules, id)] for id in ids]

    return await reads.run(read)
