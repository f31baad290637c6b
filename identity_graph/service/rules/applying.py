"""Applying rules to a graph that is in use: step by step, in the background, resumed where it was when it is cut off.

From the moment new rules are written down, all events are resolved under them; customers that were not reached yet stand
as they did under the rules before, and are converted when an event touches them or when their turn comes. First come the
events that the new rules read otherwise, then all customers, then sessions and traits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from identity_graph.domain.identity.joining import count_scopes
from identity_graph.domain.rules.difference import Difference, MemberFacts, may_differ
from identity_graph.domain.rules.partners import crowding_of
from identity_graph.domain.rules.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.identifiers import Identifier, RawIdentifier, namespace_of
from identity_graph.service.commit.units import Units
from identity_graph.service.identity.outdated import EVENTS_AT_ONCE
from identity_graph.service.identity.partners import recount_partners
from identity_graph.service.journeys.recutting import recut_sessions
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.rules import rule_sets
from identity_graph.store.rules.rule_sets import Application, PagedCustomer, Partners, Recounted, Relabelled

CUSTOMERS_AT_ONCE = 2000
IDENTIFIERS_AT_ONCE = 500
CONVERTED_AT_ONCE = 1000
"""Identifiers of the customers that are converted in one transaction, unless one customer alone has more."""

EVENTS, CUSTOMERS, JOURNEYS, DONE = "events", "customers", "journeys", "done"


class Totals(NamedTuple):
    """What there is to go through, to tell the progress."""

    events: int
    customers: int
    identifiers: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the application stands: the last id or key of a phase, and how many things were gone through in all."""

    phase: str
    cursor: str
    seen: int


async def apply_step(units: Units, version: int, totals: Totals) -> bool:
    """Take the next step of the application of rules; False when there is none to take, or others are in force.

    Raises:
        GraphUnavailableError: Neo4j does not answer; the step can be taken again.
    """

    async def step(tx: WriteTransaction, regime: Regime) -> bool:
        (application,) = await rule_sets.lock_application(tx, version=version)
        if application.status != RuleSetStatus.APPLYING or regime.version != version:
            return False
        difference = await units.read_difference(tx, regime)
        place = await _advance(tx, units, regime, difference, application)
        if place.phase == DONE:
            await rule_sets.finish_application(tx, version=version)
            return False
        progress = min(0.999, place.seen / max(1, _work(difference, totals)))
        await rule_sets.save_application(
            tx, version=version, phase=place.phase, cursor=place.cursor, seen=place.seen, progress=progress
        )
        return True

    await units.settle(version)
    return await units.run(step)


def _work(difference: Difference, totals: Totals) -> int:
    return (
        (totals.events if difference.reads_events else 0)
        + (totals.customers)
        + (totals.identifiers if difference.journeys or difference.labels else 0)
    )


async def _advance(
    tx: WriteTransaction, units: Units, regime: Regime, difference: Difference, application: Application
) -> _Place:
    phase, cursor, seen = application.phase, application.cursor, application.seen
    if phase == EVENTS:
        page = await _reread_page(tx, units, regime, difference, cursor) if difference.reads_events else None
        return _Place(CUSTOMERS, "", seen) if page is None else _Place(EVENTS, page.last, seen + page.passed)
    if phase == CUSTOMERS:
        page = await _convert_page(tx, units, regime, difference, cursor)
        return _Place(JOURNEYS, "", seen) if page is None else _Place(CUSTOMERS, page.last, seen + page.passed)
    wanted = difference.journeys or difference.labels
    page = await _recut_page(tx, regime, difference, cursor) if wanted else None
    return _Place(DONE, "", seen) if page is None else _Place(JOURNEYS, page.last, seen + page.passed)


class _Page(NamedTuple):
    """How far a step came, and through how many things."""

    last: str
    passed: int


async def _reread_page(
    tx: WriteTransaction, units: Units, regime: Regime, difference: Difference, after: str
) -> _Page | None:
    """Convert whoever is behind events that the rules read otherwise."""
    page = await reading_store.page_events(tx, after=after, limit=EVENTS_AT_ONCE)
    if not page:
        return None
    suspects = [
        event.id
        for event in page
        if any(difference.may_reread(RawIdentifier.from_text(text).namespace) for text in event.identifiers)
    ]
    if suspects:
        await units.reread(tx, suspects, regime)
    return _Page(page[-1].id, len(page))


