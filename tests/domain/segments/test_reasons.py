"""The reason of a transition is the condition that turned, as a sentence."""

from typing import Any

import pytest

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.reasons import MOST_LETTERS, NOT_OF_THE_AUDIENCE, say_reason
from identity_graph.domain.segments.rule_tree import Audience
from tests.worlds.segment_facts import DAY, NOW, TERMS, event, make_sheet

PAID, SEEN = {"did": {"event": "Paid"}}, {"did": {"event": "Seen"}}
EVENTS = make_sheet(events=[event(DAY, "Paid"), event(DAY, "Seen")])


def reason(rule: dict[str, Any], sheet: Any = EVENTS, changed: Inputs | None = None) -> str:
    return say_reason(evaluate(read_rule(rule), sheet, NOW, TERMS), None, changed, TERMS)


def test_of_conditions_that_all_decide_the_one_that_reads_what_changed_is_named() -> None:
    both = {"all": [PAID, SEEN]}
    assert reason(both) == "“Paid” happened at least once"
    assert reason(both, changed=Inputs(events=frozenset({"Seen"}))) == "“Seen” happened at least once"
    assert reason({"any": [{"did": {"event": "Cart"}}, SEEN]}) == "“Seen” happened at least once"


def test_who_left_is_told_what_is_no_longer_so() -> None:
    assert reason({"all": [PAID, {"did": {"event": "Cart"}}]}) == "No longer so: “Cart” happened at least once"
    assert reason({"any": [{"did": {"event": "Cart"}}]}).startswith("No longer so: ")
    assert reason({"not": {"did": {"event": "Cart"}}}) == "“Cart” did not happen"


def test_where_time_decides_the_condition_that_was_otherwise_before_is_named() -> None:
    rule = read_rule({"all": [PAID, {"not": {"did": {"event": "Seen", "within": "P1D"}}}]})
    now, before = evaluate(rule, EVENTS, NOW, TERMS), evaluate(rule, EVENTS, NOW - 1, TERMS)
    assert (before.holds, now.holds) == (False, True)
    assert "Seen" in say_reason(now, before, None, TERMS)


def test_faults_and_audiences_are_reasons_too() -> None:
    faulty = evaluate(read_rule({"hasIdentifier": "unknown"}), EVENTS, NOW, TERMS)
    assert say_reason(faulty, None, None, TERMS).startswith("The rule cannot be evaluated: ")
    visitor = make_sheet(identifiers={"anonymous_id:a": NOW - DAY}, events=EVENTS.events)
    unknown = evaluate(read_rule(PAID), visitor, NOW, TERMS, Audience.KNOWN)
    assert say_reason(unknown, None, None, TERMS) == NOT_OF_THE_AUDIENCE


@pytest.mark.parametrize("letters", [10, 2000])
def test_a_reason_is_never_longer_than_a_few_lines(letters: int) -> None:
    name = "x" * letters
    sheet = make_sheet(events=[event(DAY, name[:200])])
    said = reason({"not": {"all": [{"did": {"event": name[:200]}} for _ in range(max(1, letters // 100))]}}, sheet)
    assert len(said) <= MOST_LETTERS
    assert said.endswith("…") is (letters == 2000)
