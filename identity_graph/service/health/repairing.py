"""Deriving identifiers anew from their events, with all that hangs on them, whatever is stored of it now.

It is the code of corrections and of changed rules, after what it relies on was made whole: each identifier belongs to one
customer, and no witness is believed. What it changes is told by comparing what is stored before and after. Tried out and
rolled back, it tells what differs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.identity.customers import Change, ChangeKind, TriggerKind
from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.service.commit.converting import Reread, reread, write_readings
from identity_graph.service.consent.writing import recount_consents
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import retire_identifiers, write_changes, write_resolution
from identity_graph.service.journeys.recutting import recut_sessions
from identity_graph.service.new_ids import new_id
from identity_graph.service.profiles.orders import refold_orders_of
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.health import repairing as store
from identity_graph.store.health.repairing import NewHome, StoredOf
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import links as link_store
from identity_graph.store.journeys import sessions as session_store


@dataclass(frozen=True, slots=True)
class Suspect:
    """What is to be derived anew: identifiers, events that say something else than is stored, and sessions that are not whole."""

    keys: frozenset[str] = frozenset()
    events: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


class Difference(NamedTuple):
    """What differs of a customer between what is stored and what follows from the events.

    ``what`` names the kinds of things that differ; ``joined`` and ``left`` are the keys of identifiers that came and went.
    """

    customer_id: str
    what: tuple[str, ...]
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


async def rederive(tx: WriteTransaction, suspect: Suspect, regime: Regime, *, doubts: bool) -> list[Difference]:
    """Derive identifiers anew, and tell what differed. With ``doubts`` nothing is believed of what is linked with them, either.

    Raises:
        ConflictError: another writer changed what was read.
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    if suspect.sessions:
        await session_store.delete_sessions(tx, ids=list(suspect.sessions))
    rows = {row.id: row for row in await reading_store.list_readings(tx, keys=sorted(suspect.keys))}
    if suspect.events:
        rows.update((row.id, row) for row in await reading_store.find_readings(tx, ids=sorted(suspect.events)))
    readings = [reread(row, regime.rules) for row in rows.values()]
    changed = [reading for reading in readings if reading.is_changed]
    keys = sorted(suspect.keys.union(*(reading.before | reading.after for reading in changed)))
    pairs = await _list_pairs(tx, set(keys), readings, regime)
    reach = {key for pair in pairs for key in pair}.union(keys)
    compared = sorted(reach) if doubts else keys
    before = await store.list_stored(tx, keys=compared)
    await _make_whole(tx, keys, reach, regime, doubts=doubts)
    known = {row.key for row in before}.union(*(reading.after for reading in changed))
    revision = Revision(
        event_ids=[reading.stored.id for reading in changed],
        observed=[*(tuple(sorted(reading.before)) for reading in changed), *((key,) for key in keys)],
        readings=[reading.observation() for reading in changed if reading.identifiers],
        pairs=pairs,
        keys=known,
        recounts_partners=True,
    )
    intake, resolved = await revise(tx, revision, regime)
    await write_resolution(tx, intake, resolved, regime, TriggerKind.RULES)
    if changed:
        await write_readings(tx, changed, regime, intake.gone)
    left = [key for key in keys if key not in intake.gone]
    await store.delete_visits(tx, keys=keys)
    await recut_sessions(tx, keys, regime.rules)
    await recount_traits(tx, left, regime)
    await recount_consents(tx, left, regime)
    await refold_orders_of(tx, left, regime)
    await store.settle_refusals(tx, keys=sorted(set(compared) - intake.gone))
    await retire_identifiers(tx, intake, resolved)
    found = compare(before, await store.list_stored(tx, keys=compared))
    await write_changes(tx, resolved, TriggerKind.RULES, [str(regime.version)] * len(resolved.changes))
    return found


async def end_empty(tx: WriteTransaction, id: str, regime: Regime) -> bool:
    """Mark a customer without identifiers as one that is no more; False when it has got some meanwhile."""
    rows = await customer_store.lock_customers(tx, ids=[id])
    if not rows or await customer_store.list_members(tx, ids=[id]):
        return False
    at = _at(regime)
    await customer_store.end_customers(tx, ids=[id], **at)
    regime.touched.touch_customer(id, (EVERYTHING,), regime.now, MarkCause.RULES)
    change = Change(ChangeKind.IDENTIFIER_MOVED, (id,))
    await customer_store.create_changes(
        tx,
        rows=[
            {
                "id": new_id("chg"),
                "kind": change.kind,
                "customers": list(change.customers),
                "trigger_kind": TriggerKind.RULES,
                "trigger_id": str(regime.version),
            }
        ],
        rule_version=regime.version,
        **at,
    )
    return True


