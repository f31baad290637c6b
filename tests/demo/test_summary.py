"""The answer that the demo prints is the answer, laid out to be read."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.demo.summary import QUERY, format_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_the_layout_changes_nothing(value: Any) -> None:
    assert json.loads(format_json(value)) == value


def test_a_list_of_small_objects_reads_as_a_table() -> None:
    assert format_json({"a": [{"b": 1, "c": "x"}]}) == '{\n  "a": [\n    {"b": 1, "c": "x"}\n  ]\n}'


def test_the_query_is_ready_to_paste() -> None:
    text = QUERY.format(value="+8613800138000")
    assert 'lookup(value: "+8613800138000")' in text
    assert text.count("{") == text.count("}")


def test_a_short_object_of_objects_is_one_line_and_a_long_one_is_not() -> None:
    node = {"node": {"id": "1", "total": {"amount": "5"}}}
    assert (
        format_json({"edges": [node]}) == '{\n  "edges": [\n    {"node": {"id": "1", "total": {"amount": "5"}}}\n  ]\n}'
    )
    assert format_json({"node": {"id": "x" * 120}}) == '{\n  "node": {"id": "' + "x" * 120 + '"}\n}'
