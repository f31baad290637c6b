"""Fixtures that ask GraphQL without a network: the routes on a service of the test's own, asked as if over HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from typer.testing import CliRunner

from api.graphql import router
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph

ADMIN_KEY = "the-admin-key"

Ask = Callable[..., Awaitable[Any]]
See = Callable[..., Awaitable[str]]


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    """Give a service on an empty graph."""
    with_key = settings.model_copy(update={"admin_key": SecretStr(ADMIN_KEY)})
    async with open_service(with_key) as service:
        yield service


@pytest.fixture
async def client(service: Service) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client that has the admin key."""
    app = FastAPI()
    app.include_router(router)
    app.state.service = service
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://test",
        headers={"Authorization": f"Bearer {ADMIN_KEY}", "Accept": "application/graphql-response+json"},
    ) as client:
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Give a function that executes a document and returns its data; with ``fails=True``, the errors."""

    async def ask(document: str, *, fails: bool = False, **variables: Any) -> Any:
        response = await client.post("/graphql", json={"query": document, "variables": variables})
        body = response.json()
        if fails:
            return body["errors"]
        assert "errors" not in body, body["errors"]
        return body["data"]

    return ask


@pytest.fixture
def see(ask: Ask) -> See:
    """Give a function that reports identifiers seen together, a second after the ones before, and tells whose they are."""
    count = 0

    async def see(*keys: str, at: int | None = None) -> str:
        nonlocal count
        count += 1
        found = await ask(
            "mutation($input: ObservationInput!) { observe(input: $input) { customer { id } } }",
            input={
                "source": "test",
                "messageId": f"m{count}",
                "occurredAt": f"2026-01-01T00:00:{count if at is None else at:02}Z",
                "identifiers": [dict(zip(("namespace", "value"), key.split(":"), strict=True)) for key in keys],
            },
        )
        return found["observe"]["customer"]["id"]

    return see


@pytest.fixture
async def life(see: See) -> dict[str, str]:
    """Let two customers become one, their tablet leave for a newcomer, and come back: a merge, a split, a move."""
    first = await see("user_id:1")
    await see("user_id:1", "device_id:tablet")
    second = await see("email:a@example.com")
    await see("email:a@example.com", "user_id:1")
    newcomer = await see("user_id:2", "device_id:tablet")
    await see("user_id:2", at=0)
    await see("user_id:1", "device_id:tablet")
    return {"first": first, "second": second, "newcomer": newcomer}


@pytest.fixture
def run(environment: None, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Give a terminal whose environment names the Neo4j of the tests."""
    monkeypatch.setenv("COLUMNS", "100")
    return CliRunner()
