"""Regular expressions of rules: in linear time, or refused."""

import time

import pytest

from identity_graph.domain.rules.difference import compare
from identity_graph.domain.rules.file import parse_rules, parse_stored_rules
from identity_graph.domain.rules.normalization import BLOCKED, read_identifiers
from identity_graph.domain.rules.patterns import Pattern, PatternError
from identity_graph.domain.values.identifiers import Identifier, RawIdentifier
from identity_graph.errors import RulesError

LOOK_AHEAD = "namespaces:\n  card:\n    blocked: [lost, '/^(?!9)/']\n  mail:\n"


def test_an_expression_is_found_anywhere_in_a_value() -> None:
    assert Pattern(r"b\d").matches("ab1")
    assert not Pattern(r"^b\d").matches("ab1")
    assert Pattern(r"(?i)^ä").matches("Äh")
    assert Pattern("é$").matches("\ud800é"), "half a character is no error"


def test_an_expression_that_would_take_python_for_ever_takes_no_time() -> None:
    begun = time.perf_counter()
    assert not Pattern(r"^(a+)+$").matches("a" * 500 + "b")
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("text", ["(?=a)", r"(a)\1", "(", "\ud800"])
def test_what_cannot_be_run_in_linear_time_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        Pattern(text)


def test_what_is_refused_is_named_with_line_and_column() -> None:
    with pytest.raises(RulesError) as caught:
        parse_rules(LOOK_AHEAD, name="rules.yaml")
    assert str(caught.value) == (
        "rules.yaml:3: namespaces.card.blocked[1]: not a regular expression: invalid perl operator: (?! at column 24; "
        "RE2 runs it, which has no look-ahead, no look-behind and no back-references"
    )
    assert LOOK_AHEAD.splitlines()[2][23:26] == "(?!"


def test_rules_that_a_graph_has_are_read_and_block_all_values_rather_than_let_one_through() -> None:
    rules = parse_stored_rules(LOOK_AHEAD, name="rules version 1")
    assert rules.unread_namespaces == ["card"]
    usable, ignored = read_identifiers([RawIdentifier("card", "9"), RawIdentifier("mail", "9")], rules)
    assert usable == (Identifier("mail", "9"),)
    assert [(one.value, one.code) for one in ignored] == [("9", BLOCKED)]
    repaired = parse_rules(LOOK_AHEAD.replace("/^(?!9)/", "/^[^9]/"))
    assert repaired.unread_namespaces == []
    assert compare(rules, repaired).reading == {"card"}


def test_stored_rules_that_are_none_are_still_refused() -> None:
    with pytest.raises(RulesError):
        parse_stored_rules("namespaces: 1", name="rules version 1")
