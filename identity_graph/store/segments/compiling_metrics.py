"""Conditions on numbers and words of the profile as Cypher."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil, floor
from typing import Any, NamedTuple

from identity_graph.domain.segments.comparing import Test
from identity_graph.domain.segments.metric_leaf import worth_of_class
from identity_graph.domain.segments.rule_tree import Metric, MetricRule, Operator
from identity_graph.domain.segments.types import METRIC_TYPES, kind_of
from identity_graph.domain.values.times import EARLIEST
from identity_graph.store.segments.compiling_asked import Asked, Range, so_far
from identity_graph.store.segments.compiling_bounds import (
    FALSE,
    NOBODY,
    UNSURE,
    Bounds,
    all_of,
    any_of,
    both,
    compare,
    compare_nearly,
    either,
    exactly,
    how_many,
    is_there,
    no,
    not_so,
)
from identity_graph.store.segments.compiling_events import EVENTS, answered_by_facts, in_time, of_names
from identity_graph.store.segments.compiling_lifecycle import compile_stage
from identity_graph.store.segments.compiling_orders import CLOSE, ORDERS, counting

_VISITS = "(c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)"
_NET = "CASE WHEN toFloat(o.revenue) > toFloat(o.refunded) THEN toFloat(o.revenue) - toFloat(o.refunded) ELSE 0.0 END"


def compile_metric(rule: MetricRule, asked: Asked) -> Bounds:
    """Say how a number or a word of the profile compares."""
    bought = both(counting(asked), so_far(asked).holds("o.at", asked))
    match rule.name:
        case Metric.ORDERS:
            return exactly(compare(how_many(ORDERS, bought), rule.op, rule.value, asked.given))
        case Metric.SESSIONS:
            visits = how_many(_VISITS, so_far(asked).holds("s.started_at", asked))
            return exactly(compare(visits, rule.op, rule.value, asked.given))
        case Metric.RECENCY_DAYS:
            return _recency(rule.op, rule.value, asked)
        case Metric.REVENUE | Metric.AVERAGE_ORDER:
            total = _sum(_NET, bought)
            worth = total if rule.name is Metric.REVENUE else f"{total} / {how_many(ORDERS, bought)}"
            return _money(rule, worth, bought, asked)
        case Metric.REFUNDED:
            placed = both("o.placed_at IS NOT NULL", so_far(asked).holds("o.at", asked))
            return _money(rule, _sum("toFloat(o.refunded)", placed), placed, asked)
        case Metric.LIFECYCLE:
            return compile_stage(rule, bought, asked)
        case Metric.PREFERRED_CHANNEL:
            return _channel(rule, asked)
        case Metric.QUALITY:
            return UNSURE
        case _:
            return _score(rule, bought, asked)


def _channel(rule: MetricRule, asked: Asked) -> Bounds:
    preference = asked.terms.catalogue.preference
    recent = Range(asked.now - preference.within + 1, asked.now + 1)
    contacts = is_there(EVENTS, in_time(recent, asked), of_names(preference.names, asked))
    return answered_by_facts(contacts, holds_of_nothing=asked.holds_of_nothing(rule))


def _recency(op: Operator, operand: Any, asked: Asked) -> Bounds:
    """Turn days since the last purchase into moments between which it was."""
    match op:
        case Operator.NE:
            return not_so(_recency(Operator.EQ, operand, asked))
        case Operator.NOT_IN:
            return not_so(_recency(Operator.IN, operand, asked))
        case Operator.IN:
            return any_of(_recency(Operator.EQ, one, asked) for one in operand)
        case Operator.EQ:
            return _days(ceil(operand), floor(operand), asked)
        case Operator.BETWEEN:
            return _days(ceil(operand[0]), floor(operand[1]), asked)
        case Operator.LE:
            return _days(0, floor(operand), asked)
        case Operator.LT:
            return _days(0, ceil(operand) - 1, asked)
        case Operator.GE:
            return _days(ceil(operand), None, asked)
        case _:
            return _days(floor(operand) + 1, None, asked)


def _days(least: int, most: int | None, asked: Asked) -> Bounds:
    """Ask whether the last purchase was so many days ago; None: any number."""
    if most is not None and (most < least or most < 0):
        return NOBODY
    start = EARLIEST if most is None else asked.start_of(asked.today - most)
    wanted = is_there(ORDERS, counting(asked), Range(start, asked.now + 1).holds("o.at", asked))
    if least <= 0:
        return exactly(wanted)
    later = Range(asked.start_of(asked.today - least + 1), asked.now + 1)
    return exactly(both(wanted, no(is_there(ORDERS, counting(asked), later.holds("o.at", asked)))))


def _sum(amount: str, which: str) -> str:
    listed = f"COLLECT {{ MATCH {ORDERS} WHERE {which} RETURN {amount} }}"
    return f"reduce(total = 0.0, one IN {listed} | total + one)"


def _money(rule: MetricRule, worth: str, which: str, asked: Asked) -> Bounds:
    """Compare what orders come to; of other currencies than the one that is compared in, it is unsure."""
    compared = compare_nearly(worth, rule.op, rule.value, asked.given, CLOSE)
    return _of_buyers(compared, which, asked, holds_of_nothing=asked.holds_of_nothing(rule))


def _of_buyers(compared: Bounds, which: str, asked: Asked, *, holds_of_nothing: bool) -> Bounds:
    bought = is_there(ORDERS, which)
    currency = asked.terms.currency
    if currency is None:
        return answered_by_facts(bought, holds_of_nothing=holds_of_nothing)
    other = is_there(ORDERS, which, f"o.currency <> {asked.given(currency)}")
    upper, lower = either(other, compared.upper), both(no(other), compared.lower)
    if holds_of_nothing:
        return Bounds(either(no(bought), upper), either(no(bought), lower))
    return Bounds(both(bought, upper), both(bought, lower))


class _Class(NamedTuple):
    """A class of the cut: what it is compared as, and between which numbers it lies; None: without end."""

    worth: Decimal | None
    least: Any
    most: Any


def _score(rule: MetricRule, bought: str, asked: Asked) -> Bounds:
    """Ask for each class of the cut that fits whether the customer is in it."""
    cut = asked.terms.cut
    of_nothing = asked.holds_of_nothing(rule)
    test = Test(rule.op, rule.value, kind_of(METRIC_TYPES[rule.name]), asked.terms.zone)
    if cut is None:
        return exactly("true" if of_nothing else FALSE)
    if rule.name is Metric.RFM_RECENCY:
        fitting = [one for one in _recency_classes(rule, asked) if test.holds(one.worth, 0)]
        found = any_of(_days(one.least, one.most, asked) for one in fitting)
        none = no(is_there(ORDERS, bought))
        return any_of([found, exactly(none)]) if of_nothing else found
    bounds = cut.boundaries.frequency if rule.name is Metric.RFM_FREQUENCY else cut.boundaries.monetary
    fitting = [one for one in _rising_classes(bounds, rule, asked) if test.holds(one.worth, 0)]
    if rule.name is Metric.RFM_FREQUENCY:
        count, given = how_many(ORDERS, bought), asked.given
        own = [
            both(
                f"{count} >= {given(max(1, one.least or 0))}",
                "true" if one.most is None else f"{count} < {given(one.most)}",
            )
            for one in fitting
        ]
        return exactly(either(*own, *([f"{count} = 0"] if of_nothing else [])))
    worth = _sum(_NET, bought)
    compared = any_of(_between(worth, one, asked) for one in fitting)
    return _of_buyers(compared, bought, asked, holds_of_nothing=of_nothing)


def _between(worth: str, one: _Class, asked: Asked) -> Bounds:
    parts: list[Bounds] = []
    if one.least is not None:
        parts.append(compare_nearly(worth, Operator.GE, float(one.least), asked.given, CLOSE))
    if one.most is not None:
        parts.append(compare_nearly(worth, Operator.LT, float(one.most), asked.given, CLOSE))
    return all_of(parts)


def _recency_classes(rule: MetricRule, asked: Asked) -> Iterator[_Class]:
    """Give the classes of days, the best one first; ``most`` belongs to each."""
    days = asked.terms.cut.boundaries.recency if asked.terms.cut is not None else ()
    least = 0
    for place, most in enumerate([*days, None]):
        yield _Class(worth_of_class(len(days) + 1 - place, rule, asked.terms), least, most)
        least = least if most is None else max(least, most + 1)


def _rising_classes(bounds: Any, rule: MetricRule, asked: Asked) -> Iterator[_Class]:
    """Give the classes of numbers, the best one first; ``most`` belongs to none."""
    most = None
    for place, least in enumerate([*bounds, None]):
        yield _Class(worth_of_class(len(bounds) + 1 - place, rule, asked.terms), least, most)
        most = least
