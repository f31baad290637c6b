"""Pages of other origins use GraphQL when the setting names them, and not otherwise."""

import asyncio
from collections.abc import Generator

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from websockets.exceptions import InvalidStatus

from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.api.graphql.changes.following import following
from tests.live import ADMIN_KEY, Live, serve

OURS, THEIRS = "https://crm.example.com", "https://evil.example.com"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}
QUERY = {"query": "{ ingestStats { accepted } }"}


@pytest.fixture
def front_end(graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Generator[Live]:
    """Serve with one origin allowed."""
    monkeypatch.setenv("IDENTITY_GRAPH_CORS_ORIGINS", f"{OURS}, http://localhost:5173")
    allowed = Settings().cors_origins
    with serve(settings.model_copy(update={"admin_key": SecretStr(ADMIN_KEY), "cors_origins": allowed})) as live:
        yield live


def ask(live: Live, origin: str, *, key: str = ADMIN_KEY) -> httpx.Response:
    headers = {"Origin": origin, "Authorization": f"Bearer {key}"}
    return clients.post(f"{live.url}/graphql", json=QUERY, headers=headers, timeout=30)


def preflight(live: Live, origin: str) -> httpx.Response:
    return httpx.options(f"{live.url}/graphql", headers={"Origin": origin, **PREFLIGHT})


def test_a_page_of_an_allowed_origin_asks(front_end: Live) -> None:
    allowed = preflight(front_end, OURS)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == OURS
    assert {"authorization", "content-type"} <= set(allowed.headers["access-control-allow-headers"].lower().split(", "))
    answer = ask(front_end, OURS)
    assert answer.json() == {"data": {"ingestStats": {"accepted": 0}}}
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "access-control-allow-credentials" not in answer.headers
    assert {"accept", "origin"} <= set(answer.headers["vary"].lower().split(", "))


def test_a_refusal_can_be_read_by_the_page(front_end: Live) -> None:
    refused = ask(front_end, "http://localhost:5173", key="wrong")
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_a_page_of_another_origin_is_not_let_in(front_end: Live) -> None:
    assert preflight(front_end, THEIRS).status_code == 400
    for response in (preflight(front_end, THEIRS), ask(front_end, THEIRS)):
        assert "access-control-allow-origin" not in response.headers


def test_without_the_setting_no_page_is_let_in(live: Live) -> None:
    for response in (preflight(live, OURS), ask(live, OURS)):
        assert "access-control-allow-origin" not in response.headers
    assert preflight(live, OURS).status_code == 405


async def test_sockets_follow_the_same_setting(front_end: Live) -> None:
    own = f"http://{front_end.host}"
    for headers in ({"Origin": OURS}, {"Origin": own}, None):
        async with following(front_end, headers=headers) as follower:
            await follower.enter(front_end)
    with pytest.raises(InvalidStatus) as refused:
        async with following(front_end, headers={"Origin": THEIRS}):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["http://[", "null", "http://[::1", "//", "x"])
async def test_a_malformed_origin_is_that_of_another_page(front_end: Live, origin: str) -> None:
    answer = await asyncio.to_thread(ask, front_end, origin)
    assert answer.json() == {"data": {"ingestStats": {"accepted": 0}}}
    assert "access-control-allow-origin" not in answer.headers
    assert (await asyncio.to_thread(ask, front_end, origin, key="wrong")).status_code == 401
    with pytest.raises(InvalidStatus) as refused:
        async with following(front_end, headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["*", "crm.example.com", "https://crm.example.com/", "https://a.example https://b"])
def test_what_is_no_origin_is_named(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_CORS_ORIGINS", f"{OURS},{origin}")
    with pytest.raises(ValidationError, match="is not an origin; write `https://host`"):
        Settings()
