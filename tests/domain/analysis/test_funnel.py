"""Funnels: what a plain reading gives, and what sequences of segments say of the same steps."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from identity_graph.domain.analysis import bounds
from identity_graph.domain.analysis.funnel import Attempt, FunnelLook, FunnelQuery, dropped_rule, reached_rule
from identity_graph.domain.analysis.funnel_counts import FunnelCounts
from identity_graph.domain.analysis.journeys import REST
from identity_graph.domain.analysis.reading import days
from identity_graph.domain.segments.checking import find_faults
from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.rule_tree import Audience, EventRule, Moment, Operator, PropertyRule, Rule
from identity_graph.domain.segments.sheet import EventFact, FactSheet
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError
from tests.properties import examples
from tests.worlds.segment_facts import DAY, NOW, TERMS, make_sheet
from tests.worlds.segment_facts import event as happened

STEPS = (EventRule(event="Seen"), EventRule(event="Cart"), EventRule(event="Paid"))


def event(ago: float, name: str, **more: Any) -> EventFact:
    return happened(int(ago), name, **more)


def funnel(*steps: EventRule, **more: object) -> FunnelQuery:
    return FunnelQuery(steps=steps or STEPS, **{"within": days(2), **more})  # pyright: ignore[reportArgumentType]


def look(query: FunnelQuery, *events: EventFact) -> Attempt | None:
    return FunnelLook(query, TERMS, NOW).find(make_sheet(events=events))


def reached(query: FunnelQuery, *events: EventFact) -> int:
    attempt = look(query, *events)
    return 0 if attempt is None else len(attempt.events)


def holds(rule: Rule, sheet: FactSheet) -> bool:
    return evaluate(rule, sheet, NOW, TERMS, Audience.ALL).holds


def test_steps_come_one_after_the_other() -> None:
    assert reached(funnel(), event(3 * DAY, "Seen"), event(2 * DAY, "Cart"), event(1.5 * DAY, "Paid")) == 3
    assert reached(funnel(), event(1 * DAY, "Seen"), event(2 * DAY, "Cart"), event(1.5 * DAY, "Paid")) == 1
    assert look(funnel(), event(DAY, "Cart")) is None


def test_all_steps_lie_within_the_window_of_the_first() -> None:
    assert reached(funnel(), event(5 * DAY, "Seen"), event(4 * DAY, "Cart"), event(3 * DAY, "Paid")) == 2
    assert reached(funnel(), event(5 * DAY, "Seen"), event(4 * DAY, "Cart"), event(3 * DAY + 1, "Paid")) == 3


def test_the_furthest_attempt_counts_and_of_several_the_first() -> None:
    first, second = event(9 * DAY, "Seen"), event(5 * DAY, "Seen")
    cart, paid = event(4 * DAY, "Cart"), event(3.5 * DAY, "Paid")
    attempt = look(funnel(), first, second, cart, paid, event(2 * DAY, "Seen"))
    assert attempt == Attempt((second, cart, paid), is_open=False)
    assert look(funnel(), first, event(8 * DAY, "Cart"), second, cart) == Attempt(
        (first, event(8 * DAY, "Cart")), is_open=False
    )


def test_one_value_of_a_property_in_all_steps() -> None:
    query = funnel(same=("cart_id",))
    seen = event(3 * DAY, "Seen", cart_id="a")
    assert reached(query, seen, event(2 * DAY, "Cart", cart_id="b"), event(2 * DAY + 1, "Cart", cart_id="a")) == 2
    assert reached(query, seen, event(2 * DAY, "Cart", cart_id="b")) == 1
    assert reached(query, event(3 * DAY, "Seen"), event(3 * DAY, "Seen", cart_id=" ")) == 0


def test_conditions_on_properties_and_channels() -> None:
    dear = PropertyRule(name="total", op=Operator.GE, value=10)
    query = funnel(EventRule(event="Seen", channel=Channel.APP), EventRule(event="Paid", where=(dear,)))
    seen = event(2 * DAY, "Seen", channel=Channel.APP)
    assert reached(query, seen, event(DAY, "Paid", total=9)) == 1
    assert reached(query, seen, event(DAY, "Paid", total=10)) == 2
    assert reached(query, event(2 * DAY, "Seen"), event(DAY, "Paid", total=10)) == 0


def test_the_first_step_lies_in_a_time() -> None:
    def at(ago: float) -> Moment:
        moment = NOW - int(ago * DAY)
        return Moment(format_instant(moment), moment)

    query = funnel(start=at(4), end=at(2))
    assert reached(query, event(4 * DAY, "Seen"), event(2 * DAY + 1, "Cart")) == 2
    assert reached(query, event(4 * DAY + 1, "Seen"), event(2 * DAY, "Seen")) == 0


def test_who_still_has_time_is_open() -> None:
    assert look(funnel(), event(DAY, "Seen")) == Attempt((event(DAY, "Seen"),), is_open=True)
    assert look(funnel(), event(9 * DAY, "Seen"), event(8 * DAY, "Cart"), event(DAY, "Seen")) == Attempt(
        (event(9 * DAY, "Seen"), event(8 * DAY, "Cart")), is_open=True
    )
    done = look(funnel(), event(DAY, "Seen"), event(0.5 * DAY, "Cart"), event(0.4 * DAY, "Paid"))
    assert done is not None
    assert not done.is_open


def test_counts_conversion_times_and_groups() -> None:
    counts = FunnelCounts(3)
    seen, cart, paid = event(3 * DAY, "Seen"), event(2 * DAY, "Cart"), event(1.5 * DAY, "Paid")
    counts.add(Attempt((seen, cart, paid), is_open=False), "a")
    counts.add(Attempt((seen, event(2.5 * DAY, "Cart")), is_open=True), "a")
    counts.add(Attempt((seen,), is_open=False), "b")
    counts.add(Attempt((seen,), is_open=False), "c")
    first, second, third = counts.total().steps
    assert (first.customers, first.dropped, first.open, first.conversion, first.median_seconds) == (4, 2, 0, 1, None)
    assert (second.customers, second.dropped, second.open, second.conversion) == (2, 1, 1, 0.5)
    assert second.median_seconds == 0.75 * 86_400
    assert (third.customers, third.dropped, third.from_previous, third.conversion) == (1, 0, 0.5, 0.25)
    assert [(group.key, group.steps[0].customers) for group in counts.groups(1)] == [("a", 2), (REST, 2)]
    assert [(group.key, group.steps[0].customers) for group in counts.groups(3)] == [("a", 2), ("b", 1), ("c", 1)]
    assert [step.conversion for step in FunnelCounts(2).total().steps] == [0, 0]


def test_there_is_a_bound_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_KINDS", 1)
    counts = FunnelCounts(2)
    attempt = Attempt((event(DAY, "Seen"),), is_open=False)
    counts.add(attempt, "a")
    with pytest.raises(InvalidInputError, match="groups"):
        counts.add(attempt, "b")


@st.composite
def journeys(draw: DrawFn) -> tuple[EventFact, ...]:
    times = draw(st.lists(st.integers(0, 24), max_size=8))
    return tuple(
        event(
            time * DAY // 4,
            draw(st.sampled_from(["Seen", "Cart", "Paid"])),
            id=str(number),
            cart_id=draw(st.sampled_from(["a", "b", ""])),
        )
        for number, time in enumerate(times)
    )


def furthest(query: FunnelQuery, events: tuple[EventFact, ...]) -> int:
    """Try all choices of events."""

    def fits(chosen: tuple[EventFact, ...]) -> bool:
        carts = {one.properties["cart_id"] for one in chosen}
        return (
            all(one.name == rule.event for one, rule in zip(chosen, query.steps, strict=False))
            and chosen[-1].at - chosen[0].at < query.within.micros
            and (not query.same or (len(carts) == 1 and "" not in carts))
        )

    in_order = sorted(events, key=lambda one: one.order)
    return max((size for size in (1, 2, 3) for chosen in combinations(in_order, size) if fits(chosen)), default=0)


QUERIES = st.sampled_from([(), ("cart_id",)]).map(lambda same: funnel(same=same))


@examples(150)
@given(QUERIES, journeys())
def test_a_funnel_is_what_a_plain_reading_gives(query: FunnelQuery, events: tuple[EventFact, ...]) -> None:
    assert reached(query, *events) == furthest(query, events)


@examples(150)
@given(QUERIES, journeys())
def test_who_reached_a_step_or_dropped_out_is_a_segment(query: FunnelQuery, events: tuple[EventFact, ...]) -> None:
    sheet = make_sheet(events=events)
    came = reached(query, *events)
    for step in (1, 2, 3):
        assert holds(reached_rule(query, step), sheet) == (came >= step)
        assert not list(find_faults(reached_rule(query, step), TERMS))
    for step in (1, 2):
        assert holds(dropped_rule(query, step), sheet) == (came == step)


def _shares(values: list[int]) -> Iterator[bool]:
    return (before >= after for before, after in pairwise(values))


@examples(60)
@given(st.lists(journeys(), max_size=5))
def test_steps_never_grow_and_times_are_medians(customers: list[tuple[EventFact, ...]]) -> None:
    counts = FunnelCounts(3)
    attempts = [attempt for events in customers if (attempt := look(funnel(), *events)) is not None]
    for number, attempt in enumerate(attempts):
        counts.add(attempt, str(number % 2))
    steps = counts.total().steps
    assert all(_shares([step.customers for step in steps]))
    assert sum(step.dropped for step in steps) + steps[-1].customers == len(attempts)
    for number in (1, 2):
        times = [one.events[number].at - one.events[number - 1].at for one in attempts if len(one.events) > number]
        assert steps[number].median_seconds == (median(times) / 1_000_000 if times else None)
    for number, step in enumerate(steps):
        assert step.customers == sum(group.steps[number].customers for group in counts.groups(5))
