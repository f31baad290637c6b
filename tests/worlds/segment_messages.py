"""Random messages of customers whom segments are asked of, sent as SDKs send them, and the facts that they tell.

The facts are read off the raw messages by the definition alone: slowly, plainly, and with nothing of what is stored.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.resolution import resolve
from identity_graph.domain.profiles.claims import read_value
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.profiles.preference import ContactEvent, find_preference
from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms, TraitFact, TraitStep
from identity_graph.domain.values.observations import Event, Message
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.store.driver.graph import Graph
from tests.worlds.profiles import Told, reference_value, told_by
from tests.worlds.segment_sheets import CATALOGUE, CUT, NAMES, near, terms_of, values_of, write_moment
from tests.worlds.session_reference import reference_sessions
from tests.worlds.shopping import reference_orders
from tests.worlds.worlds import keep_rules

Sent = dict[str, Any]

SUMMING = (
    CATALOGUE.replace("points: {type: integer}", "points: {type: integer, policy: sum}")
    .replace("city: {type: text}", "city: {type: text, policy: oldest}")
    .replace("tags: {type: list}", "tags: {type: list, policy: union}")
)
"""The catalogue of random customers, with traits whose values are put together of several claims."""

CHANNELS = ("web", "app", "mini_program")
CONTACTS = ("Push Notification Sent", "Push Notification Tapped")
"""Events from which the preferred channel follows."""
COMMERCE = ("Order Completed", "Order Completed", "Order Completed", "Order Refunded", "Order Cancelled")


def terms_with(zone: str, *, has_cut: bool, sums: bool) -> Terms:
    """Give the terms of a zone; with ``sums`` some traits are put together of several claims."""
    if not sums:
        return terms_of(zone, has_cut=has_cut)
    known = terms_of(zone, has_cut=has_cut)
    return replace(known, catalogue=parse_catalogue(SUMMING.replace("ZONE", zone)), cut=CUT if has_cut else None)


@st.composite
def messages(draw: DrawFn, base: int) -> list[Sent]:
    """Draw the messages of a few people, some of whom turn out to be one."""
    sent = draw(st.lists(_message(base), min_size=4, max_size=14))
    return [{**one, "messageId": f"m{number:02}"} for number, one in enumerate(sent)]


@st.composite
def _message(draw: DrawFn, base: int) -> Sent:
    who = draw(
        st.sampled_from(
            [{"userId": "1"}, {"userId": "2"}, {"anonymousId": "a"}, {"anonymousId": "b"},
             {"userId": "1", "anonymousId": "a"}, {"userId": "2", "anonymousId": "a"}, {"userId": "1", "anonymousId": "b"}]
        )
    )  # fmt: skip
    kind = draw(st.sampled_from(["track", "track", "track", "identify", "identify", "order", "page"]))
    said: Sent = {
        **who,
        "type": "track" if kind == "order" else kind,
        "timestamp": write_moment(draw(near(base))),
        "context": {"channel": draw(st.sampled_from(CHANNELS))},
    }
    if draw(st.integers(0, 5)) == 0:
        said["context"]["device"] = {"id": draw(st.sampled_from(["d1", "d2"]))}
    if kind == "track":
        said |= {"event": draw(st.sampled_from([*NAMES, *NAMES, *CONTACTS])), "properties": draw(_properties(base))}
    if kind == "order":
        said |= draw(_commerce())
    if kind == "identify":
        said["traits"] = draw(_traits(base))
    return said


def _properties(base: int) -> SearchStrategy[Sent]:
    when = near(base).map(write_moment)
    return st.fixed_dictionaries(
        {},
        optional={
            "total": st.sampled_from([1, 2, 5, 7.5, 20, "5", "much", " "]),
            "cart_id": st.sampled_from(["c1", "c2", ""]),
            "when": st.one_of(when.map(lambda text: text[:10]), when),
            "flag": st.booleans(),
            "tags": st.lists(st.sampled_from(["a", 2]), max_size=2),
        },
    )


def _traits(base: int) -> SearchStrategy[Sent]:
    values = values_of(base)
    told = st.dictionaries(st.sampled_from([*values]), st.none(), min_size=1, max_size=4)
    return told.flatmap(lambda names: st.fixed_dictionaries({n: st.one_of(st.none(), *[values[n]] * 4) for n in names}))


@st.composite
def _commerce(draw: DrawFn) -> Sent:
    name = draw(st.sampled_from(COMMERCE))
    properties: Sent = {"order_id": draw(st.sampled_from(["1", "2", "3"]))}
    if name != "Order Cancelled":
        properties["currency"] = draw(_CURRENCY)
    if name == "Order Completed":
        properties["revenue"] = draw(st.sampled_from([0, 5, 7.5, 20, 100]))
        properties["products"] = draw(st.lists(_line(), max_size=2))
        if draw(st.booleans()):
            properties["shipping"] = draw(st.sampled_from([0, 5]))
    if name == "Order Refunded":
        properties["total"] = draw(st.sampled_from([5, 20]))
    return {"event": name, "properties": properties}


_CURRENCY = st.sampled_from(["CNY", "CNY", "USD", "JPY"])


def _line() -> SearchStrategy[Sent]:
    parts = {
        "product_id": st.just("p1"),
        "sku": st.just("s1"),
        "name": st.just("tea"),
        "category": st.sampled_from(["drinks", "food"]),
    }
    return st.fixed_dictionaries({"quantity": st.just(1)}, optional=parts)


@dataclass(frozen=True)
class Sending:
    """Messages as they were read."""

    events: list[Event]

    @classmethod
    def of(cls, sent: Iterable[Sent], rules: RuleSet, received_at: int) -> "Sending":
        """Read messages as the collector does."""
        read = [extract(one, source="web", received_at=received_at) for one in sent]
        return cls([to_event(one, rules) for one in read if isinstance(one, Message)])

    async def into(self, graph: Graph, terms: Terms, now: int) -> Units:
        """Write them as the service does, in two commits."""
        await keep_rules(graph, terms.rules)
        units = Units(graph, InForce(terms.rules, 1, terms.catalogue), clock=iter(range(now, now + 10**9)).__next__)
        await units.open()
        half = len(self.events) // 2
        for events in (self.events[:half], self.events[half:]):
            await units.run(lambda tx, regime, events=events: take_in(tx, events, regime))
        return units


def reference_sheets(events: Sequence[Event], terms: Terms, now: int) -> dict[frozenset[str], FactSheet]:
    """Read the facts of all customers off the messages, by the keys of their identifiers."""
    parts = resolve(events, (), terms.rules).customers
    return {part: _sheet(part, events, terms, now) for part in parts}


def sheets_of(
    parts: Iterable[frozenset[str]], events: Sequence[Event], terms: Terms, now: int
) -> dict[frozenset[str], FactSheet]:
    """Read the facts of given customers off the messages."""
    return {part: _sheet(part, events, terms, now) for part in parts}


def _sheet(part: frozenset[str], events: Sequence[Event], terms: Terms, now: int) -> FactSheet:
    rules = terms.rules
    evidence = gather(events, rules)
    seen = {key: evidence.identifiers[key].first_seen for key in part}
    links = [pair for pair in evidence.links if set(pair) <= part]
    by_id = {event.message_id: event for event in events}
    visits = [
        (began, members) for _, began, *_, owner, members in reference_sessions([*events], rules) if owner in part
    ]
    own = [by_id[id] for _, members in visits for id in members]
    orders = {id: order for id, (order, owner) in _orders(events, terms).items() if owner in part}
    contacts = [
        ContactEvent(event.occurred_at, event.name or event.type, event.channel)
        for event in own
        if event.occurred_at <= now
    ]
    bought = [order.at for order in orders.values() if order.counts and order.at <= now]
    end_of_day = start_of_day(day_of(now, terms.zone) + 1, terms.zone)
    return FactSheet(
        customer_id="",
        first_seen=min(seen.values()),
        identifiers=seen,
        links=frozenset(
            max((key.partition(":")[0] for key in pair), key=lambda n: rules.namespaces[n].rank) for pair in links
        ),
        traits=_told(part, events, terms),
        claims=_claims(own, terms),
        orders=orders,
        events=tuple(
            EventFact((e.occurred_at, e.source, e.message_id), e.name or e.type, e.channel, e.properties) for e in own
        ),
        sessions=tuple(sorted(began for began, _ in visits)),
        preferred_channel=find_preference(contacts, bought, terms.catalogue.preference, end_of_day).channel,
    )


def _told(part: frozenset[str], events: Sequence[Event], terms: Terms) -> dict[str, TraitFact]:
    found: dict[str, TraitFact] = {}
    for name, told in told_by(events, terms.rules).items():
        own = sorted((one for one in told if one.owner in part), key=lambda one: one.order)
        fact = _steps(own, name, terms)
        if fact is not None:
            found[name] = fact
    return found


def _steps(told: list[Told], name: str, terms: Terms) -> TraitFact | None:
    """Ask for the value at each moment at which something was told."""
    trait = terms.catalogue.trait(name)
    steps: list[TraitStep] = []
    observed_at = None
    for since in sorted({one.order[0] for one in told}):
        value = reference_value([one for one in told if one.order[0] <= since], trait, terms.zone)
        said = None if value is None else json.loads(value.value)
        if (steps[-1].value if steps else None) != said or type(steps[-1].value if steps else None) is not type(said):
            steps.append(TraitStep(since, said))
        observed_at = observed_at if value is None else value.order[0]
    return TraitFact(tuple(steps), observed_at) if steps and observed_at is not None else None


def _claims(own: Iterable[Event], terms: Terms) -> CheckedClaims:
    said = [(name, value) for event in own for name, value in event.traits.items() if value is not None]
    fitting = sum(read_value(value, terms.catalogue.trait(name))[1] is None for name, value in said)
    return CheckedClaims(len(said), fitting)


def _orders(events: Sequence[Event], terms: Terms) -> dict[str, tuple[Order, str]]:
    """Give the orders by their ids, each with its owner."""
    found: dict[str, tuple[Order, str]] = {}
    for order_id, facts in reference_orders(events, terms.rules).items():
        is_named = facts["currency"] != "XXX"
        total, revenue, refunded = facts["amounts"]
        shipping, tax, discount = facts["beside"]
        order = Order(
            state=OrderState(facts["state"]), placed_at=facts["placed_at"], at=facts["at"],
            currency=facts["currency"] if is_named else terms.catalogue.commerce.currency or "XXX",
            total=total, revenue=revenue, refunded=refunded, shipping=shipping, tax=tax, discount=discount,
            lines=_lines(order_id, facts, events), problems=(),
        )  # fmt: skip
        found[order_id] = (order, facts["owner"])
    return found


def _lines(order_id: str, facts: dict[str, Any], events: Sequence[Event]) -> tuple[Line, ...]:
    """List the lines of the message that told of them last, in the currency of the order."""
    telling = [
        event
        for event in sorted(events, key=lambda e: (e.occurred_at, e.source, e.message_id))
        if event.name == "Order Completed"
        and event.properties["order_id"] == order_id
        and event.properties["currency"] == facts["currency"]
    ]
    lines = telling[-1].properties["products"] if telling else []
    return tuple(
        Line(one.get("product_id"), one.get("sku"), one.get("name"), None, one.get("category"), None, Decimal(1))
        for one in lines
    )
