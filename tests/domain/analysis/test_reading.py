"""Reading what is asked: what makes no sense is refused with its place, and what is left out has its default."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from identity_graph.domain.analysis.conversions import Conversion, ConversionRule, find_conversions
from identity_graph.domain.analysis.journeys import Dimension
from identity_graph.domain.analysis.models import Model
from identity_graph.domain.analysis.reading import read_attribution, read_funnel, read_paths
from identity_graph.domain.profiles.money import Money
from identity_graph.domain.segments.rule_tree import EventRule, Occurrence, OrderRule
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError
from tests.worlds.segment_facts import DAY, NOW, TERMS, event, make_sheet, make_terms, order

Read = Callable[[object, Any], Any]
STEPS = [{"event": "A"}, {"event": "B"}]
FUNNEL = {"steps": STEPS, "within": "P1D"}
ORDERED = {"conversion": {"ordered": {}}}


def test_what_is_left_out_has_its_default() -> None:
    funnel, paths = read_funnel(FUNNEL, TERMS), read_paths({}, TERMS)
    attribution = read_attribution(ORDERED, TERMS)
    assert (funnel.by, funnel.trait, funnel.same, funnel.first) == (None, None, (), 20)
    assert funnel.bounded_steps == funnel.steps == (EventRule(event="A"), EventRule(event="B"))
    assert (paths.by, paths.names, paths.collapse, paths.length, paths.first) == (None, None, True, 5, 20)
    assert (attribution.models, attribution.by) == ((Model.LAST,), Dimension.MEDIUM)
    assert (attribution.look_back.text, attribution.half_life.text) == ("P30D", "P7D")
    assert (attribution.skip_direct, attribution.channels, attribution.first) == (False, None, 100)


def test_everything_can_be_said() -> None:
    times = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "segment": "seg_1"}
    funnel = read_funnel({**FUNNEL, **times, "same": ["cart_id"], "by": "SOURCE", "first": 3}, TERMS)
    assert (funnel.same, funnel.by, funnel.first, funnel.segment) == (("cart_id",), Dimension.SOURCE, 3, "seg_1")
    assert (funnel.start, funnel.end) == (funnel.bounded_steps[0].timing.start, funnel.bounded_steps[0].timing.end)
    assert funnel.start is not None
    paths = read_paths(
        {**times, "events": ["A"], "startsWith": STEPS[0], "endsWith": STEPS[1], "length": 3, "collapse": False}, TERMS
    )
    assert (paths.names, paths.starts_with, paths.ends_with) == ({"A"}, EventRule(event="A"), EventRule(event="B"))
    assert (paths.length, paths.collapse, paths.start) == (3, False, funnel.start.at)
    assert read_paths({"by": "CAMPAIGN"}, TERMS).by is Dimension.CAMPAIGN
    attribution = read_attribution(
        {
            **times,
            "conversion": {"did": {"event": "A", "pick": "FIRST"}, "value": "total"},
            "models": ["LINEAR", "LINEAR", "TIME_DECAY"],
            "channels": ["APP"],
            "lookBack": "P1D",
            "halfLife": "PT1H",
            "skipDirect": True,
        },
        TERMS,
    )
    assert attribution.conversion == ConversionRule(EventRule(event="A", pick=Occurrence.FIRST), "total")
    assert (attribution.models, attribution.channels) == ((Model.LINEAR, Model.TIME_DECAY), {Channel.APP})


COUNTED = {"event": "A", "count": {"op": "GE", "value": 2}}


@pytest.mark.parametrize(
    ("read", "asked", "problem"),
    [
        (read_funnel, {**FUNNEL, "steps": STEPS[:1]}, "steps: one event is no funnel"),
        (read_funnel, {**FUNNEL, "steps": []}, "steps: expected a list of events"),
        (read_funnel, {**FUNNEL, "steps": STEPS * 6}, "steps: has 12 entries; at most 10 are taken"),
        (read_funnel, {**FUNNEL, "within": "P1M"}, "within: expected an ISO 8601 duration"),
        (read_funnel, {**FUNNEL, "steps": [COUNTED, *STEPS]}, "steps[0]: means single events"),
        (read_funnel, {**FUNNEL, "steps": [{"event": "A", "pick": "LAST"}, *STEPS]}, "steps[0]: means any such event"),
        (
            read_funnel,
            {**FUNNEL, "steps": [{"event": "A", "where": [{"name": "x", "op": "LT", "value": "z"}]}, *STEPS]},
            "steps[0].where[0].value: texts have no order",
        ),
        (
            read_funnel,
            {**FUNNEL, "steps": [{"event": "A", "within": "P3D"}, *STEPS], "from": "2026-01-01T00:00:00Z"},
            "steps[0]: has a time of its own",
        ),
        (read_funnel, {**FUNNEL, "by": "MEDIUM", "trait": "city"}, "trait: break down by one thing"),
        (read_funnel, {**FUNNEL, "by": "COLOUR"}, "by: expected one of CHANNEL, SOURCE, MEDIUM, CAMPAIGN"),
        (read_funnel, {**FUNNEL, "first": 0}, "first: is from 1 to 1,000"),
        (read_funnel, {**FUNNEL, "first": 1001}, "first: expected a whole number from 0 to 1,000"),
        (read_funnel, {**FUNNEL, "colour": 1}, "colour: unknown field"),
        (read_funnel, "A", "input: expected the fields steps"),
        (read_paths, {"length": 0}, "length: a path has at least one step"),
        (read_paths, {"length": 21}, "length: expected a whole number from 0 to 20"),
        (read_paths, {"by": "MEDIUM", "events": ["A"]}, "events: paths of visits have no events"),
        (read_paths, {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to: must be after from"),
        (read_paths, {"startsWith": COUNTED}, "startsWith: means single events"),
        (read_attribution, {"conversion": {}}, "conversion: expected exactly one of did and ordered"),
        (read_attribution, {"conversion": {"ordered": {}, "value": "x"}}, "conversion.value: an order is worth"),
        (
            read_attribution,
            {"conversion": {"ordered": {"count": {"op": "GE", "value": 1}}}},
            "conversion.ordered.count: each order is a conversion",
        ),
        (
            read_attribution,
            {"conversion": {"ordered": {"where": [{"name": "colour", "op": "EQ", "value": 1}]}}},
            "conversion.ordered.where[0].name: orders have no property 'colour'",
        ),
        (read_attribution, {**ORDERED, "models": ["BEST"]}, "models[0]: expected one of FIRST, LAST"),
        (read_attribution, {**ORDERED, "channels": ["PIGEON"]}, "channels[0]: expected one of WEB"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(read: Read, asked: object, problem: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(asked, TERMS)
    assert any(problem in one for one in caught.value.facts["problems"]), caught.value.facts["problems"]


def test_orders_are_worth_what_is_left_of_them() -> None:
    sheet = make_sheet(orders={"a": order(2 * DAY, 20, refunded=5), "b": order(3 * DAY, 100)})
    assert find_conversions(ConversionRule(OrderRule()), sheet, TERMS, NOW) == [
        Conversion(NOW - 3 * DAY, Money(Decimal(100), "CNY")),
        Conversion(NOW - 2 * DAY, Money(Decimal(15), "CNY")),
    ]


def test_events_are_worth_what_a_property_says() -> None:
    paid = event(DAY, "Paid", total="7.50", currency="usd")
    odd = event(2 * DAY, "Paid", total="much")
    rule = EventRule(event="Paid")
    assert find_conversions(ConversionRule(rule, "total"), make_sheet(events=[paid, odd]), TERMS, NOW) == [
        Conversion(NOW - 2 * DAY, Money(Decimal(0), "CNY"), odd.order),
        Conversion(NOW - DAY, Money(Decimal("7.50"), "USD"), paid.order),
    ]
    nothing = make_terms(catalogue="time_zone: ZONE\n")
    (found,) = find_conversions(ConversionRule(rule), make_sheet(events=[paid]), nothing, NOW)
    assert found.worth == Money(Decimal(0), "XXX")
