"""A rule is checked against what there is before it is saved."""

from typing import Any

import pytest

from identity_graph.domain.segments.checking import Known, check_purpose, check_rule
from identity_graph.domain.segments.cycles import find_cycle, in_order, segments_used, users_of
from identity_graph.domain.segments.file import parse_segment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.errors import SegmentError
from tests.worlds.segment_facts import TERMS, make_terms

SEEN: dict[str, Any] = {"event": "Seen"}
OWN_BOUNDARIES = """
time_zone: ZONE
rfm: {method: boundaries, recency: [1], frequency: [2], monetary: [3]}
traits:
  grade: {type: text, values: [gold, silver]}
  labels: {type: text, policy: union, values: [a, b]}
  extras: {type: object}
"""


def trait(name: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"trait": {"name": name, "op": op, **({} if value is None else {"value": value}), **more}}


def metric(name: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"metric": {"name": name, "op": op, "value": value, **more}}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (trait("city", "LT", "a"), "trait.op: LT makes no sense for the trait 'city', which is of the type text; use one of EQ, NE"),
        (trait("tags", "EQ", "a"), "use one of CONTAINS, EXISTS"),
        (trait("level", "GT", 1), "which is of the type text"),
        (trait("city", "EQ", 5), "trait.value: expected a text, got 5"),
        (trait("points", "IN", [1, "2", "3"]), "trait.value: expected a number, got '2'"),
        (trait("weight", "EQ", 1e-30), "expected a number of at most 18 digits"),
        (trait("visits", "EQ", "many"), "expected a number, got 'many'"),
        (trait("member", "EQ", "true"), "expected true or false, got 'true'"),
        (trait("birthday", "EQ", "2026-13-01"), "expected a date, such as 2026-01-31; a date has no time of day"),
        (trait("renewed", "GE", "2026-01-31T08:00:00"), "or a moment that names its offset"),
        (trait("birthday", "BETWEEN", ["2026-02-01", "2026-01-01"]), "the smaller value must come first"),
        (trait("renewed", "BETWEEN", ["2026-01-01", "2026-02-01T00:00:00Z"]), "both be of one kind"),
        (trait("anything", "BETWEEN", ["2026-01-01", 5]), "both be of one kind"),
        (trait("points", "BETWEEN", [2, 1]), "the smaller value must come first"),
        (trait("anything", "GT", value=True), "true and false have no order"),
        (trait("anything", "GT", "a"), "texts have no order"),
        (trait("anything", "STARTS_WITH", 5), "expected a text, got 5"),
        (trait("anything", "EQ", 1e-30), "at most 18 digits"),
        (trait("renewed", "WITHIN_LAST", "P1M"), "trait.value: expected an ISO 8601 duration"),
        (trait("renewed", "WITHIN_LAST", 5), "got 5"),
        (trait("birthday", "ANNIVERSARY_WITHIN", "P200D"), "can be at most 180 days ahead"),
        (trait("renewed", "WITHIN_LAST", "P1D", heldFor="P1D"), "trait.heldFor: WITHIN_LAST changes with time by itself"),
        (metric("LIFECYCLE", "EQ", "CHURNT"), "metric.value: 'CHURNT' is no possible value; did you mean 'CHURNED'?"),
        (metric("PREFERRED_CHANNEL", "IN", ["WEB", "FAX"]), "'FAX' is no possible value"),
        (metric("LIFECYCLE", "GT", "NEW"), "GT makes no sense for the metric LIFECYCLE"),
        (metric("RFM_RECENCY", "EQ", 0), "a score is from 1 to 9"),
        (metric("ORDERS", "GE", 80, percentile=True), "percentages are those of the RFM cut; use one of RFM_RECENCY"),
        (metric("RFM_RECENCY", "GE", 85, percentile=True), "the cut tells apart 0, 20, 40, 60, 80 percent"),
        ({"did": {**SEEN, "where": [{"name": "x", "op": "GT", "value": "a"}]}}, "did.where[0].value: texts have no order"),
        ({"did": {**SEEN, "measure": {"as": "DAYS", "op": "CONTAINS", "value": 1}}}, "did.measure.op: CONTAINS makes no sense"),
        ({"did": {**SEEN, "pick": "FIRST", "count": {"op": "GE", "value": 2}}}, "did.pick: FIRST means one occurrence"),
        ({"sequence": {"steps": [SEEN], "within": "P1D"}}, "sequence.steps: one event is no sequence"),
        ({"sequence": {"steps": [SEEN], "within": "P1D", "without": {**SEEN, "within": "P1D"}}}, "leave its times out"),
        (
            {"sequence": {"steps": [SEEN, {**SEEN, "count": {"op": "GE", "value": 2}}], "within": "P1D"}},
            "sequence.steps[1]: an event of a sequence is any one event",
        ),
        ({"ordered": {"where": [{"name": "amount", "op": "GT", "value": 1}]}}, "orders have no property 'amount'"),
        ({"ordered": {"where": [{"name": "state", "op": "EQ", "value": "LOST"}]}}, "'LOST' is no possible value"),
        ({"ordered": {"where": [{"name": "total", "op": "EQ", "value": "a"}]}}, "ordered.where[0].value: expected a number"),
        ({"hasIdentifier": "fone"}, "hasIdentifier: the rules know no namespace 'fone'; did you mean 'phone'?"),
        ({"not": {"joinedBy": "zzz"}}, "not.joinedBy: the rules know no namespace 'zzz'; known are crm_id"),
        ({"inSegment": "seg_9"}, "inSegment: there is no segment 'seg_9'; did you mean 'seg_1'?"),
        ({"inSegment": "other"}, "there is no segment 'other'; save it first"),
        ({"inSegment": "me"}, "rule: a segment cannot depend on itself: me → me; take one"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_the_problem_says_what_to_do(rule: dict[str, Any], problem: str) -> None:
    known = Known(TERMS, {"seg_1": read_rule({"did": SEEN})}, own="me")
    found = check_rule(read_rule(rule), known).problems
    assert any(problem in one.text for one in found), [one.text for one in found]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (trait("grade", "IN", ["gold", "bronze"]), "'bronze' is no possible value; known are gold, silver"),
        (trait("extras", "CONTAINS", "a"), "use one of EXISTS"),
        (metric("RFM_RECENCY", "GE", 80, percentile=True), "boundaries of its own, so percentages are unknown"),
    ],
)
def test_what_the_catalogue_says_counts(rule: dict[str, Any], problem: str) -> None:
    terms = make_terms(catalogue=OWN_BOUNDARIES, has_cut=False)
    found = check_rule(read_rule(rule), Known(terms)).problems
    assert any(problem in one.text for one in found), [one.text for one in found]


