"""Exports of segments: who is in, or who entered and left since the last export, with chosen columns and addresses."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.activation.hashing import Platform, hash_address
from identity_graph.domain.activation.net_changes import find_net_changes
from identity_graph.domain.consent.permission import Refusal, may_use
from identity_graph.domain.segments.read_models import StoredSegment, TransitionView
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.errors import InvalidInputError
from identity_graph.files.tables import Row, open_table
from identity_graph.service.consent.reading import read_people
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import read_identifiers_of
from identity_graph.service.positions import TimePosition
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.service.segments.members import get_segment, read_members, read_transitions_after
from identity_graph.store.activation.exports import ExportMark, find_export, save_export
from identity_graph.store.customers.customers import find_barred
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.members import find_last_transition

PLAIN_COLUMNS = ("customer_id", "since")
"""What can be told of a member; ``since`` is when the customer entered."""

TRAIT = "trait:"
"""In front of the name of a trait that is a column."""

HASHABLE = ("email", "phone")
_CUSTOMERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be exported.

    With ``addresses``, which are namespaces of identifiers, there is one row for each of them; without, one for each
    customer. ``platform`` hashes them. ``channel`` is the one through which people are to be contacted: where the segment has a
    purpose, they must permit it. ``difference``: only who entered or left since the last export of the ``series``.
    """

    columns: tuple[str, ...] = PLAIN_COLUMNS
    addresses: tuple[str, ...] = ()
    platform: Platform | None = None
    channel: Channel | None = None
    difference: bool = False
    series: str = "default"

    @property
    def all_columns(self) -> tuple[str, ...]:
        """The columns of the file, in their order."""
        change = ("change",) if self.difference else ()
        address = "address" if self.platform is None else f"address_sha256_{self.platform.value}"
        return (*change, *self.columns, *(("namespace", address) if self.addresses else ()))


class Exported(NamedTuple):
    """What became of an export; ``since`` is the export before it that a difference goes on from, None without one.

    ``withheld`` counts the customers who are not in the file since they do not permit the purpose, by reason.
    """

    segment: StoredSegment
    customers: int
    rows: int
    without_address: int
    since: Instant | None
    withheld: Mapping[Refusal, int]


class _Subject(NamedTuple):
    """A customer to be exported; ``entered`` is None in a full export."""

    customer_id: str
    since: Instant | None
    entered: bool | None


