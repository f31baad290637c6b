"""Conditions on orders as Cypher, which has no decimals: an amount close to what it is compared with is unsure."""

from typing import NamedTuple

from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.segments.rule_tree import AT_LEAST_ONCE, Operator, OrderRule, PropertyRule
from identity_graph.store.segments.compiling_asked import Asked, range_of, so_far
from identity_graph.store.segments.compiling_bounds import (
    FALSE,
    TRUE,
    UNSURE,
    Bounds,
    all_of,
    both,
    compare,
    compare_nearly,
    count_between,
    either,
    exactly,
    how_many,
    no,
)
from identity_graph.store.segments.compiling_texts import spell

ORDERS = "(c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)"
CLOSE = 0.02
"""Amounts that differ by no more are unsure: sums of numbers in base two are a little off, and averages are rounded."""

_AMOUNTS = {"total", "revenue", "refunded", "shipping", "tax", "discount"}
_EQUAL = {Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN}


NET = "CASE WHEN toFloat(o.revenue) > toFloat(o.refunded) THEN toFloat(o.revenue) - toFloat(o.refunded) ELSE 0.0 END"
"""What an order that counts is worth."""


class Sums(NamedTuple):
    """What some orders of a customer come to.

    They are called ``b``: how many ``orders`` there are, when the ``last`` was placed, the ``total`` of an amount, and how many
    ``others`` are of another currency than the one in which money is compared.
    """

    which: str
    amount: str

    def of_each(self, compared: Bounds, asked: Asked) -> Bounds:
        """Ask something of the sums of each customer."""
        is_other = f"CASE WHEN o.currency = {asked.given(asked.terms.currency or '')} THEN 0 ELSE 1 END"
        last = "CASE WHEN b.last IS NULL OR o.at > b.last THEN o.at ELSE b.last END"
        with_one = f"orders: b.orders + 1, last: {last}, total: b.total + {self.amount}, others: b.others + {is_other}"
        # Not with aggregating functions: Cypher does not take them inside what a query returns.
        orders = f"COLLECT {{ MATCH {ORDERS} WHERE {self.which} RETURN o }}"
        summed = f"reduce(b = {{orders: 0, last: null, total: 0.0, others: 0}}, o IN {orders} | {{{with_one}}})"
        return Bounds(*(one if one in {TRUE, FALSE} else f"any(b IN [{summed}] WHERE {one})" for one in compared))


def bought(asked: Asked) -> str:
    """Ask whether an order is a purchase up to now."""
    return both(counting(asked), so_far(asked).holds("o.at", asked))


def compile_orders(rule: OrderRule, asked: Asked) -> Bounds:
    """Say how many orders match."""
    plain = both(counting(asked), range_of(rule.timing, asked).holds("o.at", asked))
    named = [one for one in (rule.product, rule.category) if one is not None]
    lines = [Bounds(_is_on_a_line(one, asked), FALSE) for one in named]
    where = all_of([*lines, *(_property(one, asked) for one in rule.where)])
    possible = how_many(ORDERS, plain, where.upper)
    certain = how_many(ORDERS, plain, where.lower)
    count = rule.count or AT_LEAST_ONCE
    return count_between(possible, certain, count.op, count.value, asked.given)


def counting(asked: Asked) -> str:
    """Ask whether an order is a purchase."""
    return f"NOT o.state IN {asked.given([OrderState.UNKNOWN.value, OrderState.CANCELLED.value])}"


def _is_on_a_line(text: str, asked: Asked) -> str:
    return f"any(one IN {asked.given(sorted(spell(text)))} WHERE coalesce(o.lines, '') CONTAINS one)"


def _property(rule: PropertyRule, asked: Asked) -> Bounds:
    if rule.name in {"currency", "state"}:
        place = f"o.{rule.name}"
        if rule.op in _EQUAL:
            return exactly(compare(place, rule.op, rule.value, asked.given))
        return UNSURE if rule.op is not Operator.EXISTS else exactly(f"trim({place}) <> ''")
    if rule.name not in _AMOUNTS:
        return UNSURE
    is_there = f"o.{rule.name} IS NOT NULL"
    reporting = asked.terms.catalogue.commerce.reporting_currency
    is_same = TRUE if reporting is None else f"o.currency = {asked.given(reporting)}"
    if rule.op is Operator.EXISTS:
        return Bounds(is_there, both(is_there, is_same))
    amount = f"coalesce(toFloat(o.{rule.name}), 0.0)"
    compared = compare_nearly(amount, rule.op, rule.value, asked.given, CLOSE)
    negative = rule.op in {Operator.NE, Operator.NOT_IN}
    known = (
        Bounds(either(no(is_there), compared.upper), either(no(is_there), compared.lower))
        if negative
        else all_of([exactly(is_there), compared])
    )
    return Bounds(either(no(is_same), known.upper), both(is_same, known.lower))
