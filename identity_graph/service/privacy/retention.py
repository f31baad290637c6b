"""Retention: what the catalogue lets nobody keep is deleted, page by page, the oldest first.

For each age at which something is deleted, all events are gone through once, as time passes; how far that is stands in the graph
and is written with each page. What comes late is noted when it comes. So a kill loses nothing, and nothing is looked at again and again.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from identity_graph.domain.access.principals import SERVICE
from identity_graph.domain.audit.entries import Action, AuditEntry, Who
from identity_graph.domain.profiles.catalogue import Catalogue, meaning_of
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.retention import DEFAULT, EMPTIED
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.audit.recording import record
from identity_graph.service.commit.units import Units
from identity_graph.service.new_ids import new_id
from identity_graph.service.profiles.orders import refold_orders
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.privacy import retention as store
from identity_graph.store.privacy.retention import AgedEvent, LeftTraits
from identity_graph.store.profiles.orders import drop_reports
from identity_graph.store.profiles.traits import lock_identifiers

AT_ONCE = 500
"""Events that one transaction looks at."""

LEASE_SECONDS = 60
"""Seconds after which another process may go on for one that does nothing."""

_PAUSE_SECONDS = 0.05
_END = "~"
"""An id after all ids of events."""


@dataclass(slots=True)
class Progress:
    """How far retention is: per age the position up to which all is done, and what the run has deleted so far."""

    section: str = ""
    positions: dict[str, tuple[Instant, str]] = field(default_factory=dict[str, tuple[Instant, str]])
    events: int = 0
    traits: int = 0
    orders: int = 0

    @property
    def deleted(self) -> int:
        """How much the run has deleted."""
        return self.events + self.traits + self.orders


@dataclass(frozen=True, slots=True)
class Step:
    """What a page came to; ``is_last``: nothing more is due."""

    events: int = 0
    traits: int = 0
    orders: int = 0
    is_last: bool = False


async def run_retention(units: Units, actor: str = SERVICE.name) -> Step:
    """Delete all that is due, and tell how much that was; another process that is at it is left to it.

    Raises:
        GraphUnavailableError: Neo4j does not answer; it can be called again, and goes on.
    """
    if not units.in_force.catalogue.retention.limits:
        return Step(is_last=True)
    await units.settle("catalogue", units.in_force.catalogue_version)
    events = traits = orders = 0
    while True:
        step = await units.run(lambda tx, regime: take_page(tx, regime, units.writer, actor))
        events, traits, orders = events + step.events, traits + step.traits, orders + step.orders
        if step.is_last:
            return Step(events, traits, orders, is_last=True)
        await asyncio.sleep(_PAUSE_SECONDS)  # others write first


async def take_page(tx: WriteTransaction, regime: Regime, holder: str, actor: str = SERVICE.name) -> Step:
    """Delete what is due of the next events; at the end, tell the audit log what the run has deleted."""
    rules = regime.catalogue.retention
    found = await store.lock_retention(tx, holder=holder, seconds=LEASE_SECONDS)
    if not found or not rules.limits:
        return Step(is_last=True)
    progress = _read(found[0].state)
    section = _fingerprint(regime.catalogue)
    if progress.section != section:
        progress.section, progress.positions = section, {}
    rows = await store.list_overdue_events(tx, limit=AT_ONCE)
    late = [row.id for row in rows]
    if not rows:
        rows = await _page(tx, progress, regime)
    step = await _delete_due(tx, rows, regime) if rows else Step(is_last=True)
    if late:
        await store.clear_overdue_events(tx, ids=late)
    progress.events += step.events
    progress.traits += step.traits
    progress.orders += step.orders
    done, is_told = progress, step.is_last and progress.deleted > 0
    if is_told:
        progress = Progress(progress.section, progress.positions)
    await store.save_retention(tx, state=json.dumps(asdict(progress)))
    if is_told:
        await record(tx, _entry(done, regime.now, actor))
    return step


@dataclass(frozen=True, slots=True)
class Due:
    """How many events a line of the catalogue lets nobody keep, by its name."""

    name: str
    events: int


async def count_due(tx: ReadTransaction, catalogue: Catalogue, now: Instant) -> list[Due]:
    """Count the events whose content is due under a catalogue, line by line."""
    rules = catalogue.retention
    others = list(rules.events)
    lines: list[tuple[str, int | None, str | None, bool]] = [
        *((name, age, name, False) for name, age in rules.events.items()),
        (DEFAULT, rules.otherwise, None, False),
        ("orders", rules.orders, None, True),
    ]
    found: list[Due] = []
    for line, age, name, orders in lines:
        if age is not None:
            until = format_instant(max(EARLIEST, now - age))
            (row,) = await store.count_events_until(tx, until=until, name=name, others=others, orders=orders)
            found.append(Due(line, row.total))
    return found


async def _page(tx: ReadTransaction, progress: Progress, regime: Regime) -> list[AgedEvent]:
    """Read the next events that come of age, and note how far that goes."""
    for age in regime.catalogue.retention.limits:
        until = max(EARLIEST, regime.now - age)
        at, id = progress.positions.get(str(age), (EARLIEST, ""))
        rows = await store.page_events_by_time(
            tx, after=format_instant(at), after_id=id, until=format_instant(until), limit=AT_ONCE
        )
        ended = (max(at, until), _END)
        progress.positions[str(age)] = (rows[-1].occurred_at, rows[-1].id) if len(rows) == AT_ONCE else ended
        if rows:
            return rows
    return []


async def _delete_due(tx: WriteTransaction, rows: Sequence[AgedEvent], regime: Regime) -> Step:
    rules, now = regime.catalogue.retention, regime.now
    ids = sorted({row.order for row in rows if row.order is not None})
    told = await store.list_events_of_orders(tx, ids=ids) if ids else []
    # An order goes with the last event that tells of it, else it would look like another one in between.
    newest = {id: max(row.occurred_at for row in told if row.order == id) for id in ids}
    by_id = {row.id: row for row in (*rows, *told)}
    emptied: list[AgedEvent] = []
    for row in by_id.values():
        at = row.occurred_at if row.order is None else newest[row.order]
        if not row.is_emptied and not rules.keeps_content(
            row.type, row.name, now - at, tells_of_order=row.order is not None
        ):
            emptied.append(row)
    left = [(row, *_trim(row, regime)) for row in by_id.values() if row.traits is not None]
    trimmed: list[LeftTraits] = [{"id": row.id, "traits": text} for row, text, removed in left if removed]
    _touch([*emptied, *(row for row, _, removed in left if removed)], regime)
    if emptied:
        event_ids = [row.id for row in emptied]
        await store.empty_events(tx, ids=event_ids, name=EMPTIED, at_s=seconds(now), at_ns=nanoseconds(now))
        await drop_reports(tx, ids=[row.id for row in emptied if row.order is not None])
    if trimmed:
        keys = sorted({key for row, _, removed in left if removed for key in row.keys})
        await lock_identifiers(tx, keys=keys)
        await store.set_event_traits(tx, rows=trimmed)
        await recount_traits(tx, keys, regime)
    orders = {row.order for row in emptied if row.order is not None}
    await refold_orders(tx, orders, regime)
    return Step(len(emptied), sum(removed for _, _, removed in left), len(orders))


def _trim(row: AgedEvent, regime: Regime) -> tuple[str | None, int]:
    """Give what stays of the traits of an event, and how many do not."""
    said: dict[str, Any] = json.loads(row.traits or "{}")
    classes = {name: regime.catalogue.trait(name).trait_class.value for name in said}
    kept = regime.catalogue.retention.keep_traits(said, classes, regime.now - row.occurred_at)
    return (to_json(kept) if kept else None), len(said) - len(kept)


def _touch(rows: Sequence[AgedEvent], regime: Regime) -> None:
    for row in rows:
        for key in row.keys:
            regime.touched.touch_key(key, (EVERYTHING,), regime.now, MarkCause.RETRACTION)


def _fingerprint(catalogue: Catalogue) -> str:
    """Hash all that retention goes by; the classes of traits and the events of orders are part of it."""
    classes = {name: kind.trait_class.value for name, kind in catalogue.traits.items()}
    meaning = [meaning_of(catalogue.retention), classes, meaning_of(catalogue.commerce)]
    return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _read(state: str) -> Progress:
    read = Progress(**json.loads(state))
    read.positions = {age: (at, id) for age, (at, id) in read.positions.items()}
    return read


def _entry(done: Progress, now: Instant, actor: str) -> AuditEntry:
    return AuditEntry(
        id=new_id("aud"),
        at=now,
        who=Who(actor, "service"),
        action=Action.PRIVACY,
        operation="retention",
        counts=(("events", done.events), ("orders", done.orders), ("traits", done.traits)),
    )
