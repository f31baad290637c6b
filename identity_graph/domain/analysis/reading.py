"""Reading what an analysis is asked from plain values, as GraphQL gives them. What is wrong is noted with its place."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from identity_graph.domain.analysis.attribution import AttributionQuery
from identity_graph.domain.analysis.conversions import ConversionRule
from identity_graph.domain.analysis.funnel import FunnelQuery
from identity_graph.domain.analysis.journeys import Dimension
from identity_graph.domain.analysis.models import Model
from identity_graph.domain.analysis.paths import MOST_STEPS as LONGEST_PATH
from identity_graph.domain.analysis.paths import PathsQuery
from identity_graph.domain.segments.checking import find_faults
from identity_graph.domain.segments.condition_reading import (
    MOST_PROPERTIES,
    MOST_STEPS,
    read_event,
    read_orders,
)
from identity_graph.domain.segments.fields import Fields, Finding, find_span
from identity_graph.domain.segments.rule_tree import ALWAYS, EventRule, Moment, Occurrence, OrderRule, Span
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError

T = TypeVar("T")

MOST_LISTED = 1000
"""Rows, paths or groups that an answer may list; the rest is summed up."""

_DIMENSIONS = {one.value: one for one in Dimension}
_CHANNELS = {one.value: one for one in Channel}
_MODELS = {one.value: one for one in Model}
_NO_EVENT = EventRule(event="")


def read_with(read: Callable[[list[Finding]], T]) -> T:
    """Read something, and raise all that is wrong with it.

    Raises:
        InvalidInputError: one line for each problem; the fact ``problems`` is the list of them.
    """
    found: list[Finding] = []
    result = read(found)
    if found:
        problems = [f"{finding.path or 'input'}: {finding.problem}" for finding in found]
        raise InvalidInputError("\n".join(problems), problems=problems)
    return result


def read_funnel(value: object, terms: Terms) -> FunnelQuery:
    """Read what a funnel is asked.

    Raises:
        InvalidInputError: it makes no sense.
    """
    return read_with(lambda found: _funnel(Fields(found, value, "", _FUNNEL), terms))


def read_paths(value: object, terms: Terms) -> PathsQuery:
    """Read which paths are asked for.

    Raises:
        InvalidInputError: it makes no sense.
    """
    return read_with(lambda found: _paths(Fields(found, value, "", _PATHS), terms))


def read_attribution(value: object, terms: Terms) -> AttributionQuery:
    """Read what an attribution is asked.

    Raises:
        InvalidInputError: it makes no sense.
    """
    return read_with(lambda found: _attribution(Fields(found, value, "", _ATTRIBUTION), terms))


_FUNNEL = ("steps", "within", "same", "from", "to", "by", "trait", "first", "segment")
_PATHS = ("by", "events", "startsWith", "endsWith", "from", "to", "collapse", "length", "first", "segment")
_ATTRIBUTION = (
    "conversion", "models", "by", "lookBack", "halfLife", "skipDirect", "channels", "from", "to", "first", "segment",
)  # fmt: skip
_CONVERSION = ("did", "ordered", "value")


def _funnel(own: Fields, terms: Terms) -> FunnelQuery:
    steps = [
        read_one_event(Fields(own.found, {place: item}, "", (place,)), place, terms)
        for place, item in own.items("steps", "a list of events, the first one first", MOST_STEPS)
    ]
    start, end = _period(own)
    if len(steps) == 1:
        own.add("steps", "one event is no funnel; give at least two steps")
    if steps and steps[0].timing != ALWAYS and (start is not None or end is not None):
        own.add("steps[0]", "has a time of its own; say when it happened either there or in from and to")
    if "by" in own and "trait" in own:
        own.add("trait", "break down by one thing; leave by or trait out")
    return FunnelQuery(
        steps=tuple(steps),
        within=own.span("within"),
        same=tuple(_texts(own, "same", "a list of properties", MOST_PROPERTIES)),
        start=start,
        end=end,
        by=own.choice("by", _DIMENSIONS, Dimension.CHANNEL) if "by" in own else None,
        trait=own.find_text("trait", "the name of a trait"),
        first=_first(own, 20),
        segment=own.find_text("segment", "the id of a segment"),
    )


def _paths(own: Fields, terms: Terms) -> PathsQuery:
    start, end = _period(own)
    length = own.whole_number("length", LONGEST_PATH) if "length" in own else 5
    if length == 0:
        own.add("length", "a path has at least one step")
    by = own.choice("by", _DIMENSIONS, Dimension.CHANNEL) if "by" in own else None
    names = list(_texts(own, "events", "a list of names of events", MOST_LISTED))
    if names and by is not None:
        own.add("events", "paths of visits have no events; leave by or events out")
    return PathsQuery(
        by=by,
        names=frozenset(names) if names else None,
        starts_with=read_one_event(own, "startsWith", terms) if "startsWith" in own else None,
        ends_with=read_one_event(own, "endsWith", terms) if "endsWith" in own else None,
        start=None if start is None else start.at,
        end=None if end is None else end.at,
        collapse=own.flag("collapse") if "collapse" in own else True,
        length=length,
        first=_first(own, 20),
        segment=own.find_text("segment", "the id of a segment"),
    )


def _attribution(own: Fields, terms: Terms) -> AttributionQuery:
    start, end = _period(own)
    models = [own_one(own, place, item, _MODELS, Model.LAST) for place, item in _given(own, "models", "models")]
    channels = [
        own_one(own, place, item, _CHANNELS, Channel.OTHER) for place, item in _given(own, "channels", "channels")
    ]
    return AttributionQuery(
        conversion=read_conversion(own, "conversion", terms),
        models=tuple(dict.fromkeys(models)) or (Model.LAST,),
        by=own.choice("by", _DIMENSIONS, Dimension.MEDIUM, needed=False),
        look_back=own.find_span("lookBack") or days(30),
        half_life=own.find_span("halfLife") or days(7),
        skip_direct=own.flag("skipDirect"),
        channels=frozenset(channels) or None,
        start=None if start is None else start.at,
        end=None if end is None else end.at,
        first=_first(own, 100),
        segment=own.find_text("segment", "the id of a segment"),
    )


def read_conversion(own: Fields, key: str, terms: Terms) -> ConversionRule:
    """Read what counts as a conversion: an event, or an order."""
    inner = Fields(own.found, own.get(key), own.at(key), _CONVERSION)
    if ("did" in inner) == ("ordered" in inner):
        inner.add("", "expected exactly one of did and ordered")
        return ConversionRule(_NO_EVENT)
    if "did" in inner:
        rule = read_one_event(inner, "did", terms, may_pick=True)
        return ConversionRule(rule, inner.find_text("value", "the name of a property"))
    if "value" in inner:
        inner.add("value", "an order is worth what is left of its revenue; leave value out")
    orders = read_orders(inner, "ordered")
    if orders.count is not None:
        inner.add("ordered.count", "each order is a conversion, so there is nothing to count; leave it out")
    _check(orders, inner, "ordered", terms)
    return ConversionRule(orders)


def read_one_event(own: Fields, key: str, terms: Terms, *, may_pick: bool = False) -> EventRule:
    """Read a condition that one event fulfils: there is nothing to count or to measure."""
    rule = read_event(own, key)
    if rule.count is not None or rule.measure is not None:
        own.add(key, "means single events, so there is nothing to count or to measure; leave count and measure out")
    elif rule.pick is not Occurrence.ANY and not may_pick:
        own.add(key, "means any such event; leave pick out")
    _check(rule, own, key, terms)
    return rule


def own_one(own: Fields, place: str, item: object, choices: dict[str, T], default: T) -> T:
    """Read an item of a list that is one of some words."""
    return Fields(own.found, {place: item}, own.path, (place,)).choice(place, choices, default)


def days(number: int) -> Span:
    """Give a span of so many days."""
    span = find_span(f"P{number}D")
    assert span is not None  # noqa: S101 - it is one
    return span


def _check(rule: EventRule | OrderRule, own: Fields, key: str, terms: Terms) -> None:
    for finding in find_faults(rule, terms):
        own.add(f"{key}.{finding.path.partition('.')[2]}", finding.problem)


def _period(own: Fields) -> tuple[Moment | None, Moment | None]:
    start, end = own.find_moment("from"), own.find_moment("to")
    if start is not None and end is not None and start.at >= end.at:
        own.add("to", "must be after from")
    return start, end


def _first(own: Fields, default: int) -> int:
    first = own.whole_number("first", MOST_LISTED) if "first" in own else default
    if first == 0:
        own.add("first", f"is from 1 to {MOST_LISTED:,}")
    return first


def _given(own: Fields, key: str, expected: str) -> Iterator[tuple[str, object]]:
    return own.items(key, f"a list of {expected}", MOST_LISTED) if key in own else iter(())


def _texts(own: Fields, key: str, expected: str, most: int) -> Iterator[str]:
    for place, item in own.items(key, expected, most) if key in own else ():
        yield Fields(own.found, {place: item}, own.path, (place,)).text(place, "a name")
