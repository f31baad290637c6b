"""Conditions on orders that count: those that were placed and not cancelled."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from identity_graph.domain.profiles.money import Money
from identity_graph.domain.profiles.orders import Order
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.segments.comparing import Test
from identity_graph.domain.segments.event_leaves import holds_count
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import AT_LEAST_ONCE, OrderRule
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.segments.types import ORDER_TYPES, kind_of
from identity_graph.domain.segments.windows import Window, Windows, window_of
from identity_graph.domain.values.observations import Instant


class OrderLeaf:
    """How many orders match."""

    def __init__(self, rule: OrderRule, sheet: FactSheet, terms: Terms) -> None:
        self._terms = terms
        self._count = rule.count or AT_LEAST_ONCE
        self._windows = Windows(window for _, window in _windows_of(rule, sheet.orders.values(), terms))

    def look(self, at: Instant) -> Look:
        """Count the matching orders."""
        count = self._windows.count_open(at)
        return Look(holds_count(self._count, count, self._terms), count)

    def moments(self, after: Instant) -> Iterator[Instant]:  # noqa: ARG002 - windows open and close once
        """Give the moments at which orders begin or cease to count."""
        return self._windows.moments()


def find_matching(rule: OrderRule, orders: Iterable[Order], terms: Terms, at: Instant) -> list[Order]:
    """List the orders that match at a moment, however many the rule wants."""
    return [order for order, window in _windows_of(rule, orders, terms) if window.is_open(at)]


def _windows_of(rule: OrderRule, orders: Iterable[Order], terms: Terms) -> list[tuple[Order, Window]]:
    tests = [(one.name, Test(one.op, one.value, kind_of(ORDER_TYPES[one.name]), terms.zone)) for one in rule.where]
    return [
        (order, window_of(order.at, rule.timing, terms.zone))
        for order in orders
        if order.counts
        and any(_is_line(line, rule) for line in order.lines or (_NO_LINE,))
        and all(test.holds(properties_of(order, terms)[name], 0) for name, test in tests)
    ]


_NO_LINE = Line(None, None, None, None, None, None, Decimal(0))


def _is_line(line: Line, rule: OrderRule) -> bool:
    """Tell whether a line is of the product and the category of a rule; a product is named by its id, its SKU or its name."""
    return (rule.product is None or rule.product in {line.product_id, line.sku, line.name}) and (
        rule.category is None or rule.category == line.category
    )


def properties_of(order: Order, terms: Terms) -> Mapping[str, Decimal | str | None]:
    """Give the properties of an order; an amount is unknown where there is no rate to the reporting currency."""
    commerce = terms.catalogue.commerce

    def in_reporting(amount: Decimal | None) -> Decimal | None:
        if amount is None or commerce.reporting_currency is None:
            return amount
        return commerce.rates.convert(Money(amount, order.currency), commerce.reporting_currency, order.at)

    return {
        "total": in_reporting(order.total),
        "revenue": in_reporting(order.revenue),
        "net": in_reporting(order.net),
        "refunded": in_reporting(order.refunded),
        "shipping": in_reporting(order.shipping),
        "tax": in_reporting(order.tax),
        "discount": in_reporting(order.discount),
        "currency": order.currency,
        "state": order.state.value,
    }