async def _make_whole(tx: WriteTransaction, keys: list[str], reach: set[str], regime: Regime, *, doubts: bool) -> None:
    """Give identifiers, those in ``reach`` too, and their customers what the code of revisions relies on."""
    at = _at(regime)
    around = sorted(reach)
    await store.complete_identifiers(tx, keys=around, **at)
    await store.delete_odd_links(tx, keys=keys)
    if doubts:
        await store.forget_witnesses(tx, keys=around)
    homes = [row for row in await store.list_homes(tx, keys=around) if (row.relations, len(row.customers)) != (1, 1)]
    if homes:
        fresh = ""
        if any(not row.customers for row in homes):
            fresh = await _create_customer(tx, regime)
        rows: list[NewHome] = [
            {
                "key": row.key,
                "customer_id": row.customers[0] if row.customers else fresh,
                "keeps": bool(row.customers),
            }
            for row in homes
        ]
        await store.set_homes(tx, rows=rows, **at)
    await store.complete_customers(tx, keys=around, rule_version=regime.version, **at)


async def _create_customer(tx: WriteTransaction, regime: Regime) -> str:
    """Create the customer of identifiers that have none; derived anew, they join others or keep it."""
    id, at = new_id("cus"), _at(regime)
    s, ns = at["at_s"], at["at_ns"]
    row: customer_store.NewCustomer = {
        "id": id,
        "first_s": s,
        "first_ns": ns,
        "last_s": s,
        "last_ns": ns,
        "size": 0,
        "counts": "{}",
        "contested": None,
        "contested_by_window": None,
        "judged": None,
        "rule_version": regime.version,
    }
    await customer_store.create_customers(tx, rows=[row], **at)
    return id


async def _list_pairs(tx: ReadTransaction, keys: set[str], readings: Iterable[Reread], regime: Regime) -> set[Pair]:
    """List the pairs of these identifiers that are linked, or that events observed together."""
    evidence = gather([r.observation() for r in readings if r.identifiers], regime.rules)
    pairs = {pair for pair in evidence.links if not keys.isdisjoint(pair)}
    pairs.update(pair_of(row.key, row.other_key) for row in await link_store.list_partners(tx, keys=sorted(keys)))
    return pairs


def _at(regime: Regime) -> dict[str, int]:
    return {"at_s": seconds(regime.now), "at_ns": nanoseconds(regime.now)}


PARTS: Mapping[str, Callable[[StoredOf], object]] = {
    "when identifiers were seen, their partners and quarantine": lambda row: row.identifier,
    "totals": lambda row: row.totals,
    "links": lambda row: row.links,
    "events": lambda row: row.events,
    "sessions": lambda row: row.sessions,
    "traits": lambda row: row.traits,
    "orders": lambda row: row.orders,
    "consents": lambda row: row.consents,
}
"""What is compared of identifiers beside whose they are."""

IDENTIFIERS = "identifiers"


def compare(before: Iterable[StoredOf], after: Iterable[StoredOf]) -> list[Difference]:
    """Compare what was stored of identifiers with what is; rows of customers that do not differ are left out."""
    was, now = {row.key: row for row in before}, {row.key: row for row in after}
    what: dict[str, set[str]] = {}
    joined: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        customer = (new or old or was[key]).customers
        id = customer[0] if customer else ""
        if old is None or new is None or old.customers != new.customers:
            what.setdefault(id, set()).add(IDENTIFIERS)
            if new is not None:
                joined.setdefault(id, []).append(key)
            for former in old.customers if old is not None else ():
                if new is None or former != id:
                    what.setdefault(former, set()).add(IDENTIFIERS)
                    left.setdefault(former, []).append(key)
            continue
        for name, part in PARTS.items():
            if _plain(part(old)) != _plain(part(new)):
                what.setdefault(id, set()).add(name)
    order = (IDENTIFIERS, *PARTS)
    return [
        Difference(id, tuple(sorted(kinds, key=order.index)), tuple(joined.get(id, ())), tuple(left.get(id, ())))
        for id, kinds in sorted(what.items())
    ]


def _plain(value: Any) -> Any:
    """Write a value so that two compare equal whatever their order, and whether they are absent or null."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return sorted((_plain(part) for part in value), key=repr)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return _plain(orjson.loads(value))
        except orjson.JSONDecodeError:
            return value
    return value
