"""The audit log has what is read, changed and refused, without a personal value, and costs a read no query."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.graphql.audit.table import MUTATIONS, PERSONAL, QUERIES, SUBSCRIPTIONS
from api.graphql.schema import core_schema
from identity_graph.domain.audit.objects import name_identifier
from identity_graph.service.audit.reading import stream_log, verify_log
from identity_graph.service.core import Service
from identity_graph.store.driver.graph import Graph

Ask = Callable[..., Awaitable[Any]]
See = Callable[..., Awaitable[str]]

LOG = """query($first: Int = 20, $after: String) { auditLog(first: $first, after: $after) { pageInfo { hasNextPage endCursor }
  edges { cursor node { number at who { name kind keyId address } action operation objects counts outcome reason hash } } } }"""
PHONE = "+8613800138000"


@pytest.fixture
def entries(graph: Graph, service: Service) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    async def read() -> list[dict[str, Any]]:
        await service.audit.flush()
        return [
            {
                "action": str(sealed.entry.action),
                "operation": sealed.entry.operation,
                "objects": set(sealed.entry.objects),
                "counts": dict(sealed.entry.counts),
                "outcome": str(sealed.entry.outcome),
                "reason": sealed.entry.reason,
            }
            async for sealed in stream_log(graph)
        ]

    return read


Entries = Callable[[], Awaitable[list[dict[str, Any]]]]


def entry(action: str, operation: str, *objects: str, **other: Any) -> dict[str, Any]:
    made = {
        "action": action,
        "operation": operation,
        "objects": set(objects),
        "counts": {},
        "outcome": "done",
        "reason": "",
    }
    return made | other


def test_every_root_field_is_in_the_table() -> None:
    for table, kind in (
        (QUERIES, core_schema.query_type),
        (MUTATIONS, core_schema.mutation_type),
        (SUBSCRIPTIONS, core_schema.subscription_type),
    ):
        assert kind is not None
        assert set(table) == set(kind.fields)
    assert all(name in core_schema.type_map for name in PERSONAL)
    assert {name for recorded in QUERIES.values() for name in recorded.names} <= PERSONAL.keys()
    twice = QUERIES.keys() & SUBSCRIPTIONS.keys()
    assert twice == {"alerts", "changes"}
    assert all(QUERIES[name] == SUBSCRIPTIONS[name] for name in twice)


async def test_whoever_is_shown_is_recorded(ask: Ask, see: See, entries: Entries, service: Service) -> None:
    one = await see("user_id:1", f"phone:{PHONE}")
    other = await see("user_id:2")
    before = len(await entries())
    hashed = name_identifier(service.audit.hash_key, "phone", PHONE)
    await ask('query($value: String!) { lookup(value: $value, namespace: "phone") { customer { id } } }', value=PHONE)
    await ask("{ customers { edges { node { id identifiers { key } } } } }")
    await ask("query($id: ID!) { customer(id: $id) { createdAt } }", id=one)
    await ask('{ customer(by: {namespace: "user_id", value: "nobody"}) { id } }')
    await ask("{ rules { version } segments { edges { node { id } } } __typename }")
    nobody = name_identifier(service.audit.hash_key, "user_id", "nobody")
    assert (await entries())[before:] == [
        entry("person.read", "lookup", one, hashed, counts={"customers": 1}),
        entry("person.read", "customers", one, other, counts={"customers": 2, "identifiers": 3}),
        entry("person.read", "customer", one, counts={"customers": 1}),
        entry("person.read", "customer", nobody),
    ]


async def test_a_change_is_recorded_with_it(
    ask: Ask, see: See, entries: Entries, service: Service, graph: Graph
) -> None:
    await see("user_id:1")
    await see("user_id:2")
    await service.audit.flush()
    await ask(
        """mutation { declareDifferent(a: {namespace: "user_id", value: "1"}, b: {namespace: "user_id", value: "2"},
        reason: "Ann and Bob") { id } }"""
    )
    stored = [sealed.entry async for sealed in stream_log(graph)]
    assert str(stored[-1].action) == "identity.correct"  # without a flush: it was written with the judgement
    *named, made = stored[-1].objects
    assert named == [name_identifier(service.audit.hash_key, "user_id", value) for value in "12"]
    assert made.startswith("jdg_")


async def test_what_a_change_makes_is_among_its_objects(ask: Ask, service: Service, graph: Graph) -> None:
    document = """mutation { saveAlertRule(input: {name: "big", event: "Order Completed"}) { rule { id } } }"""
    made = (await ask(document))["saveAlertRule"]["rule"]["id"]
    (stored,) = [sealed.entry async for sealed in stream_log(graph)]
    assert (str(stored.action), stored.objects) == ("alert.change", (made,))


async def test_a_change_that_fails_is_recorded_as_such(ask: Ask, entries: Entries) -> None:
    await ask('mutation { withdrawJudgement(id: "Ann Miller") { id } }', fails=True)
    (failed,) = await entries()
    assert (failed["action"], failed["outcome"], failed["reason"]) == ("identity.correct", "failed", "NOT_FOUND")
    assert "Ann" not in str(failed)


async def test_a_query_that_fails_is_recorded_as_such(ask: Ask, entries: Entries) -> None:
    await ask("{ customer { id } }", fails=True)
    assert await entries() == [entry("person.read", "customer", outcome="failed", reason="BAD_USER_INPUT")]


async def test_no_personal_value_is_in_the_log(ask: Ask, see: See, graph: Graph, service: Service) -> None:
    await see(f"phone:{PHONE}", "email:ann@example.com")
    await ask("query($id: ID!) { node(id: $id) { id } }", id="idn_cGhvbmU6Kzg2MTM4MDAxMzgwMDA")
    await ask(
        "query($v: String!) { lookup(value: $v) { identifier { key value } customer { id traits { name } } } }", v=PHONE
    )
    await ask("{ violations { edges { node { a { key } } } } }")
    await service.audit.flush()
    rows = await graph.run("MATCH (e:AuditEntry) RETURN properties(e) AS e")
    assert len(rows) == 4
    for trace in (PHONE, "13800138000", "ann@example.com", "idn_"):
        assert trace not in str(rows)


async def test_the_log_is_a_list_newest_first(ask: Ask, service: Service) -> None:
    for number in range(3):
        await ask("query($v: String!) { lookup(value: $v) { customer { id } } }", v=str(number))
    await service.audit.flush()
    first = (await ask(LOG, first=2))["auditLog"]
    assert [edge["node"]["number"] for edge in first["edges"]] == [3, 2]
    assert first["pageInfo"]["hasNextPage"]
    node = first["edges"][0]["node"]
    assert (node["action"], node["outcome"], node["who"]["name"], node["who"]["kind"]) == (
        "READ_PERSON",
        "DONE",
        "admin",
        "key",
    )
    rest = (await ask(LOG, after=first["pageInfo"]["endCursor"]))["auditLog"]
    assert [edge["node"]["number"] for edge in rest["edges"]] == [1]
    await service.audit.flush()
    latest = (await ask(LOG, first=1))["auditLog"]["edges"][0]["node"]
    assert latest["action"] == "READ_AUDIT"


async def test_the_chain_holds_after_all_of_it(ask: Ask, life: dict[str, str], service: Service, graph: Graph) -> None:
    await ask("{ changes { edges { node { id before { identifiers { key } } } } } }")
    await service.audit.flush()
    verdict = (await verify_log(graph, now=0)).verdict
    assert verdict.problem is None
    assert verdict.verified > 3


async def test_a_wrong_key_executes_nothing_and_is_told_by_its_status(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ rules { version } }"}, headers={"Authorization": "Bearer x"}
    )
    assert response.status_code == 401
