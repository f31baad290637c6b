"""Reading the fact sheets of many customers at once: of each only what the rules concerned look at."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.segments.sheet import EventFact, FactSheet, TraitFact, TraitStep
from identity_graph.domain.values.json_reader import read_json
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.profiles.quality import IDENTIFIERS, TOUCHPOINTS, check_claims
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.profiles.scores import read_lines
from identity_graph.service.profiles.traits import list_claims_of
from identity_graph.service.reads import Reads
from identity_graph.service.segments.preferences import Preferred, read_preferred
from identity_graph.service.segments.trait_steps import find_steps
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.profiles.quality import list_recent_claims
from identity_graph.store.segments import subjects as store
from identity_graph.store.segments.subjects import Subject, SubjectOrder


@dataclass(frozen=True)
class Read:
    """A customer as read: the mark at that time, the sheet (None for one that is no more), and a moment to look again at."""

    subject: Subject
    sheet: FactSheet | None
    look_again_at: Instant | None = None


async def read_sheets(
    graph: Graph, customer_ids: Sequence[str], needs: Inputs, held: frozenset[str], in_force: InForce, now: Instant
) -> dict[str, Read]:
    """Read customers by their ids. Marks are read first: what changes after that shows in another mark."""
    ids = list(dict.fromkeys(customer_ids))
    found = {row.customer_id: row for row in await graph.read(lambda tx: store.find_subjects(tx, customer_ids=ids))}
    living = [id for id, row in found.items() if not row.is_former and row.first_seen is not None]
    facts = await _Facts.read(graph, {id: found[id] for id in living}, needs, held, in_force, now)
    return {
        id: Read(row, facts.sheet(row), facts.preferred[id].look_again_at if id in facts.preferred else None)
        if id in facts.subjects
        else Read(row, None)
        for id, row in found.items()
    }


@dataclass
class _Facts:
    """What was read of some customers, by their ids."""

    subjects: Mapping[str, Subject]
    events: Mapping[str, list[EventFact]]
    orders: Mapping[str, dict[str, Order]]
    sessions: Mapping[str, list[Instant]]
    links: Mapping[str, set[str]]
    traits: Mapping[str, dict[str, TraitFact]]
    claims: Mapping[str, CheckedClaims]
    preferred: Mapping[str, Preferred]

    @classmethod
    async def read(
        cls,
        graph: Graph,
        subjects: Mapping[str, Subject],
        needs: Inputs,
        held: frozenset[str],
        in_force: InForce,
        now: Instant,
    ) -> "_Facts":
        ids = list(subjects)

        async def read(tx: ReadTransaction) -> _Facts:
            orders = await _read_orders(tx, ids) if needs.orders or needs.preferred_channel else {}
            names = None if needs.all_traits else tuple(sorted(needs.traits))
            return cls(
                subjects,
                await _read_events(tx, ids, needs, now),
                orders,
                await _read_sessions(tx, ids) if needs.sessions else {},
                await _read_links(tx, ids, in_force.rules) if needs.links else {},
                await _read_early(tx, subjects, names, held, in_force, now),
                await _read_claims(tx, ids, in_force) if needs.all_traits else {},
                {},
            )

        if not ids:
            return cls({}, {}, {}, {}, {}, {}, {}, {})
        facts = await graph.read(read)
        if needs.all_traits or needs.traits:
            facts.traits = await _add_traits(graph, ids, needs, facts.traits, in_force)
        if needs.preferred_channel:
            facts.preferred = await read_preferred(graph, ids, facts.orders, in_force, now)
        return facts

    def sheet(self, row: Subject) -> FactSheet:
        """Make the sheet of a customer."""
        id = row.customer_id
        assert row.first_seen is not None  # noqa: S101 - those that are no more were left out
        return FactSheet(
            customer_id=id,
            first_seen=row.first_seen,
            identifiers={str(key): int(seen) for key, seen in row.identifiers},
            links=frozenset(self.links.get(id, ())),
            traits=self.traits.get(id, {}),
            claims=self.claims.get(id, CheckedClaims()),
            orders=self.orders.get(id, {}),
            events=tuple(self.events.get(id, ())),
            sessions=tuple(self.sessions.get(id, ())),
            preferred_channel=self.preferred[id].channel if id in self.preferred else None,
        )


async def _read_events(tx: ReadTransaction, ids: list[str], needs: Inputs, now: Instant) -> dict[str, list[EventFact]]:
    found: defaultdict[str, list[EventFact]] = defaultdict(list)
    if needs.events:
        for row in await store.list_subject_events(tx, customer_ids=ids, names=sorted(needs.events)):
            properties = read_json(row.properties.encode()) if row.properties else {}
            order = (row.occurred_at, row.source, row.message_id)
            found[row.customer_id].append(EventFact(order, row.name, Channel(row.channel), properties))
    if needs.channels:
        channels = sorted(channel.value for channel in needs.channels)
        for row in await store.list_subject_channels(tx, customer_ids=ids, channels=channels, now=now):
            # No name: it only tells that the customer was there.
            order = (row.occurred_at, "", f"{row.channel} {row.occurred_at}")
            found[row.customer_id].append(EventFact(order, "", Channel(row.channel), {}))
    return found


async def _read_orders(tx: ReadTransaction, ids: list[str]) -> dict[str, dict[str, Order]]:
    found: defaultdict[str, dict[str, Order]] = defaultdict(dict)
    for row in await store.list_subject_orders(tx, customer_ids=ids):
        found[row.customer_id][row.id] = _order_of(row)
    return found


def _order_of(row: SubjectOrder) -> Order:
    return Order(
        state=OrderState(row.state),
        placed_at=row.at if row.is_placed else None,
        at=row.at,
        currency=row.currency,
        total=Decimal(row.total),
        revenue=Decimal(row.revenue),
        refunded=Decimal(row.refunded),
        shipping=_amount(row.shipping),
        tax=_amount(row.tax),
        discount=_amount(row.discount),
        lines=tuple(read_lines(orjson.loads(row.lines or "[]"))),
        problems=(),
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


async def _read_sessions(tx: ReadTransaction, ids: list[str]) -> dict[str, list[Instant]]:
    found: defaultdict[str, list[Instant]] = defaultdict(list)
    for row in await store.list_subject_sessions(tx, customer_ids=ids):
        found[row.customer_id].append(row.started_at)
    return found


async def _read_links(tx: ReadTransaction, ids: list[str], rules: RuleSet) -> dict[str, set[str]]:
    """Read the namespaces of the weaker ends; one that the rules do not know any more is weaker than all."""
    found: defaultdict[str, set[str]] = defaultdict(set)

    def weakness(namespace: str) -> tuple[bool, tuple[int, str]]:
        rule = rules.find_namespace(namespace)
        return (True, (0, namespace)) if rule is None else (False, rule.rank)

    for row in await store.list_subject_links(tx, customer_ids=ids):
        found[row.customer_id].add(max(row.a, row.b, key=weakness))
    return found


async def _read_claims(tx: ReadTransaction, ids: list[str], in_force: InForce) -> dict[str, CheckedClaims]:
    rows = await list_recent_claims(tx, customer_ids=ids, identifiers=IDENTIFIERS, touchpoints=TOUCHPOINTS)
    own: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        own[row.customer_id].append(row)
    return {id: check_claims(claims, in_force.catalogue) for id, claims in own.items()}


async def _read_early(
    tx: ReadTransaction,
    subjects: Mapping[str, Subject],
    names: tuple[str, ...] | None,
    held: frozenset[str],
    in_force: InForce,
    now: Instant,
) -> dict[str, dict[str, TraitFact]]:
    """Tell the steps of traits whose former values matter, or of which something is said of a time to come."""
    wanted: dict[str, set[str]] = {id: set(held) for id in subjects} if held else {}
    if names is None or names:
        rows = await store.list_early_traits(
            tx,
            customer_ids=list(subjects),
            names=None if names is None else list(names),
            now_s=seconds(now),
            now_ns=nanoseconds(now),
        )
        for row in rows:
            wanted.setdefault(row.customer_id, set()).add(row.name)
    keys = {key: own for id, own in wanted.items() for key, _ in subjects[id].identifiers}
    if not keys:
        return {}
    told = await list_claims_of(tx, keys, in_force.rules, in_force.catalogue)
    found: dict[str, dict[str, TraitFact]] = {}
    for id, own in wanted.items():
        for name in own:
            claims = {key: said for key, _ in subjects[id].identifiers if (said := told.get(key, {}).get(name))}
            fact = find_steps(name, claims, in_force.catalogue, now)
            found.setdefault(id, {})[name] = TraitFact((), 0) if fact is None else fact
    return found


async def _add_traits(
    graph: Graph,
    ids: list[str],
    needs: Inputs,
    early: Mapping[str, dict[str, TraitFact]],
    in_force: InForce,
) -> dict[str, dict[str, TraitFact]]:
    """Add the traits of which only the value in force matters to those whose steps are told."""
    names = None if needs.all_traits else tuple(sorted(needs.traits))
    views = await read_traits_of(Reads(graph), ids, in_force, names=names)
    return {
        id: {view.name: _fact_of(view.observed_at, view.value) for view in own} | early.get(id, {})
        for id, own in zip(ids, views, strict=True)
    }


def _fact_of(at: Instant, value: str) -> TraitFact:
    return TraitFact((TraitStep(at, json.loads(value)),), at)
