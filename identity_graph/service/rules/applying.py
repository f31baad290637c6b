"""Applying rules to a graph that is in use: step by step, in the background, resumed where it was when it is cut off.

From the moment new rules are written down, all events are resolved under them; customers that were not reached yet stand
as they did under the rules before, and are converted when an event touches them or when their turn comes. First come the
events that the new rules read otherwise, then all customers, then sessions, traits and
owners of orders.
"""

from collections.abc import Iterable
from dataclasses import replace

import orjson

from identity_graph.domain.identity.joining import count_scopes
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.difference import Difference, MemberFacts, may_differ
from identity_graph.domain.rules.partners import crowding_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier, RawIdentifier, namespace_of
from identity_graph.service.applying.steps import Page, Phase, Totals
from identity_graph.service.commit.units import Units
from identity_graph.service.consent.writing import recount_consents
from identity_graph.service.identity.outdated import EVENTS_AT_ONCE
from identity_graph.service.identity.partners import recount_partners
from identity_graph.service.journeys.recutting import recut_sessions
from identity_graph.service.profiles.orders import refold_orders_of
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.profiles import traits as trait_store
from identity_graph.store.rules import rule_sets
from identity_graph.store.rules.rule_sets import PagedCustomer, Partners, Recounted, Relabelled

CUSTOMERS_AT_ONCE = 2000
IDENTIFIERS_AT_ONCE = 500
CONVERTED_AT_ONCE = 1000
"""Identifiers of the customers that are converted in one transaction, unless one customer alone has more."""

EVENTS, CUSTOMERS, JOURNEYS = "events", "customers", "journeys"


async def plan_phases(tx: WriteTransaction, units: Units, regime: Regime, totals: Totals) -> list[Phase]:
    """Plan what applying rules goes through: events that are read otherwise, all customers, sessions and traits."""
    difference = await units.read_difference(tx, regime)

    async def reread(after: str) -> Page | None:
        return await _reread_page(tx, units, regime, difference, after)

    async def convert(after: str) -> Page | None:
        return await _convert_page(tx, units, regime, difference, after)

    async def recut(after: str) -> Page | None:
        return await _recut_page(tx, regime, difference, after)

    return [
        Phase(EVENTS, totals.events, reread if difference.reads_events else None),
        Phase(CUSTOMERS, totals.customers, convert),
        Phase(JOURNEYS, totals.identifiers, recut if difference.journeys or difference.labels else None),
    ]


async def _reread_page(
    tx: WriteTransaction, units: Units, regime: Regime, difference: Difference, after: str
) -> Page | None:
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
    return Page(page[-1].id, len(page))


async def _convert_page(
    tx: WriteTransaction, units: Units, regime: Regime, difference: Difference, after: str
) -> Page | None:
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
    return Page(last, sum(1 for customer in page if customer.id <= last))


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


async def _recut_page(tx: WriteTransaction, regime: Regime, difference: Difference, after: str) -> Page | None:
    """Bring sessions, traits, orders and labels of some identifiers under the rules."""
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
        await trait_store.lock_identifiers(tx, keys=keys)
        await recut_sessions(tx, keys, rules)
        await recount_traits(tx, keys, regime)
        await recount_consents(tx, keys, regime)
        await refold_orders_of(tx, keys, regime)
    return Page(page[-1].key, len(page))
