"""Sentences of rules: what they say, in both languages."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from hypothesis import given

from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.inputs import Inputs, inputs_of
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.ready import load_templates
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sentences import LANGUAGES, say_condition, say_rule
from identity_graph.domain.segments.writing import write_rule
from tests.properties import examples
from tests.worlds.segment_facts import NOW, TERMS, make_sheet
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import times

SNAPSHOT = Path(__file__).parent / "sentences.yaml"
SAID: list[dict[str, Any]] = yaml.safe_load(SNAPSHOT.read_text("utf-8"))


@pytest.mark.parametrize("case", SAID, ids=lambda case: case["en"][:60])
def test_a_rule_says_what_it_means(case: dict[str, Any]) -> None:
    rule = read_rule(case["rule"])
    assert say_condition(rule, TERMS) == case["en"]
    assert say_condition(rule, TERMS, "zh") == case["zh"]


@pytest.mark.parametrize("case", SAID, ids=lambda case: case["en"][:60])
def test_a_rule_of_each_kind_is_written_as_it_was_read_and_reads_something(case: dict[str, Any]) -> None:
    rule = read_rule(case["rule"])
    assert write_rule(rule) == case["rule"]
    assert inputs_of(rule, TERMS.catalogue) != Inputs()


def test_both_languages_have_the_same_phrases_with_the_same_places() -> None:
    def places(phrase: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(phrase) if name}

    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert english.keys() == chinese.keys()
    for name, phrase in english.items():
        assert places(phrase) == places(chinese[name]), name


def test_every_phrase_is_said_somewhere() -> None:
    said = " ".join(case["en"] for case in SAID) + " ".join(
        say_rule(draft.rule, TERMS, audience=draft.audience) for draft in load_templates().values()
    )
    for name, phrase in LANGUAGES["en"].items():
        pieces = [piece for piece in re.split(r"\{\w+\}", phrase) if len(piece.strip()) > 2]
        assert all(piece in said for piece in pieces), name


def test_the_whole_sentence_names_the_audience() -> None:
    rule = read_rule({"hasIdentifier": "phone"})
    assert say_rule(rule, TERMS).startswith("Known customers for whom an identifier of")
    assert say_rule(rule, TERMS, audience=Audience.ALL).startswith("All customers, anonymous ones too,")
    assert say_rule(rule, TERMS, "zh-Hans").startswith("满足以下条件的已识别客户")
    assert say_rule(rule, TERMS, "fr") == say_rule(rule, TERMS)


@examples(60)
@given(rule=times().flatmap(written_rules))
def test_every_rule_can_be_said_in_both_languages(rule: dict[str, Any]) -> None:
    parsed = read_rule(rule)
    for language in LANGUAGES:
        said = say_rule(parsed, TERMS, language)
        assert not re.search(r"[{}]|None|  |Operator|\bmicros\b", said), said


def test_each_condition_of_an_answer_says_what_it_means() -> None:
    rule = read_rule({"all": [{"not": {"trait": {"name": "city", "op": "EXISTS"}}}, {"knownFor": "P7D"}]})
    result = evaluate(rule, make_sheet(), NOW, TERMS)
    unknown, known = result.condition.children
    assert unknown.sentence(TERMS) == "“city” is unknown"
    assert unknown.children[0].sentence(TERMS, "zh") == "“city”已知"
    assert known.sentence(TERMS) == "they have been known for at least 7 days (168 hours)"
