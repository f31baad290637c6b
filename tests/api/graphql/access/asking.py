"""Asking GraphQL as somebody with some scopes."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.service.access.keys import AccessKeys
from identity_graph.service.core import Service


class Asking:
    """An application, and a client of it whose key is called ``crm``."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.client = client
        self._monkeypatch = monkeypatch

    async def ask(self, having: Iterable[Scope], query: str, **variables: Any) -> tuple[int, Any]:
        """Ask with these scopes; return the status and the body."""
        answer = await self.send(having, query, variables)
        return answer.status_code, answer.json()

    async def send(self, having: Iterable[Scope], query: str, variables: dict[str, Any]) -> httpx.Response:
        """Ask with these scopes."""
        principal = Principal("crm", "key", frozenset(having))

        async def identify(_keys: object, _key: str) -> Principal:
            return principal

        with self._monkeypatch.context() as patch:
            patch.setattr(AccessKeys, "identify", identify)
            body = {"query": query, "variables": variables}
            return await self.client.post("/graphql", json=body, headers={"Authorization": "Bearer it"})


@asynccontextmanager
async def asking_of(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Asking]:
    """Serve a service inside the test."""
    app = create_app(service=service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client,
    ):
        yield Asking(app, client, monkeypatch)
