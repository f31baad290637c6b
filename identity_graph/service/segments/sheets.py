"""Reading fact sheets: what rules of segments look at, for many customers with one statement."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import TypeVar

import orjson

from identity_graph.domain.consent.bars import find_bars
from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.deriving import Dimension, derive
from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.profiles.preference import ContactEvent, find_preference
from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.read_models import CustomerEvent
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.sheet import ConsentFact, EventFact, FactSheet, Terms
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.consent.reading import decisions_by_customer
from identity_graph.service.profiles.quality import IDENTIFIERS, TOUCHPOINTS, check_claims
from identity_graph.service.profiles.scores import read_lines
from identity_graph.service.reads import align, align_many
from identity_graph.service.segments.told_traits import read_told_traits
from identity_graph.store.consent import decisions as consent_store
from identity_graph.store.driver.query import Call, ReadTransaction, run_together
from identity_graph.store.profiles import class_reading as event_store
from identity_graph.store.profiles import quality as quality_store
from identity_graph.store.segments import sheets as store
from identity_graph.store.segments.sheets import JoinedNamespaces, OrderFact, SeenChannel

T = TypeVar("T")

_ALL = 2**62
"""More events than there are: what a rule looks at is read as a whole."""

_customer_id = attrgetter("customer_id")


async def read_sheets(
    tx: ReadTransaction, customer_ids: Sequence[str], inputs: Inputs, terms: Terms, now: Instant
) -> list[FactSheet | None]:
    """Read of each customer what rules with these inputs look at, at a moment; None for one that is no customer any more.

    The sheets hold no segments. Of events that matter for their channel alone they hold the last one and those
    of the future, without names.
    """
    ids = list(customer_ids)
    events, is_liked = set(inputs.events), inputs.preferred_channel
    if is_liked:
        events |= set(terms.catalogue.preference.names)
    known = store.list_known_customers.call(customer_ids=ids)
    seen = store.list_sightings_of_customers.call(customer_ids=ids if inputs.identifiers else [])
    joined = store.list_joined_namespaces.call(customer_ids=ids if inputs.links else [])
    told = store.list_told_of_customers.call(
        customer_ids=ids if inputs.traits or inputs.all_traits else [],
        names=None if inputs.all_traits else sorted(inputs.traits),
    )
    claims = quality_store.list_recent_claims.call(
        customer_ids=ids if inputs.all_traits else [], identifiers=IDENTIFIERS, touchpoints=TOUCHPOINTS
    )
    orders = store.list_orders_of_customers.call(customer_ids=ids if inputs.orders or is_liked else [])
    happened = event_store.list_events_of_customers.call(
        customer_ids=ids if events else [],
        names=sorted(events),
        since=format_instant(EARLIEST),
        properties=True,
        most=_ALL,
    )
    channels = store.list_seen_channels.call(
        customer_ids=ids if inputs.channels else [], channels=sorted(inputs.channels), now=format_instant(now)
    )
    visits = store.list_visits_of_customers.call(customer_ids=ids if inputs.sessions else [])
    said = consent_store.list_decisions_of_customers.call(customer_ids=ids if inputs.consents else [])
    await run_together(tx, known, seen, joined, told, claims, orders, happened, channels, visits, said)
    decisions = decisions_by_customer(said.rows)
    traits = await read_told_traits(tx, told.rows, inputs.held, terms, now)

    def of_each(call: Call[ReadTransaction, list[T]]) -> list[list[T]]:
        return align_many(ids, call.rows, _customer_id)

    sheets: list[FactSheet | None] = []
    rows = zip(
        align(ids, known.rows, _customer_id),
        of_each(seen), of_each(joined), of_each(claims), of_each(orders), of_each(happened), of_each(channels),
        of_each(visits), strict=True,
    )  # fmt: skip
    for customer, own_seen, own_links, own_claims, own_orders, own_events, own_channels, own_visits in rows:
        if customer is None:
            sheets.append(None)
            continue
        bought = {row.id: _order_of(row) for row in own_orders}
        sheets.append(
            FactSheet(
                customer_id=customer.customer_id,
                first_seen=customer.first_seen,
                identifiers={row.key: row.first_seen for row in own_seen},
                links=frozenset(_weaker(row, terms.rules) for row in own_links),
                traits=traits.get(customer.customer_id, {}),
                claims=check_claims(own_claims, terms.catalogue) if inputs.all_traits else CheckedClaims(),
                orders=bought,
                events=(*_events_of(own_events), *_seen_on(own_channels)),
                sessions=tuple(row.started_at for row in own_visits),
                preferred_channel=_preferred(own_events, bought.values(), terms, now) if is_liked else None,
                consents=_consents_of(decisions.get(customer.customer_id, ()), terms),
                bars=find_bars(decisions.get(customer.customer_id, ())),
            )
        )
    return sheets


def _consents_of(decisions: Iterable[Decision], terms: Terms) -> dict[Dimension, ConsentFact]:
    standings = derive(decisions, terms.catalogue.consent, terms.rules)
    return {dimension: ConsentFact(one.state, one.decision.at) for dimension, one in standings.items()}


def _weaker(link: JoinedNamespaces, rules: RuleSet) -> str:
    """Name the weaker end of a link; a namespace that the rules do not know any more is the weakest."""
    known = {name: rules.find_namespace(name) for name in (link.a, link.b)}
    return max(known, key=lambda name: (known[name] is None, 0 if (rule := known[name]) is None else rule.rank, name))


def _order_of(row: OrderFact) -> Order:
    return Order(
        state=OrderState(row.state),
        placed_at=row.placed_at,
        at=row.at,
        currency=row.currency,
        total=Decimal(row.total),
        revenue=Decimal(row.revenue),
        refunded=Decimal(row.refunded),
        shipping=None if row.shipping is None else Decimal(row.shipping),
        tax=None if row.tax is None else Decimal(row.tax),
        discount=None if row.discount is None else Decimal(row.discount),
        lines=() if row.lines is None else tuple(read_lines(orjson.loads(row.lines))),
        problems=(),
    )


def _events_of(rows: Iterable[CustomerEvent]) -> Iterator[EventFact]:
    for row in rows:
        order = (row.occurred_at, row.source, row.message_id)
        properties = {} if row.properties is None else orjson.loads(row.properties)
        yield EventFact(order, row.name, Channel(row.channel), properties)


def _seen_on(rows: Iterable[SeenChannel]) -> Iterator[EventFact]:
    for row in rows:
        yield EventFact((row.at, "", f"{row.channel} {row.at}"), "", Channel(row.channel), {})


def _preferred(events: Iterable[CustomerEvent], orders: Iterable[Order], terms: Terms, now: Instant) -> Channel | None:
    """Find the preferred channel of all that happened until now, as it is at the end of the day.

    How much a response counts falls from moment to moment, so that it may be another channel at any time without any fact. As
    segments see it, it changes with facts, and when a day of the project's zone begins.
    """
    contacts = [
        ContactEvent(event.occurred_at, event.name, event.channel) for event in events if event.occurred_at <= now
    ]
    purchases = [order.at for order in orders if order.counts and order.at <= now]
    return find_preference(contacts, purchases, terms.catalogue.preference, _end_of_day(terms, now)).channel


def find_next_look(sheet: FactSheet, terms: Terms, now: Instant) -> Instant | None:
    """Tell when the preferred channel may be another one without any fact; None without a contact."""
    names = set(terms.catalogue.preference.names)
    contacts = [event.at for event in sheet.events if event.name in names]
    if not contacts:
        return None
    bought = (order.at for order in sheet.orders.values())
    return min([_end_of_day(terms, now), *(at for at in (*contacts, *bought) if at > now)])


def _end_of_day(terms: Terms, now: Instant) -> Instant:
    return start_of_day(day_of(now, terms.zone) + 1, terms.zone)