async def _convert_page(
    tx: WriteTransaction, units: Units, regime: Regime, difference: Difference, after: str
) -> _Page | None:
    """Convert customers for which the rules may mean something else; the others are theirs as they are."""
    page = await rule_sets.page_customers(tx, after=after, limit=CUSTOMERS_AT_ONCE)
    if not page:
        return None
    if difference.quarantining:
        await customer_store.lock_customers(tx, ids=[row.id for row in page if row.rule_version != regime.version])
        page = await rule_sets.page_customers(tx, after=after, limit=CUSTOMERS_AT_ONCE) or page
        page = await recount_partners(tx, page, difference, regime.rules)
    # Whoever is behind an event that is read otherwise is converted by now: of the reading only judgements are left.
    unread = replace(difference, reading=frozenset(), undeclared_but=None)
    same: dict[str, PagedCustomer] = {}
    affected: list[str] = []
    size = 0
    last = ""
    for customer in page:
        last = customer.id
        if customer.rule_version == regime.version:
            continue
        if customer.awaited or _may_differ(customer, difference if customer.judged else unread, regime.rules):
            affected.append(customer.id)
            size += customer.size
            if size >= CONVERTED_AT_ONCE:
                break
        else:
            same[customer.id] = customer
    if same:
        # Those that an event converted meanwhile are not to be touched; others cannot have changed.
        locked = await customer_store.lock_customers(tx, ids=sorted(same))
        waiting = [same[row.id] for row in locked if row.size is not None and row.rule_version != regime.version]
        await _adopt_rules(tx, regime, difference, waiting)
    if affected:
        await units.convert(tx, affected, regime)
    return _Page(last, sum(1 for customer in page if customer.id <= last))


async def _adopt_rules(
    tx: WriteTransaction, regime: Regime, difference: Difference, customers: Iterable[PagedCustomer]
) -> None:
    """Leave customers as they are, but for what is counted of them."""
    rows: list[Recounted] = []
    partners: list[Partners] = []
    for customer in customers:
        counts = count_scopes((Identifier.from_key(member[0]) for member in customer.members), regime.rules)
        rows.append({"id": customer.id, "counts": to_json(counts)})
        if difference.quarantining:
            partners += [_partners_row(key, counted, regime.rules) for key, counted, *_ in customer.members]
    await rule_sets.adopt_rules(tx, rows=rows, rule_version=regime.version)
    if partners:
        await rule_sets.set_partners(tx, rows=partners)


def _partners_row(key: str, partners: str, rules: RuleSet) -> Partners:
    crowding = crowding_of(orjson.loads(partners), rules.get_namespace(namespace_of(key)))
    return {"key": key, "partners": partners, "crowding": crowding}


def _may_differ(customer: PagedCustomer, difference: Difference, rules: RuleSet) -> bool:
    members = [
        MemberFacts(*Identifier.from_key(key), orjson.loads(partners), quarantined, ambiguous, overruled)
        for key, partners, quarantined, ambiguous, overruled in customer.members
    ]
    return may_differ(members, contested=customer.contested, judged=customer.judged, difference=difference, rules=rules)


async def _recut_page(tx: WriteTransaction, regime: Regime, difference: Difference, after: str) -> _Page | None:
    """Bring sessions, traits and labels of some identifiers under the rules."""
    page = await rule_sets.page_identifiers(tx, after=after, limit=IDENTIFIERS_AT_ONCE)
    if not page:
        return None
    rules = regime.rules
    relabelled: list[Relabelled] = [
        {"ref": row.ref, "former": row.label, "label": label}
        for row in page
        if (label := rules.get_namespace(namespace_of(row.key)).label) != row.label
    ]
    if relabelled:
        await rule_sets.relabel_identifiers(tx, rows=relabelled)
    if difference.journeys:
        keys = [row.key for row in page]
        await recut_sessions(tx, keys, rules)
        await recount_traits(tx, keys, rules)
    return _Page(page[-1].key, len(page))
