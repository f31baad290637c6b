"""Health, metrics, and what is answered when something is wrong inside."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.access.managing import NewKeys
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.live import ADMIN_KEY, WRITE_KEY

MESSAGE = {"userId": "u1", "event": "Signed Up"}


class Inside:
    """A service in this process, to break it."""

    def __init__(self, app: FastAPI, service: Service, client: httpx.AsyncClient) -> None:
        self.app = app
        self.service = service
        self.client = client

    async def send(self, **headers: str) -> httpx.Response:
        return await self.client.post("/v1/track", json=MESSAGE, headers={"X-Write-Key": WRITE_KEY, **headers})


@pytest.fixture
async def inside(graph: Graph, settings: Settings) -> AsyncGenerator[Inside]:
    with_key = settings.model_copy(update={"write_key": SecretStr(WRITE_KEY), "admin_key": SecretStr(ADMIN_KEY)})
    async with open_service(with_key) as service:
        app = create_app(service=service)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                yield Inside(app, service, client)


async def test_a_service_that_runs_is_live_and_ready(inside: Inside) -> None:
    assert (await inside.client.get("/health/live")).json() == {"status": "live"}
    assert (await inside.client.get("/health/ready")).json() == {"status": "ready"}


async def test_without_neo4j_events_go_to_the_spool_and_the_service_says_so(inside: Inside) -> None:
    inside.service.graph.suspend(GraphUnavailableError("Neo4j is away."))

    assert (await inside.send()).status_code == 200
    told = (await inside.client.get("/health/ready")).json()
    assert (told["status"], told["waiting"], told["reason"]) == ("spooling", 1, "Neo4j is away.")
    assert told["since"] is not None
    assert "identity_graph_spool_messages 1.0" in (await inside.client.get("/metrics")).text
    asked = await inside.client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
    )
    assert asked.json()["extensions"] == {"eventsWaiting": {"count": 1, "since": told["since"]}}


async def test_without_neo4j_and_spool_the_service_lives_is_not_ready_and_asks_to_come_again(inside: Inside) -> None:
    await inside.service.graph.close()
    inside.service.spool = None

    assert (await inside.client.get("/health/live")).status_code == 200
    for answer in (await inside.client.get("/health/ready"), await inside.send(Origin="https://shop.example")):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "GRAPH_UNAVAILABLE"
        assert answer.json()["success"] is False
    unknown = await inside.client.post("/v1/track", json=MESSAGE, headers={"X-Write-Key": "of the graph"})
    assert unknown.status_code == 503
    answer = await inside.send(Origin="https://shop.example")
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert (await inside.client.get("/v1/projects/k/settings")).status_code == 200


async def test_metrics_count_messages_and_why_some_are_set_aside(inside: Inside) -> None:
    await inside.send()
    await inside.send()
    await inside.client.post("/v1/track", json={"userId": "null"}, headers={"X-Write-Key": WRITE_KEY})
    await inside.client.post("/v1/track", json={}, headers={"X-Write-Key": WRITE_KEY})
    await inside.client.post("/v1/track", json={})

    answer = await inside.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = set(answer.text.splitlines())
    assert {
        "identity_graph_events_accepted_total 2.0",
        "identity_graph_events_duplicate_total 1.0",
        'identity_graph_ignored_identifiers_total{code="blocked",namespace="user_id"} 1.0',
        'identity_graph_collector_dead_letters_total{code="no_identifier"} 1.0',
        'identity_graph_collector_requests_total{status="200"} 4.0',
        'identity_graph_collector_requests_total{status="401"} 1.0',
    } <= lines


async def test_two_services_in_one_process_count_apart(inside: Inside, settings: Settings) -> None:
    await inside.send()
    async with open_service(settings) as other:
        create_app(service=other)
        assert other.metrics.registry is not inside.service.metrics.registry


class _SecretError(Exception):
    pass


async def test_an_unforeseen_error_is_masked_and_logged_without_what_people_sent(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise _SecretError("li@example.com")

    monkeypatch.setattr("api.collector.answers.take", fail)
    monkeypatch.setattr("api.health.read_readiness", fail)
    for ask in (inside.send(Origin="https://shop.example"), inside.client.get("/health/ready")):
        with structlog.testing.capture_logs() as logs:
            answer = await ask
        assert answer.status_code == 500
        assert answer.json()["code"] == "INTERNAL_ERROR"
        assert "li@example.com" not in answer.text + str(logs)
        [entry] = logs
        assert entry["error"] == "_SecretError"
        assert entry["request_id"] == answer.headers["x-request-id"]
        assert entry["request_id"] in answer.text
        assert any("test_operations.py" in frame for frame in entry["frames"])


async def test_a_service_shows_the_keys_that_it_makes(graph: Graph, settings: Settings) -> None:
    shown: list[NewKeys] = []
    app = create_app(settings, on_new_keys=shown.append)
    async with app.router.lifespan_context(app):
        [keys] = shown
        assert keys.write is not None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client:
            answer = await client.post("/v1/track", json=MESSAGE, auth=(keys.write, ""))
    assert answer.status_code == 200


async def ask_as_asgi(inside: Inside, messages: list[dict[str, Any]], *, then_wait: bool = False) -> list[Any]:
    """Send the messages of a request one by one, as a server would, and return those of the answer."""
    sent: list[Any] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        message = next(waiting, None)
        if message is None:
            assert then_wait
            await asyncio.sleep(60)
        return message or {}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/track",
        "raw_path": b"/v1/track",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"service"), (b"x-write-key", WRITE_KEY.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await inside.app(scope, receive, send)
    return sent


async def test_a_body_that_never_ends_is_408(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    service = inside.app.state.service
    monkeypatch.setattr(service, "settings", service.settings.model_copy(update={"body_seconds": 0.1}))
    part = {"type": "http.request", "body": b'{"userId":', "more_body": True}

    answer = await ask_as_asgi(inside, [part], then_wait=True)

    assert answer[0]["status"] == 408
    assert b"BODY_TIMEOUT" in answer[1]["body"]


async def test_a_client_that_leaves_in_the_middle_stores_nothing_and_alarms_nobody(
    inside: Inside, graph: Graph
) -> None:
    part = {"type": "http.request", "body": b'{"userId":', "more_body": True}
    with structlog.testing.capture_logs() as logs:
        answer = await ask_as_asgi(inside, [part, {"type": "http.disconnect"}])

    assert answer[0]["status"] == 400
    assert logs == []
    assert await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.id") == []
