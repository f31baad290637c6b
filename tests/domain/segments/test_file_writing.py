"""A segment that is written as a file reads back as the same segment."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.segments.file import SegmentDraft, parse_segment, write_segment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from tests.properties import examples
from tests.worlds.segment_facts import NOW
from tests.worlds.segment_rules import Written, written_rules

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


@examples(60)
@given(written_rules(NOW), TEXTS, st.none() | TEXTS, st.sampled_from(Audience))
def test_a_written_segment_reads_back(rule: Written, name: str, description: str | None, audience: Audience) -> None:
    draft = SegmentDraft(
        name=name, rule=read_rule(rule), description=description, audience=audience, purpose=description
    )
    assert parse_segment(write_segment(draft)) == draft


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "null",
        "~",
        "2026-01-01",
        "1e3",
        "0x10",
        "01",
        "1_000",
        "12:30",
        ".5",
        "=",
        "a: b",
        "# x",
        "true",
        "-",
        "\n",
        "0\x85",
        "a\u2028b",
    ],
)
def test_a_text_that_looks_like_something_else_stays_a_text(value: str) -> None:
    rule: Any = read_rule({"trait": {"name": "x", "op": "IN", "value": [value if value.strip() else "a\nb"]}})
    draft = SegmentDraft(name="n", rule=rule)
    assert parse_segment(write_segment(draft)) == draft
