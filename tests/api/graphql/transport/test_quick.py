"""Attributes are read quickly, and the answer is that of graphql-core, to the letter."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.graphql.schema import schema
from api.graphql.transport import execution
from api.graphql.transport.quick import QuickExecutor
from identity_graph.store.driver.graph import Graph
from tests.builders import customer, event, link, seed, session, trait

Ask = Callable[..., Awaitable[Any]]

DOCUMENTS = {
    "a page": """{ customers(first: 3) { pageInfo { hasNextPage endCursor } totalCount edges { cursor node {
      id lastSeenAt firstSeenAt __typename } } } }""",
    "nested lists": """{ customers { edges { node { identifiers { value key } journey(first: 2) {
      edges { node { name properties type session { id channel source } } cursor } totalCount } } } } }""",
    "resolvers between attributes": """{ customers { edges { node { journey { edges { node {
      id campaign { source } name identifiers { key customer { id } } occurredAt context channel } } } } } } }""",
    "aliases and repeated fields": """{ customers { edges { node { a: id b: id id } } edges { node { id traits { name } }
      cursor } } }""",
    "fragments and conditions": """query($yes: Boolean! = true) { customers { ...page edges @skip(if: $yes) { cursor } } }
      fragment page on CustomerConnection { edges { ... on CustomerEdge @include(if: $yes) { node { ...who } } } }
      fragment who on Customer { id ... on Node { id } createdAt @skip(if: $yes) }""",
    "an interface": '{ node(id: "cus_none") { id } }',
    "an attribute that is not known as it was": """{ lookup(value: "u0", asOf: "2030-01-01T00:00:00Z") {
      identifier { key } customer { id firstSeenAt } } }""",
}


@pytest.mark.parametrize("document", list(DOCUMENTS.values()), ids=list(DOCUMENTS))
async def test_an_answer_is_that_of_the_usual_executor(
    graph: Graph, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    keys = [(f"user_id:u{n}", f"phone:+86138001380{n:02}") for n in range(4)]
    await seed(
        graph,
        customers=[customer(identifiers=pair) for pair in keys],
        links=[link(a, b) for a, b in keys],
        sessions=[session(a, event(), event(observed=[a, b])) for a, b in keys],
        traits=[trait(a, "city", "Chengdu") for a, _ in keys],
    )

    async def answer() -> str:
        return (await client.post("/graphql", json={"query": document})).text

    quick = await answer()
    monkeypatch.setattr(execution, "QuickExecutor", schema.execution_context_class)
    assert await answer() == quick
    assert "data" in quick


class Missing:
    """A row that lacks what must not be null."""

    has_next_page = None
    end_cursor = "x"


@pytest.mark.parametrize("value", [Missing(), object()])
async def test_what_is_wrong_is_told_with_its_place(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    from api.graphql.base import connections

    monkeypatch.setattr(connections, "PageInfo", lambda **_: value)
    asked = {"query": "{ customers { edges { cursor } pageInfo { hasNextPage endCursor } } }"}
    body = (await client.post("/graphql", json=asked)).json()
    assert body["data"] is None
    assert [error["path"] for error in body["errors"]] == [["customers", "pageInfo", "hasNextPage"]]


async def test_a_page_is_read_without_resolvers(
    graph: Graph, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seed(graph, customers=[customer(identifiers=[f"user_id:u{n}"]) for n in range(4)])
    resolved: list[str] = []
    execute_field = QuickExecutor.execute_field

    def note(self: QuickExecutor, parent_type: Any, source: Any, details: Any, path: Any, context: Any) -> Any:
        resolved.append(details[0].node.name.value)
        return execute_field(self, parent_type, source, details, path, context)

    monkeypatch.setattr(QuickExecutor, "execute_field", note)
    asked = {"query": "{ customers { edges { cursor node { id lastSeenAt } } totalCount pageInfo { hasNextPage } } }"}
    body = (await client.post("/graphql", json=asked)).json()
    assert len(body["data"]["customers"]["edges"]) == 4
    assert resolved == ["customers", "totalCount"]
