"""docs/segments.md: its rules are valid and say what it tells, and it names all that there is."""

import re
from pathlib import Path

import pytest

from identity_graph.domain.segments.checking import Known
from identity_graph.domain.segments.file import parse_segment
from identity_graph.domain.segments.reading import CONDITIONS, DEEPEST, MOST_CONDITIONS
from identity_graph.domain.segments.ready import template_names
from identity_graph.domain.segments.rule_tree import Audience, Measure, Metric, Occurrence, Operator
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.domain.segments.types import ORDER_TYPES
from identity_graph.errors import SegmentError
from tests.worlds.segment_facts import TERMS

TEXT = (Path(__file__).parents[3] / "docs" / "segments.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)


def test_the_first_rule_says_what_the_page_tells() -> None:
    draft = parse_segment(BLOCKS[0][1], known=Known(TERMS))
    quoted = re.search(r"^> (.*?)\n\n", TEXT, re.DOTALL | re.MULTILINE)
    assert quoted is not None
    assert quoted[1].replace("\n> ", " ") == say_rule(draft.rule, TERMS, audience=draft.audience)


def test_the_problem_of_the_page_is_the_one_that_is_told() -> None:
    wrong = BLOCKS[0][1].replace("- not: {seenOn: {channel: APP}}", "- trait: {name: city, op: LT, value: a}")
    moved = "\n".join(["name: x", "rule:", "  all:", "    - did: {event: A}", "", *wrong.splitlines()[-1:]])
    with pytest.raises(SegmentError) as error:
        parse_segment(moved, name="abandoners.yaml", known=Known(TERMS))
    assert error.value.message == BLOCKS[1][1].strip()


def test_every_fenced_block_of_the_page_is_tried() -> None:
    """The rule and the problem above are all that there is."""
    assert [language for language, _ in BLOCKS] == ["yaml", "text"]


def test_the_page_names_all_that_there_is() -> None:
    words = (*CONDITIONS, *Operator, *Metric, *Measure, *Occurrence, *Audience, *ORDER_TYPES, *template_names())
    for word in words:
        assert re.search(rf"`[^`]*\b{word}\b[^`]*`", TEXT), word
    assert f"up to {DEEPEST} levels deep and up to {MOST_CONDITIONS} conditions" in TEXT
