"""Destinations: saved, shown, their secrets rotated, what they were sent sent again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from identity_graph.domain.activation.destinations import DEFAULT_KINDS, MessageKind, Reentry
from identity_graph.domain.activation.read_models import DeliveryCounts, DeliveryRow, DestinationRow, WithheldCount
from identity_graph.domain.activation.signing import is_secret, make_secret, rotate
from identity_graph.domain.activation.urls import find_fault
from identity_graph.domain.values.durations import LONGEST, read_duration
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.clock import now_instant
from identity_graph.service.new_ids import new_id
from identity_graph.service.positions import Page, cut
from identity_graph.service.reads import Reads, align_many
from identity_graph.store.activation import deliveries as delivery_store
from identity_graph.store.activation import destinations as store
from identity_graph.store.changes.log import find_last_position
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.segments.segments import find_segments, lock_segments

DESTINATION = "dst"
"""The prefix of ids."""

LONGEST_NAME = 200
_AT_ONCE = 1000
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A destination as somebody wants it; with ``id`` it takes the place of that one.

    Without ``secret`` one is made, or stays. Without ``segments`` it is told of all, without ``kinds`` of entries and exits.
    ``cool_down`` is an ISO 8601 duration.
    """

    name: str
    url: str
    id: str | None = None
    secret: str | None = None
    segments: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    reentry: Reentry = Reentry.EVERY_TIME
    cool_down: str | None = None
    initial: bool = False
    region: str | None = None
    channel: Channel | None = None


class Shown(NamedTuple):
    """A destination, and its secret where it was just made or changed."""

    row: DestinationRow
    secret: str | None


class User(NamedTuple):
    """A destination that uses a segment."""

    id: str
    name: str


