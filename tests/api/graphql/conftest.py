"""GraphQL without a network: the routes on a service of the test's own, asked as if over HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.graphql import router
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.graph import Graph

ADMIN_KEY = "the-admin-key"

Ask = Callable[..., Awaitable[dict[str, Any]]]


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
