"""The change log: changes of customers, page by page."""

from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.identity.read_models import ChangedIdentifier, ChangeView, CustomerChange
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import ABOVE_ALL, Page, cut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.changes import log as store


class ChangeFilter(NamedTuple):
    """Which changes are wanted; None does not restrict."""

    kinds: tuple[str, ...] | None = None
    since: Instant | None = None


class Sides(NamedTuple):
    """The identifiers of the customers that a change is about, just before and just after it, by customer id.

    A customer that lost all of its identifiers has none after it.
    """

    before: dict[str, list[ChangedIdentifier]]
    after: dict[str, list[ChangedIdentifier]]


async def read_changes(
    reads: Reads, wanted: ChangeFilter, *, first: int, after: int | None, newest_first: bool
) -> Page[ChangeView]:
    """Read a page of the log, oldest or newest first, after a position in that order.

    With a moment only that part of the log is read in which something may have happened then or later.
    """
    kinds, since = _parameters(wanted)
    start = 1
    if since is not None and (newest_first or after is None):
        found = await reads.run(store.find_start.call(since=since))
        if not found:
            return cut([], first)
        start = found[0].position
    if newest_first:
        before = ABOVE_ALL if after is None else after
        rows = await reads.run(
            store.page_changes_back.call(before=before, start=start, kinds=kinds, since=since, limit=first + 1)
        )
    else:
        last = start - 1 if after is None else after
        rows = await reads.run(store.page_changes.call(after=last, kinds=kinds, since=since, limit=first + 1))
    return cut(rows, first)


async def read_changes_of(
    reads: Reads,
    customer_ids: list[str],
    *,
    wanted: ChangeFilter,
    first: int,
    after: int | None,
    newest_first: bool,
) -> list[Page[CustomerChange]]:
    """Read a page of what happened to each customer and to those that went into it."""
    kinds, since = _parameters(wanted)
    direction = -1 if newest_first else 1
    start = -ABOVE_ALL if after is None else after * direction
    rows = await reads.run(
        store.page_changes_of_customers.call(
            customer_ids=customer_ids,
            direction=direction,
            after=start,
            kinds=kinds,
            since=since,
            limit=first + 1,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, attrgetter("customer_id"))]


async def find_changes(reads: Reads, ids: list[str]) -> list[ChangeView | None]:
    """Read changes by their ids; None where there is none."""
    rows = await reads.run(store.find_changes.call(ids=ids))
    return align(ids, rows, attrgetter("id"))


async def read_changed_customers(reads: Reads, ids: list[str]) -> list[list[str]]:
    """Read the ids of the customers that changes are about, as they were then."""
    rows = await reads.run(store.list_changed_customers.call(ids=ids))
    return [sorted(row.customer_id for row in group) for group in align_many(ids, rows, attrgetter("id"))]


async def read_sides(reads: Reads, ids: list[str]) -> list[Sides]:
    """Read who was whose before and after each change."""
    rows = await reads.run(store.list_sides.call(ids=ids))
    return [_sides_of(group) for group in align_many(ids, reads.mask.rows(rows), attrgetter("id"))]


def _sides_of(rows: list[ChangedIdentifier]) -> Sides:
    before: dict[str, list[ChangedIdentifier]] = {}
    after: dict[str, list[ChangedIdentifier]] = {}
    for row in rows:
        if row.before:
            before.setdefault(row.customer_id, []).append(row)
            after.setdefault(row.customer_id, [])
        if row.after:
            after.setdefault(row.customer_id, []).append(row)
    return Sides(dict(sorted(before.items())), dict(sorted(after.items())))


def _parameters(wanted: ChangeFilter) -> tuple[list[str] | None, str | None]:
    kinds = None if wanted.kinds is None else list(wanted.kinds)
    return kinds, None if wanted.since is None else format_instant(wanted.since)
