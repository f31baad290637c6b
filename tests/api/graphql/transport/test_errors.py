from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from identity_graph.domain.rules.file import load_preset
from identity_graph.service import reads
from identity_graph.service.core import Service
from identity_graph.store.driver.graph import Graph
from tests.builders import customer, seed

Ask = Callable[..., Awaitable[Any]]

ERROR_PAGES = Path(__file__).parents[4] / "docs" / "errors"


async def test_a_graph_that_is_away_is_503_with_a_time_to_come_back(
    client: httpx.AsyncClient, service: Service
) -> None:
    await client.post("/graphql", json={"query": "{ __typename }"})
    await service.graph.close()
    response = await client.post("/graphql", json={"query": "{ customers { edges { node { id } } } }"})
    (error,) = response.json()["errors"]
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert error["extensions"] == {"code": "GRAPH_UNAVAILABLE", "retryAfterSeconds": 5}


async def test_a_request_that_reads_too_many_rows_is_stopped(
    graph: Graph, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "MAX_ROWS", 10)
    await seed(graph, customers=[customer(identifiers=[f"email:a{n}@b.cn", f"user_id:u{n}"]) for n in range(5)])
    document = "query($first: Int) { customers(first: $first) { edges { node { identifiers { key } } } } }"
    assert len((await ask(document, first=2))["customers"]["edges"]) == 2
    errors = await ask(document, fails=True, first=5)
    assert {error["extensions"]["code"] for error in errors} == {"QUERY_TOO_LARGE"}


@pytest.mark.parametrize(
    "code",
    [
        "BAD_REQUEST",
        "BAD_USER_INPUT",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPH_UNAVAILABLE",
        "INTERNAL_ERROR",
        "INTROSPECTION_OFF",
        "METHOD_NOT_ALLOWED",
        "NOT_ACCEPTABLE",
        "NOT_FOUND",
        "NOT_STORED",
        "QUERY_TIMEOUT",
        "QUERY_TOO_LARGE",
        "REQUEST_TOO_LARGE",
        "UNAUTHENTICATED",
        "UNSUPPORTED_MEDIA_TYPE",
    ],
)
def test_every_code_has_a_page_that_says_what_to_do(code: str) -> None:
    text = (ERROR_PAGES / f"{code}.md").read_text("utf-8")
    assert text.startswith(f"# {code}\n")
    assert "**What to do.**" in text
    assert f"]({code}.md)" in (ERROR_PAGES / "README.md").read_text("utf-8")


def test_all_links_of_the_largest_customer_can_be_asked_for() -> None:
    most = load_preset().max_identifiers
    assert most * (most - 1) // 2 + most < reads.MAX_ROWS
