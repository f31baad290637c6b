"""A rule as an argument of GraphQL is the same rule as in a file: one meaning, one reader."""

import json
from typing import Any

import pytest
import strawberry
from hypothesis import given
from strawberry.schema.config import StrawberryConfig

from api.graphql.base.scalars import JSON, SCALARS
from api.graphql.segments.inputs import RuleInput
from api.graphql.segments.written import write_input
from identity_graph.domain.segments.reading import CONDITIONS, read_rule
from identity_graph.domain.segments.writing import write_rule
from tests.properties import examples
from tests.worlds.segment_facts import NOW
from tests.worlds.segment_rules import Written, written_rules


@strawberry.type
class _Query:
    @strawberry.field
    def read(self, rule: RuleInput) -> JSON:
        return JSON(write_input(rule))


SCHEMA = strawberry.Schema(query=_Query, config=StrawberryConfig(scalar_map=SCALARS))
_WORDS = ("op", "as", "pick", "channel", "state")


def _ask(document: str, **variables: Any) -> Any:
    answer = SCHEMA.execute_sync(document, variable_values=variables)
    assert answer.errors is None, answer.errors
    return (answer.data or {})["read"]


def _literal(value: Any, path: tuple[str, ...] = ()) -> str:
    """Write a rule as it stands in a document."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_literal(item, (*path, key))}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(_literal(item, path) for item in value) + "]"
        case str() if path[-1] in _WORDS or path[-2:] == ("metric", "name"):
            return value
        case _:
            return json.dumps(value)


@examples(60)
@given(written_rules(NOW))
def test_a_rule_of_a_file_is_an_argument_and_reads_the_same(rule: Written) -> None:
    by_variable = _ask("query($rule: RuleInput!) { read(rule: $rule) }", rule=rule)
    in_the_document = _ask("{ read(rule: " + _literal(rule) + ") }")
    assert read_rule(by_variable) == read_rule(in_the_document) == read_rule(rule)
    assert write_rule(read_rule(by_variable)) == write_rule(read_rule(rule))


def test_every_condition_of_a_file_is_a_field_of_the_argument() -> None:
    names = SCHEMA._schema.type_map["RuleInput"].fields  # pyright: ignore[reportAttributeAccessIssue]
    assert tuple(names) == CONDITIONS


def test_a_moment_is_read_back_as_it_was_written() -> None:
    rule = {"did": {"event": "A", "from": "2026-01-31T08:00:00+08:00", "to": "2026-02-01T00:00Z"}}
    assert write_rule(read_rule(_ask("query($rule: RuleInput!) { read(rule: $rule) }", rule=rule))) == rule


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "exactly one"),
        ({"knownFor": "P1D", "inSegment": "seg_1"}, "exactly one"),
        ({"knownFor": None}, "must be non-null"),
        ({"all": [{"trait": {"name": "x", "op": "LIKE"}}]}, "all[0].trait.op"),
        ({"did": {"event": "A", "form": "2026-01-01T00:00:00Z"}}, "did you mean"),
        ({"did": {"event": "A", "from": "2026-01-01"}}, "offset"),
    ],
)
def test_what_the_schema_itself_refuses_names_the_place(rule: Any, said: str) -> None:
    answer = SCHEMA.execute_sync("query($rule: RuleInput!) { read(rule: $rule) }", variable_values={"rule": rule})
    assert answer.data is None
    assert said.lower() in " ".join(error.message for error in answer.errors or []).lower()