async def export_segment(
    service: Service,
    segment_id: str,
    output: Path,
    wanted: Wanted,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Export a segment to a file, and remember up to where, so that a difference can go on from there.

    Whoever enters or leaves meanwhile is in the next difference in any case.

    Raises:
        NotFoundError: there is no such segment.
        InvalidInputError: a column or a namespace makes no sense, or the file cannot be written.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check(service, wanted)
    graph, now = service.graph, service.units.now()

    async def read(tx: ReadTransaction) -> tuple[StoredSegment, int, ExportMark | None]:
        segment = await get_segment(tx, segment_id)
        (end,) = await find_last_transition(tx)
        marks = await find_export(tx, segment_id=segment_id, series=wanted.series)
        return segment, end.position, next(iter(marks), None)

    segment, position, mark = await graph.read(read)
    since = mark if wanted.difference else None
    subjects = (
        _changed(service, segment_id, since.position, position) if since is not None else _members(service, segment_id)
    )
    customers = rows = without = 0
    withheld: Counter[Refusal] = Counter()
    with open_table(output, wanted.all_columns) as table:
        async for page in subjects:
            kept = await _permitting(service, page, segment.purpose, wanted.channel, withheld)
            written, missing = await _rows_of(service, kept, wanted)
            table.write(written)
            customers, rows, without = customers + len(kept), rows + len(written), without + missing
            on_progress(customers)
    await graph.write(
        lambda tx: save_export(
            tx,
            segment_id=segment_id,
            series=wanted.series,
            position=position,
            written=rows,
            at_s=seconds(now),
            at_ns=nanoseconds(now),
        )
    )
    return Exported(segment, customers, rows, without, None if since is None else since.at, withheld)


async def _members(service: Service, segment_id: str) -> AsyncIterator[list[_Subject]]:
    """Give all members, page by page."""
    after: TimePosition | None = None
    while True:
        page = await read_members(service.graph, segment_id, first=_CUSTOMERS_AT_ONCE, after=after)
        if page.items:
            yield [_Subject(member.customer_id, member.since, True) for member in page.items]
        if not page.has_next_page:
            return
        after = TimePosition(page.items[-1].since, page.items[-1].customer_id)


async def _changed(service: Service, segment_id: str, after: int, until: int) -> AsyncIterator[list[_Subject]]:
    """Give those who entered or left between two positions, and did not come or go back."""
    steps: list[TransitionView] = []
    while True:
        page = await read_transitions_after(service.graph, segment_id, after, first=1000)
        steps += (step for step in page.items if step.position <= until)
        if not page.has_next_page or page.items[-1].position >= until:
            break
        after = page.items[-1].position
    entered_at = {step.customer_id: step.at for step in steps if step.entered}
    changes = sorted(find_net_changes(steps).items())
    for start in range(0, len(changes), _CUSTOMERS_AT_ONCE):
        yield [
            _Subject(id, entered_at.get(id) if entered else None, entered)
            for id, entered in changes[start : start + _CUSTOMERS_AT_ONCE]
        ]


async def _permitting(
    service: Service,
    page: list[_Subject],
    purpose: str | None,
    channel: Channel | None,
    withheld: Counter[Refusal],
) -> list[_Subject]:
    """Leave out whoever does not permit the purpose now, and count them; who left is told of in any case.

    Whoever has died is left out of any segment. Who is restricted is no member, and is not counted either.
    """
    ids = [subject.customer_id for subject in page]
    reads = Reads(service.graph, of_case=True)
    bars = {row.asked_id: row.bar for row in await reads.run(find_barred.call(ids=ids))} if ids else {}
    page = [one for one in page if one.entered is False or bars.get(one.customer_id) != Refusal.RESTRICTED]
    if purpose is None:
        kept = [one for one in page if one.entered is False or one.customer_id not in bars]
        if len(kept) < len(page):
            withheld[Refusal.DECEASED] += len(page) - len(kept)
        return kept
    if not page:
        return page
    in_force, now = service.units.in_force, service.units.now()
    people = await read_people(reads, [subject.customer_id for subject in page], in_force)
    kept: list[_Subject] = []
    for subject, person in zip(page, people, strict=True):
        refusal = may_use(person, purpose, channel, now, in_force.catalogue.consent).refusal
        if refusal is None or subject.entered is False:
            kept.append(subject)
        else:
            withheld[refusal] += 1
    return kept


async def _rows_of(service: Service, page: Sequence[_Subject], wanted: Wanted) -> tuple[list[Row], int]:
    """Make the rows of some customers, and count those without an address."""
    ids = [subject.customer_id for subject in page]
    names = tuple(column.removeprefix(TRAIT) for column in wanted.columns if column.startswith(TRAIT))
    reads = Reads(service.graph)
    traits = await read_traits_of(reads, ids, service.units.in_force, names=names) if names else [[] for _ in ids]
    owned = await read_identifiers_of(reads, ids) if wanted.addresses else [[] for _ in ids]
    rows: list[Row] = []
    missing = 0
    for subject, own_traits, identifiers in zip(page, traits, owned, strict=True):
        row: dict[str, Any] = {
            "change": "entered" if subject.entered else "exited",
            "customer_id": subject.customer_id,
            "since": None if subject.since is None else format_instant(subject.since),
        } | {f"{TRAIT}{trait.name}": orjson.loads(trait.value) for trait in own_traits}
        if not wanted.addresses:
            rows.append(row)
            continue
        found = sorted(one.key for one in identifiers if one.namespace in wanted.addresses)
        missing += not found
        rows += (row | _address_cells(key, wanted) for key in found)
    return rows, missing


def _address_cells(key: str, wanted: Wanted) -> dict[str, str | None]:
    namespace, _, value = key.partition(":")
    if wanted.platform is None:
        return {"namespace": namespace, "address": value}
    column = f"address_sha256_{wanted.platform.value}"
    return {"namespace": namespace, column: hash_address(wanted.platform, namespace, value)}


def _check(service: Service, wanted: Wanted) -> None:
    faults = [
        f"There is no column {column!r}: take {', '.join(PLAIN_COLUMNS)}, or {TRAIT}NAME for a trait."
        for column in wanted.columns
        if column not in PLAIN_COLUMNS and (not column.startswith(TRAIT) or column == TRAIT)
    ]
    faults += [
        f"There is no namespace {namespace!r} in the rules."
        for namespace in wanted.addresses
        if service.rules.find_namespace(namespace) is None
    ]
    if wanted.platform is not None:
        if not wanted.addresses:
            faults.append("Say which addresses are to be hashed: email, phone, or both.")
        faults += [
            f"Ad platforms take hashes of {' and '.join(HASHABLE)}, not of {namespace!r}."
            for namespace in wanted.addresses
            if namespace not in HASHABLE
        ]
    if not wanted.series.strip() or len(wanted.series) > 100 or "/" in wanted.series:
        faults.append("The name of a series has 1 to 100 characters and no slash.")
    if faults:
        raise InvalidInputError(" ".join(faults))
