import asyncio
import base64
from typing import Any

import httpx
import pytest

from identity_graph.domain.access.principals import ALL_SCOPES
from identity_graph.service.access import keys
from identity_graph.service.access.managing import create_key, revoke_key
from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, sources
from tests.live import ADMIN_KEY, WRITE_KEY

MESSAGE = {"userId": "u1", "event": "Signed Up"}
WRONG = "no-such-key"


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def with_message(sent: dict[str, Any]) -> dict[str, Any]:
    return {"json": MESSAGE, **sent}


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"X-Write-Key": WRITE_KEY}},
        {"headers": {"X-Write-Key": f"{WRITE_KEY}:secret"}},
        {"headers": {"Authorization": basic(WRITE_KEY)}},
        {"headers": {"Authorization": f"Bearer {WRITE_KEY}"}},
        {"params": {"writeKey": WRITE_KEY}},
        {"params": {"token": WRITE_KEY}},
        {"json": {**MESSAGE, "writeKey": WRITE_KEY}},
        {"json": {"batch": [MESSAGE], "writeKey": WRITE_KEY}},
        {"json": {"batch": [{**MESSAGE, "writeKey": WRITE_KEY}]}},
        {"headers": {"X-Write-Key": WRITE_KEY, "Authorization": basic(WRONG)}, "params": {"writeKey": WRONG}},
        {"headers": {"Authorization": basic(WRITE_KEY)}, "params": {"writeKey": WRONG}},
        {"params": {"writeKey": WRITE_KEY}, "json": {**MESSAGE, "writeKey": WRONG}},
        {"headers": {"X-Write-Key": f"{WRITE_KEY}:secret"}, "json": {**MESSAGE, "writeKey": "id:***"}},
        {"headers": {"Authorization": "Basic Og=="}, "params": {"writeKey": WRITE_KEY}},
        {"headers": {"Authorization": "Basic !!!"}, "params": {"writeKey": WRITE_KEY}},
        {"headers": {"Authorization": "Digest x"}, "params": {"writeKey": WRITE_KEY}},
    ],
)
async def test_a_key_is_found_wherever_an_sdk_puts_it(
    sent: dict[str, Any], stranger: httpx.AsyncClient, graph: Graph
) -> None:
    answer = await stranger.post("/v1/track", **with_message(sent))

    assert answer.status_code == 200, answer.text
    assert await event_names(graph) == ["Signed Up"]
    assert await sources(graph) == {"default"}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"headers": {"X-Write-Key": WRONG}},
        {"headers": {"X-Write-Key": WRONG, "Authorization": basic(WRITE_KEY)}},
        {"headers": {"X-Write-Key": ADMIN_KEY}},
        {"headers": {"X-Write-Key": f"secret:{WRITE_KEY}"}},
        {"headers": {"Authorization": basic(WRONG)}},
        {"headers": {"Authorization": "Basic Og=="}},
        {"json": {"batch": [], "writeKey": 5}},
        {"json": {"batch": [], "writeKey": ["a"]}},
        {"json": {"batch": [None]}},
        {"json": {"batch": [{**MESSAGE, "writeKey": None}]}},
        {"json": []},
    ],
)
async def test_without_a_valid_key_nothing_is_stored(
    sent: dict[str, Any], stranger: httpx.AsyncClient, graph: Graph
) -> None:
    answer = await stranger.post("/v1/track", **with_message(sent))

    assert answer.status_code == 401
    assert (answer.json()["success"], answer.json()["code"]) == (False, "UNKNOWN_KEY")
    assert WRONG not in answer.text
    assert await event_names(graph) == []
    assert await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.id") == []


async def test_a_key_with_a_surrogate_is_only_wrong(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/v1/track", content=rb'{"userId": "u1", "writeKey": "\ud800"}')

    assert answer.status_code == 401


async def test_a_write_key_names_the_source_from_its_creation_to_its_end(
    stranger: httpx.AsyncClient, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_KNOWN_FOR_SECONDS", 0.4)
    monkeypatch.setattr(keys, "_UNKNOWN_FOR_SECONDS", 0.2)
    # A Neo4j that is slow to tell whether a key is still valid is another matter: then it is, for that message.
    monkeypatch.setattr(keys, "_PATIENCE_SECONDS", 60.0)
    key = await create_key(graph, "web-shop")
    admin = await create_key(graph, "web-shop", ALL_SCOPES)

    async def send(key: str) -> int:
        answer = await stranger.post("/v1/track", json={**MESSAGE, "timestamp": None}, headers={"X-Write-Key": key})
        return answer.status_code

    await asyncio.sleep(0.3)  # a service looks for keys that it does not know once in a while
    assert await send(key.secret) == 200
    assert await send(admin.secret) == 401
    assert await sources(graph) == {"web-shop"}

    await revoke_key(graph, key.key.id)
    await asyncio.sleep(0.5)  # and believes those that it knows a little longer
    assert await send(key.secret) == 401
