"""Rules are read as they are written, written as they were read, and refused with the place of what is wrong."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.segments.file import parse_segment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience, EventRule, Occurrence
from identity_graph.domain.segments.writing import write_rule
from identity_graph.errors import SegmentError
from tests.properties import examples
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import times

SEEN: dict[str, Any] = {"event": "Seen"}


@examples(100)
@given(rule=times().flatmap(written_rules))
def test_a_rule_is_written_as_it_was_read(rule: dict[str, Any]) -> None:
    assert write_rule(read_rule(rule)) == rule


@examples(60)
@given(rule=times().flatmap(written_rules), flow=st.booleans())
def test_a_rule_in_yaml_is_the_same_rule(rule: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump({"name": "x", "rule": rule}, default_flow_style=flow, sort_keys=False, allow_unicode=True)
    assert write_rule(parse_segment(text).rule) == rule


def test_null_is_absent_and_a_default_may_be_said() -> None:
    rule = read_rule({"did": {**SEEN, "where": None, "within": None, "pick": "ANY", "channel": None}})
    assert rule == EventRule(event="Seen", pick=Occurrence.ANY)
    assert write_rule(rule) == {"did": SEEN}
    assert write_rule(read_rule({"metric": {"name": "ORDERS", "op": "EQ", "value": 1, "percentile": False}})) == {
        "metric": {"name": "ORDERS", "op": "EQ", "value": 1}
    }


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (None, "rule: expected the fields all, any"),
        ([], "got an empty list"),
        ({}, "rule: expected exactly one of all, any, not"),
        ({"did": SEEN, "knownFor": "P1D"}, "got did and knownFor; join several by all or any"),
        ({"al": []}, "al: unknown field; did you mean 'all'?"),
        ({"all": []}, "all: expected a list of at least one condition, got an empty list"),
        ({"any": {"did": SEEN}}, "any: expected a list of at least one condition, got fields"),
        ({"not": {"all": [{"did": {}}]}}, "not.all[0].did.event: expected the name of an event, got nothing"),
        ({"did": {"event": " "}}, "did.event: expected the name of an event, of at most 1024 characters, got ' '"),
        ({"did": {"event": 7}}, "did.event: expected the name of an event, got 7"),
        ({"did": {**SEEN, "channel": "WAB"}}, "did.channel: expected one of WEB, APP"),
        ({"did": {**SEEN, "channel": 1.5}}, "got 1.5"),
        ({"did": {**SEEN, "within": "P1M"}}, "months and years are not of one length: count them, and weeks, in days"),
        ({"did": {**SEEN, "within": "P2W"}}, "in days"),
        ({"did": {**SEEN, "within": "P0D"}}, "above zero and up to P36500D, got 'P0D'"),
        ({"did": {**SEEN, "within": 3}}, "did.within: expected an ISO 8601 duration"),
        ({"did": {**SEEN, "within": "P1D", "from": "2026-01-01T00:00:00Z"}}, "say only one of within, between, days"),
        ({"did": {**SEEN, "between": {"from": "P1D", "to": "P2D"}}}, "between.from: must be the longer one"),
        ({"did": {**SEEN, "between": {"from": "P1D"}}}, "between.to: expected an ISO 8601 duration"),
        ({"did": {**SEEN, "days": {"from": 1, "to": 2}}}, "days.from: must be the day further back"),
        ({"did": {**SEEN, "days": {"from": -1, "to": 0}}}, "days.from: expected a whole number from 0 to 36,500, got -1"),
        ({"did": {**SEEN, "from": "2026-01-01"}}, "did.from: has no offset from UTC"),
        (
            {"did": {**SEEN, "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}},
            "did.to: must be after from",
        ),
        ({"did": {**SEEN, "count": {"op": "BETWEEN", "value": 1}}}, "count.op: expected one of EQ, NE, LT, LE, GT, GE"),
        ({"did": {**SEEN, "measure": {"as": "SUM", "op": "GE", "value": 1}}}, "measure.of: missing; the SUM of which"),
        ({"did": {**SEEN, "measure": {"as": "DAYS", "of": "x", "op": "GE", "value": 1}}}, "takes no property"),
        ({"did": {**SEEN, "where": []}}, "did.where: expected a list of conditions on properties, got an empty list"),
        ({"did": {**SEEN, "where": [1]}}, "did.where[0]: expected the fields name, op, value, got 1"),
        ({"trait": {"name": "a", "op": "EQ"}}, "trait.value: missing; what is it compared with? EQ needs a value"),
        ({"trait": {"name": "a", "op": "EXISTS", "value": True}}, "EXISTS takes no value"),
        ({"trait": {"name": "a", "op": "EQ", "value": ""}}, "to find those without a value, write not around EXISTS"),
        ({"trait": {"name": "a", "op": "EQ", "value": [1]}}, "expected a text, a number, or true or false, got a list"),
        ({"trait": {"name": "a", "op": "EQ", "value": 10**30}}, "got 1000000000"),
        ({"trait": {"name": "a", "op": "EQ", "value": object()}}, "got a object"),
        ({"trait": {"name": "a", "op": "EQ", "value": "x" * 2000}}, "xxx…"),
        ({"trait": {"name": "a", "op": "IN", "value": 1}}, "trait.value: expected a list of values, got 1"),
        ({"trait": {"name": "a", "op": "IN", "value": [None]}}, "value[0]: expected a text"),
        ({"trait": {"name": "a", "op": "BETWEEN", "value": [1]}}, "a list of two values, the smaller one first, got 1"),
        ({"metric": {"name": "ORDERS", "op": "EQ", "value": 1, "percentile": 1}}, "percentile: expected true or false"),
        ({"metric": {"name": "ORDRS", "op": "EQ", "value": 1}}, "did you mean 'ORDERS'?"),
        ({"sequence": {"steps": [], "within": "P1D"}}, "sequence.steps: expected a list of events"),
        ({"sequence": {"steps": [{"event": ""}], "within": "P1D"}}, "sequence.steps[0].event: expected"),
        ({"sequence": {"steps": [SEEN], "within": "P1D", "same": ["x"] * 21}}, "has 21 entries; at most 20 are taken"),
        ({"sequence": {"steps": [SEEN], "within": "P1D", "without": {"evnt": "x"}}}, "without.evnt: unknown field"),
        ({"share": {"of": 0, "salt": "x"}}, "share.of: expected a share above 0 and up to 1"),
        ({"share": {"of": True, "salt": "x"}}, "got true"),
        ({"share": {"of": 0.1}}, "share.salt: expected a salt"),
        ({"consent": {"purpose": "ads", "state": False}}, "consent.state: expected one of GRANTED, DENIED, WITHDRAWN, got false"),
        ({"hasIdentifier": ["phone"]}, "hasIdentifier: expected a namespace, got a list"),
        ({"seenOn": {}}, "seenOn.channel: expected one of WEB"),
        ({"all": [{"did": SEEN}] * 300}, "all: has more than 200 conditions"),
        ({"all": [{"all": [{"did": SEEN}] * 150}] * 2}, "rule: has more than 200 conditions"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(rule: Any, problem: str) -> None:
    with pytest.raises(SegmentError) as error:
        read_rule(rule)
    assert problem in error.value.message
    assert error.value.facts["problems"] == error.value.message.splitlines()


def test_a_file_is_read_with_all_that_a_segment_has() -> None:
    draft = parse_segment(
        """
