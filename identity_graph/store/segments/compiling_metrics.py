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
    ANYBODY,
    NOBODY,
    TRUE,
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
    not_so,
)
from identity_graph.store.segments.compiling_events import EVENTS, answered_by_facts, in_time, of_names
from identity_graph.store.segments.compiling_lifecycle import compile_stage
from identity_graph.store.segments.compiling_orders import CLOSE, NET, ORDERS, Sums, bought

_VISITS = "(c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)"


def compile_metric(rule: MetricRule, asked: Asked) -> Bounds:
    """Say how a number or a word of the profile compares."""
    match rule.name:
        case Metric.ORDERS:
            return exactly(compare(how_many(ORDERS, bought(asked)), rule.op, rule.value, asked.given))
        case Metric.SESSIONS:
            visits = how_many(_VISITS, so_far(asked).holds("s.started_at", asked))
            return exactly(compare(visits, rule.op, rule.value, asked.given))
        case Metric.RECENCY_DAYS:
            return _of_buyers(rule, _recency(rule.op, rule.value, asked), asked)
        case Metric.REVENUE:
            return _of_buyers(rule, _money("b.total", rule, asked), asked)
        case Metric.AVERAGE_ORDER:
            return _of_buyers(rule, _money("b.total / b.orders", rule, asked), asked)
        case Metric.REFUNDED:
            placed = both("o.placed_at IS NOT NULL", so_far(asked).holds("o.at", asked))
            return _of_buyers(rule, _money("b.total", rule, asked), asked, Sums(placed, "toFloat(o.refunded)"))
        case Metric.LIFECYCLE:
            return compile_stage(rule, asked)
        case Metric.PREFERRED_CHANNEL:
            return _channel(rule, asked)
        case Metric.QUALITY:
            return UNSURE
        case _:
            return _of_buyers(rule, _score(rule, asked), asked)


def _of_buyers(rule: MetricRule, compared: Bounds, asked: Asked, sums: Sums | None = None) -> Bounds:
    """Ask it of those who have orders; the others have what nothing comes to."""
    sums = sums or Sums(bought(asked), NET)
    if asked.holds_of_nothing(rule):
        return sums.of_each(any_of([exactly("b.orders = 0"), compared]), asked)
    return sums.of_each(all_of([exactly("b.orders > 0"), compared]), asked)


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
    end = asked.now + 1 if least <= 0 else asked.start_of(asked.today - least + 1)
    return exactly(Range(start, end).holds("b.last", asked))


def _money(worth: str, rule: MetricRule, asked: Asked) -> Bounds:
    """Compare what orders come to; of other currencies than the one that is compared in, it is unsure."""
    return _in_one_currency(compare_nearly(worth, rule.op, rule.value, asked.given, CLOSE), asked)


def _in_one_currency(compared: Bounds, asked: Asked) -> Bounds:
    if asked.terms.currency is None:
        return UNSURE
    return Bounds(either("b.others > 0", compared.upper), both("b.others = 0", compared.lower))


class _Class(NamedTuple):
    """A class of the cut: what it is compared as, and between which numbers it lies; None: without end."""

    worth: Decimal | None
    least: Any
    most: Any


def _score(rule: MetricRule, asked: Asked) -> Bounds:
    """Ask for each class of the cut that fits whether the customer is in it."""
    cut = asked.terms.cut
    if cut is None:
        return ANYBODY if asked.holds_of_nothing(rule) else NOBODY
    test = Test(rule.op, rule.value, kind_of(METRIC_TYPES[rule.name]), asked.terms.zone)
    if rule.name is Metric.RFM_RECENCY:
        days = _recency_classes(cut.boundaries.recency, rule, asked)
        return any_of(_days(one.least, one.most, asked) for one in days if test.holds(one.worth, 0))
    bounds = cut.boundaries.frequency if rule.name is Metric.RFM_FREQUENCY else cut.boundaries.monetary
    fitting = [one for one in _rising_classes(bounds, rule, asked) if test.holds(one.worth, 0)]
    if rule.name is Metric.RFM_FREQUENCY:
        return any_of(exactly(_between("b.orders", one, asked)) for one in fitting)
    return _in_one_currency(any_of(_nearly_between(one, asked) for one in fitting), asked)


def _between(number: str, one: _Class, asked: Asked) -> str:
    least = TRUE if one.least is None else f"{number} >= {asked.given(one.least)}"
    return both(least, TRUE if one.most is None else f"{number} < {asked.given(one.most)}")


def _nearly_between(one: _Class, asked: Asked) -> Bounds:
    ends = ((Operator.GE, one.least), (Operator.LT, one.most))
    return all_of(compare_nearly("b.total", op, float(end), asked.given, CLOSE) for op, end in ends if end is not None)


def _recency_classes(days: tuple[int, ...], rule: MetricRule, asked: Asked) -> Iterator[_Class]:
    """Give the classes of days, the best one first; ``most`` belongs to each."""
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
