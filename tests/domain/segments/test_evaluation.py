"""What an answer tells besides yes and no: the values behind it, and the next moment."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.segments.binding import ANYBODY
from identity_graph.domain.segments.deciding import MOST_ROUNDS, AskedCondition, AskedTree, follow
from identity_graph.domain.segments.evaluation import Judge
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import AnyOf, Not
from identity_graph.domain.values.observations import Channel, Instant
from tests.worlds.segment_facts import (
    DAY,
    HOUR,
    NOW,
    TERMS,
    ask,
    bought,
    event,
    holds,
    make_sheet,
    make_terms,
    order,
    told,
)
from tests.worlds.segment_sheets import CUT

OWN = """
time_zone: ZONE
rfm: {method: percentages, percentages: [10, 30, 60]}
traits: {any: {type: any}}
"""


def metric(name: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"metric": {"name": name, "op": op, "value": value, **more}}


def line(sku: str, category: str) -> Line:
    return Line(None, sku, None, None, category, None, Decimal(1))


SHOPPER = make_sheet(
    orders=bought(order(3 * DAY, 30), order(DAY, 20, refunded=5, currency="USD"), order(DAY, 7, currency="JPY")),
    sessions=(NOW - DAY, NOW - HOUR, NOW + HOUR),
    preferred_channel=Channel.APP,
    claims=CheckedClaims(4, 3),
    traits={"city": "a"},
)


@pytest.mark.parametrize(
    ("name", "actual", "of_nobody"),
    [
        ("ORDERS", "3", "0"),
        ("REVENUE", "135", "0"),
        ("AVERAGE_ORDER", "67.5", None),
        ("RECENCY_DAYS", "1", None),
        ("SESSIONS", "2", "0"),
        ("REFUNDED", "35", "0"),
        ("RFM_RECENCY", "4", None),
        ("RFM_FREQUENCY", "4", None),
        ("RFM_MONETARY", "5", None),
        ("LIFECYCLE", "LOYAL", "POTENTIAL"),
        ("PREFERRED_CHANNEL", "APP", None),
        ("QUALITY", "0.9167", "1"),
    ],
)
def test_the_actual_value_stands_beside_the_one_of_the_rule(name: str, actual: str, of_nobody: str | None) -> None:
    rule = metric(name, "NE", "WEB" if name == "PREFERRED_CHANNEL" else "NEW" if name == "LIFECYCLE" else 7)
    assert ask(rule, SHOPPER).condition.actual == actual
    assert ask(rule, make_sheet()).condition.actual == of_nobody
    assert holds(rule, make_sheet())


def test_an_order_without_a_rate_counts_and_its_amount_is_unknown() -> None:
    yen = make_sheet(orders=bought(order(DAY, 7, currency="JPY")))
    assert ask(metric("AVERAGE_ORDER", "GE", 0), yen).condition.actual is None
    total = {"ordered": {"where": [{"name": "total", "op": "EXISTS"}]}}
    assert (holds(total, yen), holds(total, SHOPPER)) == (False, True)
    plain = make_terms(catalogue="time_zone: ZONE\ntraits: {}\n", has_cut=False)
    assert holds({"ordered": {"where": [{"name": "total", "op": "EQ", "value": 7}]}}, yen, terms=plain)
    assert ask(metric("REFUNDED", "GE", 0), SHOPPER, terms=plain).condition.actual == "0"


def test_a_percentage_is_that_of_the_classes_below() -> None:
    percentages = replace(make_terms(catalogue=OWN), cut=CUT._replace(method="percentages"))
    assert ask(metric("RFM_MONETARY", "GE", 80, percentile=True), SHOPPER).condition.actual == "80"
    other = ask(metric("RFM_MONETARY", "GE", 90, percentile=True), SHOPPER, terms=percentages)
    assert other.fault is not None, "the cut in force was made with other percentages"
    fitting = replace(CUT.boundaries, recency=(1, 3), frequency=(3, 2), monetary=(Decimal(50), Decimal(20)))
    terms = replace(percentages, cut=CUT._replace(method="percentages", boundaries=fitting))
    for name, percent in (("RFM_MONETARY", "60"), ("RFM_RECENCY", "90"), ("RFM_FREQUENCY", "90")):
        assert ask(metric(name, "GE", 90, percentile=True), SHOPPER, terms=terms).condition.actual == percent
    assert ask(metric("RFM_MONETARY", "EQ", 0, percentile=True), make_sheet(), terms=terms).condition.actual is None


def test_product_and_category_are_of_one_and_the_same_line() -> None:
    sheet = make_sheet(orders=bought(order(DAY, lines=(line("p1", "tea"), line("p2", "food")))))
    assert holds({"ordered": {"product": "p1", "category": "tea"}}, sheet)
    assert not holds({"ordered": {"product": "p1", "category": "food"}}, sheet)
    assert holds({"ordered": {"category": "food"}}, sheet)
    assert not holds({"ordered": {"product": "p3"}}, sheet)
    assert not holds({"ordered": {"product": "p1"}}, make_sheet(orders=bought(order(DAY))))


def test_a_computed_trait_has_a_history_too() -> None:
    rule = {"trait": {"name": "visits", "op": "GE", "value": 2, "heldFor": "P1D"}}
    sheet = make_sheet(events=[event(50 * HOUR, "Seen"), event(40 * HOUR, "Seen"), event(30 * HOUR, "Seen")])
    result = ask(rule, sheet)
    assert (result.holds, result.condition.actual, result.next_at) == (True, 2, NOW + 8 * HOUR)
    level = {"trait": {"name": "level", "op": "EQ", "value": "Gold"}}
    assert holds(level, make_sheet(events=[event(DAY, "Paid", total=21)]))
    none = {"trait": {"name": "visits", "op": "EQ", "value": 0, "heldFor": "P30D"}}
    assert holds(none, make_sheet())


def test_what_changes_by_itself_does_so_for_every_value_that_a_trait_will_have() -> None:
    rule = {"trait": {"name": "renewed", "op": "WITHIN_NEXT", "value": "P1D"}}
    later = make_sheet(traits={"renewed": told((9 * DAY, "2020-01-01T00:00:00Z"), (-DAY, "2026-06-20T04:00:00Z"))})
    result = ask(rule, later)
    assert (result.holds, result.next_at) == (False, NOW + 4 * DAY)


def test_a_property_may_be_compared_with_now() -> None:
    where = [{"name": "departure", "op": "WITHIN_NEXT", "value": "P2D"}]
    rule = {"did": {"event": "Booked", "where": where}}
    trip = make_sheet(events=[event(DAY, "Booked", departure="2026-06-18"), event(DAY, "Booked", id="2")])
    result = ask(rule, trip)
    assert (result.holds, result.next_at) == (False, NOW + 12 * HOUR)
    assert ask(rule, trip, NOW + 12 * HOUR).next_at == NOW + 12 * HOUR + 3 * DAY


def test_before_anything_is_known_of_somebody_they_are_anonymous() -> None:
    nobody_yet = make_sheet(first_seen=NOW + DAY, identifiers={"user_id:mei": NOW + 2 * DAY})
    result = ask(metric("LIFECYCLE", "EQ", "ANONYMOUS"), nobody_yet)
    assert (result.holds, result.next_at) == (True, NOW + 2 * DAY)
    known_at_once = make_sheet(first_seen=NOW + DAY, identifiers={"user_id:mei": NOW + DAY})
    result = ask({"not": metric("LIFECYCLE", "IN", ["POTENTIAL", "AT_RISK"])}, known_at_once)
    assert (result.holds, result.next_at) == (True, NOW + DAY)


def test_the_weakest_link_decides() -> None:
    for links, actual, is_in in (
        (set(), None, True),
        ({"phone", "crm_id"}, "phone", True),
        ({"ad_id"}, "ad_id", False),
        ({"gone", "phone"}, "gone", False),
    ):
        result = ask({"joinedBy": "phone"}, make_sheet(links=frozenset(links)))
        assert (result.holds, result.condition.actual) == (is_in, actual)


def test_of_all_and_any_the_conditions_that_decide_tell_how_long() -> None:
    soon, later, never = ({"did": {"event": name, "within": "P7D"}} for name in ("Seen", "Paid", "Cart"))
    sheet = make_sheet(events=[event(6 * DAY, "Seen"), event(5 * DAY, "Paid")])
    for rule, is_in, days in (
        ({"all": [soon, later]}, True, 1),
        ({"any": [soon, later]}, True, 2),
        ({"any": [soon, never]}, True, 1),
        ({"all": [{"not": soon}, {"not": later}]}, False, 2),
        ({"all": [soon, never]}, False, None),
        ({"any": [{"not": soon}, never]}, False, 1),
        ({"not": {"all": [soon, later]}}, False, 1),
    ):
        result = ask(rule, sheet)
        assert result.holds is is_in
        assert result.next_at == (None if days is None else NOW + days * DAY)


def test_where_very_many_moments_change_nothing_it_is_asked_again_in_between() -> None:
    ahead = make_sheet(events=[event(-number * HOUR, "Seen") for number in range(1, 151)])
    result = ask({"did": {"event": "Seen", "count": {"op": "GE", "value": 1000}}}, ahead)
    assert (result.holds, result.next_at) == (False, None)
    assert result.condition.until == NOW + 101 * HOUR

    every_other_day = make_sheet(events=[event(-number * 2 * DAY, "Seen") for number in range(60)])
    today = {"did": {"event": "Seen", "days": {"from": 0, "to": 0}}}
    result = ask({"any": [today, {"not": today}]}, every_other_day)
    assert result.next_at is not None
    assert holds({"any": [today, {"not": today}]}, every_other_day, result.next_at)


def test_each_condition_tells_its_own_value_and_until_when_it_stays_so() -> None:
    rule = {"all": [{"did": {"event": "Seen", "within": "P7D"}}, {"not": {"trait": {"name": "city", "op": "EXISTS"}}}]}
    condition = ask(rule, make_sheet(events=[event(DAY, "Seen")], traits={"city": "a"})).condition
    seen, unknown = condition.children
    assert (condition.holds, condition.actual) == (False, None)
    assert (seen.holds, seen.actual, seen.until) == (True, 1, NOW + 6 * DAY)
    assert (unknown.holds, unknown.children[0].holds, unknown.children[0].actual) == (False, True, "a")


def test_nobody_without_identifiers_is_in_a_share_and_terms_may_lack_a_cut() -> None:
    assert not holds({"share": {"of": 1, "salt": "x"}}, make_sheet(identifiers={}))
    without = replace(TERMS, cut=None)
    assert ask(metric("RFM_RECENCY", "NE", 5), SHOPPER, terms=without).condition.actual is None


def test_an_answer_that_stays_the_same_at_many_moments_is_asked_again_behind_them() -> None:
    toggle = AskedCondition(Toggle)
    always = AskedTree(AnyOf(()), (toggle, AskedTree(Not(ANYBODY), (toggle,))))
    assert follow(always, NOW) == (True, NOW + 1 + MOST_ROUNDS, None)
    assert follow(toggle, NOW) == (NOW % 2 == 0, NOW + 1, None)


def test_rules_share_a_condition_only_if_it_is_the_same_under_the_same_terms() -> None:
    sheet = make_sheet(events=[event(HOUR, "Paid", total=True)])
    operands = [1, True, "1", 1.0, 2]
    rules = [
        read_rule({"did": {"event": "Paid", "where": [{"name": "total", "op": "EQ", "value": v}]}}) for v in operands
    ]
    apart = [Judge(rule, TERMS).decide(replace(sheet), NOW) for rule in rules]
    assert [Judge(rule, TERMS).decide(sheet, NOW) for rule in [*rules, *rules]] == [*apart, *apart]
    score = Judge(read_rule(metric("RFM_RECENCY", "GE", 1)), TERMS)
    without = Judge(read_rule(metric("RFM_RECENCY", "GE", 1)), replace(TERMS, cut=None))
    assert [judge.holds(SHOPPER, NOW) for judge in (score, without, score, without)] == [True, False, True, False]


class Toggle:
    """A condition that turns at each moment."""

    def look(self, at: Instant) -> Look:
        return Look(at % 2 == 0)

    def moments(self, after: Instant) -> Iterable[Instant]:
        return (after + 1,)