name: Seen lately
description: Whoever was seen.
audience: ALL
purpose: ads
rule: {did: {event: Seen, within: P7D}}
"""
    )
    assert (draft.name, draft.description, draft.audience, draft.purpose) == (
        "Seen lately",
        "Whoever was seen.",
        Audience.ALL,
        "ads",
    )


def test_values_of_yaml_are_what_they_look_like() -> None:
    text = """
name: "12"
rule:
  any:
    - trait: {name: a, op: IN, value: [NO, no, 012, 12:30, 1.5, 7, true, "7", 2026-01-31, .inf]}
    - trait: {name: b, op: EXISTS, value: ~}
"""
    rule = write_rule(parse_segment(text).rule)
    assert rule["any"][0]["trait"]["value"] == ["NO", "no", "012", "12:30", 1.5, 7, True, "7", "2026-01-31", ".inf"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "name: x\nrule:\n  all:\n    - did: {event: A}\n    - did:\n        evnt: A",
            "s.yaml:6: rule.all[1].did.evnt: unknown",
        ),
        ("name: x\nrule:\n  all:\n    - did: {event: A}\n    - did: {}", "s.yaml:5: rule.all[1].did.event: expected"),
        ("name: x", "s.yaml:1: rule: expected the fields all, any"),
        ("rule: {did: {event: A}}", "s.yaml:1: name: expected the name of the segment, got nothing"),
        ("name: x\nname: y\nrule: {did: {event: A}}", "s.yaml:2: name: given twice"),
        ("name: x\n1: y\n? [a]\n: z", "a name for a key"),
        ("name: !!python/name:os x", "s.yaml:1: name: expected a plain value, got the YAML tag"),
        ("name: x\nrule: " + "{not: " * 200 + "}" * 200, "is nested too deeply"),
        ("name: x\nrule: &a {all: [*a]}", "is nested too deeply"),
        (
            "name: x\na: &a [1, 1]\n"
            + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True)),
            "has more than 50,000 values",
        ),
        ("- a", "s.yaml:1: expected the fields name, description, audience, purpose, rule, got a list"),
        ("name: [", "not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(SegmentError) as error:
        parse_segment(text, name="s.yaml")
    assert problem in error.value.message


def test_of_very_many_problems_the_first_are_told_and_the_rest_is_counted() -> None:
    with pytest.raises(SegmentError) as error:
        read_rule({"any": [{"trait": {"name": "a", "op": "IN", "value": [{}] * 10}}] * 20})
    assert len(error.value.facts["problems"]) == 101
    assert error.value.message.endswith("\nand 100 more problems")
