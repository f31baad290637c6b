"""Whoever reads the write key of a web page can say anything with it: what they only claim joins nobody, and shows nothing."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from identity_graph.domain.rules.file import read_preset
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.live import ADMIN_KEY, WRITE_KEY, Live, serve
from tests.neo4j_server import TestServer, wipe

CUSTOMERS = (
    "MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) WHERE i.key >= '' RETURN c.id AS id, collect(i.key) AS keys"
)


@pytest.fixture
async def live_server(
    graph: Graph, neo4j_server: TestServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Live]:
    """Give a service whose write key ``default`` is that of a web page."""
    await wipe(graph)
    folder: Path = tmp_path_factory.mktemp("claims")
    rules = folder / "rules.yaml"
    rules.write_text(f"{read_preset('default')}\nsources:\n  default: {{trust: browser}}\n", "utf-8")
    settings = Settings(
        port=0,
        data_dir=folder,
        rules=rules,
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=SecretStr(neo4j_server.password),
        neo4j_database=neo4j_server.database,
        write_key=SecretStr(WRITE_KEY),
        admin_key=SecretStr(ADMIN_KEY),
    )
    with serve(settings) as live:
        yield live


async def ask(client: httpx.AsyncClient, live: Live, query: str, key: str = ADMIN_KEY) -> dict[str, Any]:
    answer = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {key}"})
    return answer.json()


async def customers(graph: Graph) -> set[frozenset[str]]:
    return {frozenset(row["keys"]) for row in await graph.run(CUSTOMERS)}


async def test_a_browser_that_claims_to_be_somebody_else_joins_and_learns_nothing(
    client: httpx.AsyncClient, live: Live, graph: Graph
) -> None:
    made = await ask(client, live, 'mutation { createAccessKey(input: {name: "crm", scopes: [WRITE]}) { secret } }')
    crm = {"X-Write-Key": made["data"]["createAccessKey"]["secret"]}
    server = {"userId": "ann", "traits": {"email": "ann@example.com", "name": "Ann"}}
    assert (await client.post("/v1/identify", json=server, headers=crm)).status_code == 200
    ann = frozenset({"user_id:ann", "email:ann@example.com"})
    assert await customers(graph) == {ann}

    attack = [
        ("identify", {"anonymousId": "m", "userId": "mallory", "traits": {"email": "ann@example.com", "name": "Mal"}}),
        ("identify", {"anonymousId": "m", "traits": {"email": "ann@example.com"}}),
        ("alias", {"userId": "mallory", "previousId": "ann", "anonymousId": "m"}),
        (
            "track",
            {
                "event": "Order Completed",
                "anonymousId": "m",
                "context": {"traits": {"email": "Ann@Example.com"}},
                "properties": {"order_id": "1", "total": 9},
            },
        ),
    ]
    for path, said in attack:
        answer = await client.post(f"/v1/{path}", json=said)
        assert (answer.status_code, answer.json()) == (200, {"success": True})

    parts = await customers(graph)
    assert ann in parts
    assert frozenset({"user_id:mallory", "anonymous_id:m"}) in parts
    traits = await graph.run(
        "MATCH (i:Identifier {key: 'email:ann@example.com'})-[:HAS_TRAIT]->(t) RETURN t.value AS value"
    )
    assert traits == []
    told = await ask(client, live, '{ violations(code: "claimed") { edges { node { message a { key } } } } }')
    assert "errors" not in told, told
    claimed = [edge["node"] for edge in told["data"]["violations"]["edges"]]
    assert {"email:ann@example.com"} <= {one["a"]["key"] for one in claimed}
    assert all("only claimed" in one["message"] for one in claimed)

    why = (
        '{ why(a: {namespace: "user_id", value: "mallory"}, b: {namespace: "email", value: "ann@example.com"})'
        " { linked text blockedBy { code a { key } b { key } } } }"
    )
    explained = (await ask(client, live, why))["data"]["why"]
    assert not explained["linked"]
    assert explained["blockedBy"] == [
        {"code": "claimed", "a": {"key": "email:ann@example.com"}, "b": {"key": "user_id:mallory"}}
    ]
    assert "by a source that may not say so" in explained["text"]

    refused = await ask(client, live, '{ lookup(value: "ann") { customer { id } } }', key=WRITE_KEY)
    assert refused.get("data") is None
    assert refused["errors"]