@pytest.mark.parametrize(
    "rule",
    [
        trait("grade", "EQ", "gold"),
        trait("grade", "EXISTS"),
        trait("labels", "CONTAINS", "z"),
        {"joinedBy": "phone"},
        {"consent": {"purpose": "ads", "state": "GRANTED"}},
        {"permitted": {"purpose": "marketing", "channel": "SMS"}},
        metric("QUALITY", "BETWEEN", [0.5, 1]),
        trait("undeclared", "BETWEEN", ["2026-01-01T08:00:00+08:00", "2026-01-01T01:00:00Z"]),
    ],
)
def test_what_makes_sense_is_taken(rule: dict[str, Any]) -> None:
    terms = make_terms(catalogue=OWN_BOUNDARIES, has_cut=False)
    assert check_rule(read_rule(rule), Known(terms)).problems == ()


def test_what_is_worth_a_look_is_a_warning() -> None:
    rule = {"all": [trait("citty", "EXISTS"), metric("RFM_RECENCY", "GE", 4), {"seenOn": {"channel": "OTHER"}}]}
    checked = check_rule(read_rule(rule), Known(make_terms(has_cut=False)))
    assert checked.problems == ()
    texts = [one.text for one in checked.warnings]
    assert texts[0].startswith("all[0].trait.name: the catalogue does not declare the trait 'citty'")
    assert "did you mean 'city'?" in texts[0]
    assert "no RFM cut was made yet" in texts[1]
    assert "OTHER" in texts[2]
    assert check_rule(read_rule(metric("RFM_RECENCY", "GE", 4)), Known(TERMS)).warnings == ()