async def save_destination(graph: Graph, draft: Draft, *, allow_private: bool) -> Shown:
    """Save a destination and switch it on. A new secret signs from now on, and the former one for a day yet.

    Raises:
        InvalidInputError: something of it makes no sense; the message names all of it.
        NotFoundError: there is no destination with this id, or a segment does not exist.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check(draft, allow_private=allow_private)
    id = draft.id or new_id(DESTINATION)
    made = make_secret(secrets.token_bytes(_SECRET_BYTES))
    kinds = sorted(set(draft.kinds or (kind.value for kind in DEFAULT_KINDS)))

    async def work(tx: WriteTransaction) -> Shown:
        now = now_instant()
        held = await store.lock_destination(tx, id=id)
        before = await store.find_destinations(tx, ids=[id])
        if draft.id is not None and not held:
            raise _unknown(id)
        await check_segments(tx, draft.segments)
        former = list(zip(held[0].former_secrets, held[0].former_until, strict=True)) if held else []
        secret = draft.secret or (held[0].secret if held else made)
        is_new = not held or secret != held[0].secret
        if held:
            secret, former = rotate(held[0].secret, former, secret, now)
        await store.save_destination(
            tx,
            id=id,
            name=draft.name.strip(),
            url=draft.url,
            segments=None if draft.segments is None else sorted(set(draft.segments)),
            kinds=kinds,
            reentry=draft.reentry.value,
            cool_down=draft.cool_down,
            initial=draft.initial,
            region=draft.region,
            channel=None if draft.channel is None else draft.channel.value,
            change_position=await _change_position(tx, kinds, before),
            secret=secret,
            former_secrets=[text for text, _ in former],
            former_until=[until for _, until in former],
            at_s=seconds(now),
            at_ns=nanoseconds(now),
        )
        (row,) = await store.find_destinations(tx, ids=[id])
        return Shown(row, secret if is_new else None)

    return await graph.write(work)


async def rotate_secret(graph: Graph, id: str) -> Shown:
    """Make another secret. Messages carry the signatures of both for a day, so that receivers can change in between.

    Raises:
        NotFoundError: there is no such destination.
        GraphUnavailableError: Neo4j does not answer.
    """
    made = make_secret(secrets.token_bytes(_SECRET_BYTES))

    async def work(tx: WriteTransaction) -> Shown:
        held = await store.lock_destination(tx, id=id)
        if not held:
            raise _unknown(id)
        former = list(zip(held[0].former_secrets, held[0].former_until, strict=True))
        secret, kept = rotate(held[0].secret, former, made, now_instant())
        await store.set_secrets(
            tx,
            id=id,
            secret=secret,
            former_secrets=[text for text, _ in kept],
            former_until=[until for _, until in kept],
        )
        (row,) = await store.find_destinations(tx, ids=[id])
        return Shown(row, secret)

    return await graph.write(work)


async def replay_deliveries(graph: Graph, id: str, since: Instant) -> int:
    """Send again what was made for a destination since a moment, delivered or given up, each under its id and in order.

    Raises:
        NotFoundError: there is no such destination.
        GraphUnavailableError: Neo4j does not answer.
    """
    from_s, from_ns = seconds(since), nanoseconds(since)

    async def look(tx: ReadTransaction) -> delivery_store.SpanRow:
        if not await store.find_destinations(tx, ids=[id]):
            raise _unknown(id)
        (span,) = await delivery_store.find_replay(tx, destination_id=id, from_s=from_s, from_ns=from_ns)
        return span

    first, last = await graph.read(look)
    total = 0
    while first is not None and last is not None:
        now, begin, end = now_instant(), first, last
        (page,) = await graph.write(
            lambda tx, begin=begin, end=end, now=now: delivery_store.replay_deliveries(
                tx,
                destination_id=id,
                first=begin,
                last=end,
                from_s=from_s,
                from_ns=from_ns,
                now_s=seconds(now),
                now_ns=nanoseconds(now),
                limit=_AT_ONCE,
            )
        )
        total += page.replayed
        first = None if page.last is None or page.seen < _AT_ONCE else page.last + 1
    return total


async def delete_destination(graph: Graph, id: str) -> None:
    """Delete a destination with all that is pending for it and all that is known of what it was told.

    Raises:
        NotFoundError: there is no such destination.
        GraphUnavailableError: Neo4j does not answer.
    """
    (row,) = await graph.write(lambda tx: store.delete_destination(tx, id=id))
    if not row.deleted:
        raise _unknown(id)
    for delete in (delivery_store.delete_deliveries, store.delete_told_entries):
        while (await graph.write(lambda tx, delete=delete: delete(tx, destination_id=id, limit=_AT_ONCE)))[0].deleted:
            pass


async def read_destinations(reads: Reads, *, first: int, after: str) -> Page[DestinationRow]:
    """Read a page of the destinations, by id."""
    return cut(await reads.run(store.page_destinations.call(after=after, limit=first + 1)), first)


async def find_destination(reads: Reads, id: str) -> DestinationRow | None:
    """Find a destination."""
    return next(iter(await reads.run(store.find_destinations.call(ids=[id]))), None)


async def count_destinations(reads: Reads) -> int:
    """Count the destinations."""
    return len(await reads.run(store.list_destinations.call()))


async def read_withheld(reads: Reads, ids: Sequence[str]) -> list[list[WithheldCount]]:
    """Count what was withheld, by reason, for each of some destinations, in their order."""
    rows = await reads.run(delivery_store.count_withheld.call(ids=list(ids)))
    return align_many(ids, rows, lambda row: row.id)


async def read_counts(reads: Reads, ids: Sequence[str]) -> list[DeliveryCounts]:
    """Count what is pending and what was given up, for each of some destinations, in their order."""
    rows = await reads.run(delivery_store.count_deliveries.call(ids=list(ids)))
    return sorted(rows, key=lambda row: ids.index(row.id))


async def read_deliveries(reads: Reads, id: str, *, state: str | None, first: int, before: int) -> Page[DeliveryRow]:
    """Read a page of the deliveries of a destination, the newest first."""
    rows = await reads.run(
        delivery_store.page_deliveries.call(destination_id=id, before=before, state=state, limit=first + 1)
    )
    return cut(rows, first)


async def count_deliveries(reads: Reads, id: str, state: str | None) -> int:
    """Count the deliveries of a destination, with a state only those in it."""
    return (await reads.run(delivery_store.count_deliveries_in.call(destination_id=id, state=state)))[0].total


async def find_users(tx: ReadTransaction, segment_id: str) -> list[User]:
    """List the destinations that name a segment: while there are any it is not deleted."""
    return users_among(await store.list_destinations(tx), segment_id)


def users_among(rows: Sequence[DestinationRow], segment_id: str) -> list[User]:
    """Tell which destinations name a segment."""
    return [User(row.id, row.name) for row in rows if row.segments is not None and segment_id in row.segments]


async def check_segments(tx: WriteTransaction, ids: Sequence[str] | None) -> None:
    """Check that segments exist, and see to it that none is deleted meanwhile.

    Raises:
        NotFoundError: one of them does not.
    """
    if not ids:
        return
    await lock_segments(tx)
    found = {row.id for row in await find_segments(tx, ids=list(ids)) if row.deleted_at is None}
    missing = sorted(set(ids) - found)
    if missing:
        raise NotFoundError(f"There is no segment {', '.join(missing)}.", ids=missing)


def _check(draft: Draft, *, allow_private: bool) -> None:
    faults = [fault for fault in (_name_fault(draft.name), find_fault(draft.url, allow_private=allow_private)) if fault]
    if draft.secret is not None and not is_secret(draft.secret):
        faults.append("`secret` must be `whsec_` and 24 to 64 bytes in base64; leave it out and one is made.")
    known = {kind.value for kind in MessageKind}
    unknown = sorted(set(draft.kinds or ()) - known)
    if unknown:
        faults.append(f"`kinds` has {', '.join(map(repr, unknown))}; there are {', '.join(sorted(known))}.")
    if draft.kinds is not None and not draft.kinds:
        faults.append("`kinds` is empty, so nothing would ever be sent; leave it out for entries and exits.")
    faults += _cool_down_faults(draft)
    if draft.region is not None and (not draft.region.strip() or len(draft.region) > LONGEST_NAME):
        faults.append(f"`region` has 1 to {LONGEST_NAME} characters.")
    if faults:
        raise InvalidInputError(" ".join(faults))


def _name_fault(name: str) -> str | None:
    if name.strip() and len(name) <= LONGEST_NAME and name.isprintable():
        return None
    return f"`name` has 1 to {LONGEST_NAME} printable characters."


def _cool_down_faults(draft: Draft) -> list[str]:
    if draft.reentry is not Reentry.COOL_DOWN:
        return [] if draft.cool_down is None else ["`coolDown` belongs to `reentry: COOL_DOWN` alone."]
    duration = None if draft.cool_down is None else read_duration(draft.cool_down)
    if duration is None or not 0 < duration <= LONGEST:
        return ["`reentry: COOL_DOWN` needs a `coolDown`, a duration such as `P30D` or `PT12H`."]
    return []


async def _change_position(tx: ReadTransaction, kinds: Sequence[str], before: Sequence[DestinationRow]) -> int | None:
    """Tell from where on a destination hears of changes of customers: from now on, unless it hears of them already."""
    if MessageKind.CUSTOMER_CHANGED not in kinds:
        return None
    if before and before[0].change_position is not None:
        return before[0].change_position
    (end,) = await find_last_position(tx)
    return end.position


def _unknown(id: str) -> NotFoundError:
    return NotFoundError(f"There is no destination {id}.", id=id)
