"""Conversions: orders, or events, with the moment at which they happened and what they are worth."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.profiles.computing import find_property
from identity_graph.domain.profiles.money import NO_CURRENCY, Money, find_amount, read_currency
from identity_graph.domain.segments.event_leaves import Matcher
from identity_graph.domain.segments.order_leaf import find_matching
from identity_graph.domain.segments.rule_tree import EventRule, OrderRule
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms
from identity_graph.domain.values.observations import Instant


class ConversionRule(NamedTuple):
    """What counts as a conversion; ``value`` is the property of an event that says what it is worth."""

    rule: EventRule | OrderRule
    value: str | None = None


class Conversion(NamedTuple):
    """A conversion. ``event`` is the one that it is, None of an order."""

    at: Instant
    worth: Money
    event: Position | None = None


def find_conversions(wanted: ConversionRule, sheet: FactSheet, terms: Terms, now: Instant) -> Sequence[Conversion]:
    """Find the conversions of a customer by now, in the order of time.

    An order is worth its revenue without what was paid back. An event is worth what its property says, in the currency that it
    names, and nothing without one.
    """
    if isinstance(wanted.rule, OrderRule):
        orders = find_matching(wanted.rule, sheet.orders.values(), terms, now)
        return sorted(Conversion(order.at, Money(order.net, order.currency)) for order in orders)
    return [
        Conversion(event.at, _worth_of(event, wanted.value, terms), event.order)
        for event in Matcher(wanted.rule, sheet, terms).matching(now)
    ]


def _worth_of(event: EventFact, path: str | None, terms: Terms) -> Money:
    commerce = terms.catalogue.commerce
    own = commerce.currency or commerce.reporting_currency or NO_CURRENCY
    if path is None:
        return Money(Decimal(0), commerce.reporting_currency or own)
    currency, _ = read_currency(find_property(event.properties, "currency"))
    return Money(find_amount(find_property(event.properties, path)) or Decimal(0), currency or own)
