"""Scopes: an operation without the scopes that the table names is refused as a whole, before anything of it is executed."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from graphql import build_schema, parse

from api.graphql.schema import core_schema
from api.graphql.transport.authorising import find_needs, list_differences
from api.graphql.transport.execution import find_operation
from identity_graph.domain.access.principals import Scope
from identity_graph.domain.access.table import GRAPHQL, parse_table
from identity_graph.service.access.managing import create_key
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.access.asking import Asking, asking_of


def needs_of(query: str) -> dict[Scope, tuple[str, ...]]:
    document = parse(query)
    operation: Any = find_operation(document, None)
    return dict(find_needs(document, operation).places)


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    async with open_service(settings) as opened:
        yield opened


@pytest.fixture
async def asking(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Asking]:
    async with asking_of(service, monkeypatch) as opened:
        yield opened


def test_the_table_tells_of_every_field_and_argument_and_of_nothing_else() -> None:
    assert list_differences(core_schema, GRAPHQL) == []


def test_what_the_table_forgets_is_found() -> None:
    schema = build_schema("type Query { a(one: Int, two: Int): Int b: Int }")

    assert list_differences(schema, parse_table("Query\n  read: a(one three) c")) == [
        "Query.a(three) is only in the table",
        "Query.a(two) is missing in the table",
        "Query.b is missing in the table",
        "Query.c is only in the table",
    ]


def test_fields_count_wherever_a_fragment_or_an_alias_hides_them() -> None:
    hidden = """
        query Q { x: node(id: "x") { ...F ... on DeadLetter { raw @skip(if: true) } ... @include(if: false) { id } } }
        fragment F on Node { ... on AccessKey { name } ...G }
        fragment G on Segment { members { edges { node { id } } } }
        fragment Unused on Mutation { recutRfm { cut { id } } }
    """

    assert needs_of(hidden) == {
        Scope.READ: ("Query.node", "Segment.members", "Customer.id", "DeadLetter.raw"),
        Scope.ADMIN: ("AccessKey.name",),
        Scope.SEGMENTS: ("Segment.members",),
        Scope.PII: ("Segment.members", "DeadLetter.raw"),
    }


def test_arguments_may_need_more_than_their_field() -> None:
    assert set(needs_of("{ customers(first: 1) { totalCount } }")) == {Scope.READ}
    assert needs_of('{ customers(filter: {knownFor: "P1D"}) { totalCount } }') == {
        Scope.READ: ("Query.customers",),
        Scope.SEGMENTS: ("Query.customers(filter)",),
        Scope.PII: ("Query.customers(filter)",),
    }


def test_introspection_needs_a_key_and_no_scope() -> None:
    assert needs_of("{ __schema { types { name } } __typename }") == {}


async def test_an_operation_without_its_scope_is_refused_as_a_whole(asking: Asking, service: Service) -> None:
    both = """mutation($yaml: String!) {
        observe(input: {source: "crm", messageId: "1", identifiers: [{namespace: "user_id", value: "u1"}]}) { duplicate }
        applyRules(yaml: $yaml, expectedVersion: 1) { rules { version } }
    }"""
    status, body = await asking.ask({Scope.WRITE, Scope.READ}, both, yaml="format: 1")

    assert status == 403
    [error] = body["errors"]
    assert error["message"] == "Mutation.applyRules needs the scope `rules`. 'crm' has `write`, `read`."
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "missing": ["RULES"],
        "needed": ["WRITE", "READ", "RULES"],
    }
    assert service.rules_version == 1
    assert (await service.graph.run("MATCH (e:Event) RETURN count(e) AS events"))[0]["events"] == 0


async def test_who_writes_reads_nothing_and_speaks_for_one_source(asking: Asking) -> None:
    observe = """mutation($source: String!) { observe(input: {source: $source, messageId: "1",
        identifiers: [{namespace: "user_id", value: "u1"}]}) { duplicate %s } }"""

    assert (await asking.ask({Scope.WRITE}, observe % "", source="crm"))[1] == {
        "data": {"observe": {"duplicate": False}}
    }
    status, body = await asking.ask({Scope.WRITE}, observe % "customer { id }", source="crm")
    assert (status, body["errors"][0]["extensions"]["missing"]) == (403, ["READ"])
    _, body = await asking.ask({Scope.WRITE}, observe % "", source="web")
    assert body["errors"][0]["extensions"] == {"code": "FORBIDDEN", "missing": ["ADMIN"]}
    assert "errors" not in (await asking.ask({Scope.WRITE, Scope.ADMIN}, observe % "", source="web"))[1]


async def test_keys_are_made_rotated_listed_and_revoked(asking: Asking, service: Service) -> None:
    keeper = {Scope.ADMIN, Scope.READ}
    make = """mutation($scopes: [Scope!]!) { createAccessKey(input: {name: "bi", scopes: $scopes, expiresAt: "2100-01-01T00:00:00Z"}) {
        secret accessKey { id name scopes expiresAt revokedAt } } }"""

    made = (await asking.ask(keeper, make, scopes=["READ"]))[1]["data"]["createAccessKey"]
    assert made["secret"].startswith("key_")
    assert made["accessKey"] | {"id": ""} == {
        "id": "",
        "name": "bi",
        "scopes": ["READ"],
        "expiresAt": "2100-01-01T00:00:00Z",
        "revokedAt": None,
    }
    id = made["accessKey"]["id"]
    _, body = await asking.ask(keeper, make, scopes=["PII"])
    assert body["errors"][0]["extensions"] == {"code": "FORBIDDEN", "missing": ["PII"]}
    _, body = await asking.ask(keeper, make, scopes=[])
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    rotate = """mutation($id: ID!, $overlap: String) { rotateAccessKey(id: $id, overlap: $overlap) {
        secret accessKey { previousUntil } } }"""
    rotated = (await asking.ask(keeper, rotate, id=id, overlap="PT1H"))[1]["data"]["rotateAccessKey"]
    assert rotated["secret"] != made["secret"]
    assert rotated["accessKey"]["previousUntil"] is not None
    _, body = await asking.ask(keeper, rotate, id=id, overlap="soon")
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    revoke = "mutation($id: ID!) { revokeAccessKey(id: $id) { secret accessKey { revokedAt } } }"
    revoked = (await asking.ask(keeper, revoke, id=id))[1]["data"]["revokeAccessKey"]
    assert revoked["secret"] is None
    assert revoked["accessKey"]["revokedAt"] is not None
    _, body = await asking.ask(keeper, revoke, id=id)
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"

    listed = (await asking.ask(keeper, "{ accessKeys { id name } }"))[1]["data"]["accessKeys"]
    assert listed == [{"id": id, "name": "bi"}]
    found = (await asking.ask(keeper, "query($id: ID!) { node(id: $id) { id ... on AccessKey { name } } }", id=id))[1]
    assert found["data"]["node"] == {"id": id, "name": "bi"}


async def test_a_refused_key_is_told_why(asking: Asking, service: Service) -> None:
    made = await create_key(service.graph, "crm", frozenset({Scope.READ}))

    async def ask(key: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}"}
        answer = await asking.client.post("/graphql", json={"query": "{ rules { version } }"}, headers=headers)
        return answer.status_code, answer.json()

    assert await ask(made.secret) == (200, {"data": {"rules": {"version": 1}}})
    assert "needs a key" in str(await ask(""))
    status, body = await ask("guessed")
    assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert "is not known" in body["errors"][0]["message"]