def test_a_file_is_checked_with_its_lines() -> None:
    text = "name: x\nrule:\n  any:\n    - did: {event: A}\n    - trait: {name: city, op: LT, value: a}\n"
    with pytest.raises(SegmentError, match=r"s\.yaml:5: rule\.any\[1\]\.trait\.op: LT makes no sense"):
        parse_segment(text, name="s.yaml", known=Known(TERMS))
    assert parse_segment(text.replace("LT", "EQ"), known=Known(TERMS)).name == "x"
    cycle = Known(TERMS, {"b": read_rule({"inSegment": "a"})}, own="a")
    with pytest.raises(SegmentError, match="segment:2: rule: a segment cannot depend on itself"):
        parse_segment("name: x\nrule: {inSegment: b}", known=cycle)


def test_segments_are_called_by_their_names_where_these_are_known() -> None:
    names = {"seg_1": "Churned", "me": "Big spenders"}
    known = Known(TERMS, {"seg_1": read_rule({"inSegment": "me"})}, own="me", names=names)
    cycle, unknown = (check_rule(read_rule({"inSegment": id}), known).problems for id in ("seg_1", "Churned"))
    assert [one.text for one in cycle] == [
        "rule: a segment cannot depend on itself: Big spenders → Churned → Big spenders; take one of these conditions out"
    ]
    assert [one.text for one in unknown] == [
        "inSegment: there is no segment 'Churned'; segments are named by their ids: write 'seg_1'"
    ]


def uses(*segments: str) -> Any:
    return read_rule({"any": [{"inSegment": segment} for segment in segments] or [{"did": SEEN}]})


def test_cycles_are_found_however_long_and_what_only_leads_to_one_is_none() -> None:
    rules = {"a": uses("b", "c"), "b": uses("d"), "c": uses("d", "gone"), "d": uses("b")}
    assert find_cycle("a", rules) is None
    assert find_cycle("b", rules) == ["b", "d", "b"]
    assert find_cycle("a", {**rules, "d": uses("a")}) in (["a", "b", "d", "a"], ["a", "c", "d", "a"])
    assert segments_used(uses("b", "c", "b")) == ("b", "c")
    assert users_of("d", rules) == ["b", "c"]


def test_each_segment_comes_after_all_that_it_uses() -> None:
    order = in_order({"a": uses("b", "c"), "b": uses("c"), "c": uses(), "d": uses("a", "gone")})
    assert order == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    ("permitted", "problem"),
    [
        ({"purpose": "adds"}, "permitted.purpose: the catalogue declares no purpose 'adds'; did you mean 'ads'?"),
        ({"purpose": "ads", "channel": "SMS"}, "nobody is contacted through SMS for 'ads'; channels are none"),
        ({"purpose": "marketing", "channel": "STORE"}, "channels are APP, CALL_CENTRE, EMAIL, SMS,"),
    ],
)
def test_what_is_permitted_is_of_a_purpose_and_a_channel_of_the_catalogue(
    permitted: dict[str, Any], problem: str
) -> None:
    found = check_rule(read_rule({"permitted": permitted}), Known(make_terms())).problems
    assert any(problem in one.text for one in found), [one.text for one in found]


def test_a_consent_to_what_the_catalogue_does_not_declare_is_worth_a_look() -> None:
    rule = read_rule({"consent": {"purpose": "adds", "state": "GRANTED"}})
    (warning,) = check_rule(rule, Known(make_terms())).warnings
    assert warning.text == "consent.purpose: the catalogue declares no purpose 'adds'; did you mean 'ads'?"


def test_the_purpose_of_a_segment_is_one_of_the_catalogue() -> None:
    assert [*check_purpose(None, make_terms()), *check_purpose("ads", make_terms())] == []
    (problem,) = check_purpose("adds", make_terms())
    assert problem.path == "purpose"
