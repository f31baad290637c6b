from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.store.driver.graph import Graph
from tests.builders import customer, seed

Ask = Callable[..., Awaitable[Any]]
See = Callable[..., Awaitable[str]]

LOOKUP = """query($value: String!, $namespace: String) {
  lookup(value: $value, namespace: $namespace) { identifier { key customer { id } } customer { id identifiers { key } } }
}"""


async def _keys(ask: Ask, value: str, namespace: str | None = None) -> list[str]:
    return [match["identifier"]["key"] for match in (await ask(LOOKUP, value=value, namespace=namespace))["lookup"]]


@pytest.mark.parametrize("value", ["+86 138-0013-8000", "13800138000", "0086 138 0013 8000", "+8613800138000"])
async def test_a_lookup_normalises_its_input_and_needs_no_namespace(graph: Graph, ask: Ask, value: str) -> None:
    await seed(graph, customers=[customer("cus_1", identifiers=["phone:+8613800138000", "user_id:u1"])])
    answer = await ask(LOOKUP, value=value)
    assert answer["lookup"] == [
        {
            "identifier": {"key": "phone:+8613800138000", "customer": {"id": "cus_1"}},
            "customer": {"id": "cus_1", "identifiers": [{"key": "user_id:u1"}, {"key": "phone:+8613800138000"}]},
        }
    ]


async def test_a_value_that_several_namespaces_know_matches_in_each_strongest_first(graph: Graph, ask: Ask) -> None:
    keys = ["anonymous_id:42", "crm_id:42", "user_id:42"]
    await seed(graph, customers=[customer(identifiers=[key]) for key in keys])
    assert await _keys(ask, "42") == ["crm_id:42", "user_id:42", "anonymous_id:42"]
    assert await _keys(ask, " 42 ", "user_id") == ["user_id:42"]


@pytest.mark.parametrize("value", ["", "null", "unknown@example.cn", "\x00", "x" * 600, "🎈", "crm_id:42"])
async def test_what_is_unknown_or_no_identifier_matches_nothing(graph: Graph, ask: Ask, value: str) -> None:
    await seed(graph, customers=[customer(identifiers=["crm_id:42"])])
    assert await _keys(ask, value) == []


async def test_accepted_namespaces_that_are_not_declared_are_found_after_the_others(ask: Ask, see: See) -> None:
    yaml = "format: 1\nundeclared: accept\nnamespaces: {user_id: {limit: 1}, loyalty_id: {}}"
    await ask(
        "mutation($yaml: String!) { applyRules(yaml: $yaml, expectedVersion: 1) { rules { version } } }", yaml=yaml
    )
    for key in ("shoe_size:42", "hat_size:42", "user_id:42", "hat_size:43"):
        await see(key)
    keys = ["user_id:42", "hat_size:42", "shoe_size:42"]
    assert await _keys(ask, " 42 ") == keys
    then = 'query { lookup(value: "42", asOf: "2999-01-01T00:00:00Z") { identifier { key } } }'
    assert [match["identifier"]["key"] for match in (await ask(then))["lookup"]] == keys
    known = (await ask('{ lookup(value: "43") { customer { createdAt } } }'))["lookup"][0]["customer"]["createdAt"]
    await ask('mutation { retractObservation(source: "test", messageId: "m4") { stillLinked } }')
    past = 'query($at: DateTime) { lookup(value: "43", asOf: $at) { identifier { key } } }'
    assert await ask(past, at=known) == {"lookup": [{"identifier": {"key": "hat_size:43"}}]}
    assert await _keys(ask, "43") == []


async def test_a_namespace_that_the_rules_lack_is_an_error_that_names_those_they_have(ask: Ask) -> None:
    (error,) = await ask(LOOKUP, fails=True, value="42", namespace="emial")
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "namespace": "emial"}
    assert "email" in error["message"]
