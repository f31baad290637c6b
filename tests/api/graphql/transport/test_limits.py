"""Documents that would hold everybody up are refused before they are validated or executed, and what takes too long is ended."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query, get_named_type, get_operation_ast, parse, print_ast

from api.graphql.schema import core_schema
from api.graphql.transport.authorising import is_page
from api.graphql.transport.costs import MAX_OBJECTS, count_objects
from api.graphql.transport.documents import Unusable, read_document
from identity_graph.service.audit.reading import stream_log
from identity_graph.service.core import Service
from identity_graph.service.customers import listings
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from tests.api.graphql.access.walking import fields_of, fields_within

Ask = Callable[..., Awaitable[Any]]

TOO_LARGE, INVALID = "QUERY_TOO_LARGE", "GRAPHQL_VALIDATION_FAILED"
BOMBS = {
    "225 equal nested fields": ("{ " + ("customers { " + "edges { cursor } " * 15 + "} ") * 15 + "}", TOO_LARGE),
    "one field 500 times": ("{ " + "__typename " * 500 + "}", TOO_LARGE),
    "101 aliases": ("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", TOO_LARGE),
    "51 directives": ("{ __typename " + "@x " * 51 + "}", TOO_LARGE),
    "10 unknown directives": ("{ __typename " + "@x " * 10 + "}", INVALID),
    "a circle of fragments": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A }",
        INVALID,
    ),
    "repeats through fragments": (
        "{ customers { " + "...A " * 105 + "} } fragment A on CustomerConnection { pageInfo { endCursor } }",
        TOO_LARGE,
    ),
    "repeats in a fragment that is not used": (
        "{ __typename } fragment A on Query { " + "__typename " * 500 + "}",
        TOO_LARGE,
    ),
    "circular introspection": (
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        INVALID,
    ),
    "deep in a fragment that is not used": (
        "{ __typename } fragment A on Customer { " + "identifiers { customer { " * 12 + "id " + "} } " * 12 + "}",
        TOO_LARGE,
    ),
}


@pytest.mark.parametrize(("document", "code"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_milliseconds(document: str, code: str) -> None:
    before = time.process_time()
    read = read_document(document + " ")
    assert isinstance(read, Unusable)
    assert read.code == code
    assert time.process_time() - before < 0.5  # it was 0.9 s for the first of them, and more for others


def test_what_tools_send_is_taken() -> None:
    for document in (
        get_introspection_query(),
        "{ " + " ".join(f"a{n}: __typename" for n in range(100)) + " }",
        "{ customers { " + " ".join(["edges { node { id } }"] * 50) + " } }",
    ):
        assert not isinstance(read_document(document), Unusable), document


@pytest.mark.parametrize(
    ("document", "variables", "objects"),
    [
        (
            "{ customers(first: 100) { edges { node { id journey(first: 100) { edges { node { id } } } } } } }",
            {},
            10_201,
        ),
        ("query($n: Int = 5) { customers(first: $n) { edges { node { id } } } }", {}, 6),
        ("query($n: Int = 5) { customers(first: $n) { edges { node { id } } } }", {"n": 7}, 8),
        ("query($n: Int) { customers(first: $n) { edges { node { id } } } }", {"n": None}, 21),
        ("query($n: Int) { customers(first: $n) { edges { node { id } } } }", {"n": 10**9}, 101),
        ("{ customers(first: -3) { edges { node { id } } } }", {}, 1),
        (
            "{ ...A } fragment A on Query { customers(first: 2) { ... { ... on CustomerConnection { edges { node { id } } } } } }",
            {},
            3,
        ),
        ("{ __schema { types { name } } rules { version } }", {}, 1),
        ("{ identityHealth { suspects { of } } }", {}, 22),
        ("{ previewSegment(rule: {}, audience: ALL) { sample { id } } }", {}, 7),
    ],
)
def test_page_sizes_are_multiplied(document: str, variables: dict[str, Any], objects: int) -> None:
    read = parse(document)
    operation = get_operation_ast(read)
    assert operation is not None
    assert count_objects(core_schema, read, operation, variables) == objects


def test_every_list_may_be_asked_for_whole_by_default() -> None:
    """All fields of the items of a page, and of those of the pages in them, without saying how long any page is."""
    pages = {name: kind for name, kind in fields_of("Query").items() if is_page(get_named_type(kind).name)}
    assert {"customers", "segments", "violations"} <= set(pages)
    for name, kind in pages.items():
        read = parse(f"{{ {name} {fields_within(kind, 2)} }}")
        operation = get_operation_ast(read)
        assert operation is not None
        assert not isinstance(read_document(print_ast(read)), Unusable), name
        assert count_objects(core_schema, read, operation, {}) <= MAX_OBJECTS, name


async def test_an_operation_that_asks_for_too_many_objects_is_refused(ask: Ask) -> None:
    document = (
        "query($n: Int) { customers(first: 100) { edges { node { journey(first: $n) { edges { node { id } } } } } } }"
    )
    (error,) = await ask(document, fails=True, n=100)
    assert error["extensions"] == {"code": TOO_LARGE, "objects": 10_201, "maximum": 10_000}
    assert (await ask(document, n=50))["customers"]["edges"] == []


def give(service: Service, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    monkeypatch.setattr(service, "settings", service.settings.model_copy(update=settings))


async def running(graph: Graph) -> list[str]:
    rows = await graph.run("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery AS query")
    return [row["query"] for row in rows if "1000000000" in row["query"]]


async def test_a_query_that_takes_too_long_is_ended_in_neo4j_too(
    client: httpx.AsyncClient, graph: Graph, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_slowly(reads: Reads, *_: Any, **__: Any) -> Any:
        async def work(tx: ReadTransaction) -> list[Any]:
            result = await tx.run("UNWIND range(1, 1000000000) AS x WITH x WHERE x % 7 = 8 RETURN count(x) AS n")
            return await result.values()

        return await reads.run(work)

    monkeypatch.setattr(listings, "read_customer_list", read_slowly)
    give(service, monkeypatch, graphql_seconds=1.0)
    response = await client.post("/graphql", json={"query": "{ customers { edges { node { id } } } }"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (504, "QUERY_TIMEOUT")
    async with asyncio.timeout(20):
        while await running(graph):  # noqa: ASYNC110 - Neo4j does it
            await asyncio.sleep(0.1)
    assert (await client.post("/graphql", json={"query": "{ rules { version } }"})).status_code == 200
    await service.audit.flush()
    (tried,) = [sealed.entry async for sealed in stream_log(graph)]
    assert (tried.operation, str(tried.outcome), tried.reason) == ("customers", "failed", "QUERY_TIMEOUT")


async def test_small_queries_pass_by_one_that_waits_for_its_turn(
    client: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(service, monkeypatch, graphql_seconds=1.0)
    large = "{ customers(first: 50) { edges { node { journey(first: 50) { edges { node { id } } } } } } }"
    async with service.asking:
        waiting = asyncio.create_task(client.post("/graphql", json={"query": large}))
        small = await client.post("/graphql", json={"query": "{ customers { edges { node { id } } } }"})
        assert small.status_code == 200
        assert not waiting.done()
        assert (await waiting).status_code == 504
    assert (await client.post("/graphql", json={"query": large})).status_code == 200


async def test_introspection_can_be_switched_off(ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await ask("{ __schema { queryType { name } } }"))["__schema"]
    give(service, monkeypatch, graphql_introspection=False)
    for document in (
        "{ __schema { queryType { name } } }",
        '{ ...A } fragment A on Query { __type(name: "Query") { name } }',
    ):
        (error,) = await ask(document, fails=True)
        assert error["extensions"]["code"] == "INTROSPECTION_OFF"
    assert await ask("{ __typename }") == {"__typename": "Query"}


async def test_suggestions_can_be_switched_off(ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = (
        "{ custome { id } }",
        "{ customers(firs: 1) { totalCount } }",
        "{ customers(orderBy: SIZE_DES) { totalCount } }",
    )
    told = [(await ask(document, fails=True))[0]["message"] for document in documents]
    assert all("Did you mean" in message for message in told)
    give(service, monkeypatch, graphql_suggestions=False)
    for document, before in zip(documents, told, strict=True):
        message = (await ask(document, fails=True))[0]["message"]
        assert message == before.partition(" Did you mean")[0]


async def test_graphiql_can_be_switched_off(
    client: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = {"Accept": "text/html", "Authorization": ""}
    assert "html" in (await client.get("/graphql", headers=browser)).headers["content-type"]
    give(service, monkeypatch, graphiql=False)
    assert (await client.get("/graphql", headers=browser)).status_code == 401
