"""What strangers send before anybody knows who they are: it costs the service little, and is never sent on to others."""

import asyncio
import gzip
import json
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api.collector.body import MAX_MESSAGES, MAX_NO_OBJECTS
from api.graphql.transport.socket_messages import FORBIDDEN, UNAUTHORIZED
from api.graphql.transport.sockets import MAX_STRANGER_BYTES
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.api.graphql.changes.following import following
from tests.live import ADMIN_KEY, WRITE_KEY, Live, serve
from tests.neo4j_server import TestServer

LETTERS = "MATCH (d:DeadLetter) WHERE d.id >= '' RETURN count(d) AS n"


@pytest.mark.parametrize("host", ["evil.example/x", 'a"b', "a b", "x@y", "", "a:b:c", "javascript:alert(1)", "a" * 300])
async def test_a_host_that_is_none_is_not_sent_on(host: str, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/projects/any/settings", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text or not host


async def test_a_host_that_asks_is_told_itself_and_no_cache_keeps_it(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/projects/any/settings", headers={"Host": "events.example.com:8443"})
    assert answer.json()["integrations"]["Segment.io"]["apiHost"] == "events.example.com:8443/v1"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_body_of_numbers_is_refused_as_a_whole(client: httpx.AsyncClient, graph: Graph) -> None:
    for several in (100_000, MAX_NO_OBJECTS + 1):
        answer = await client.post("/v1/batch", json={"batch": list(range(several))})
        assert answer.status_code in {400, 413}, answer.text
    assert await graph.run(LETTERS) == [{"n": 0}]
    assert (await client.post("/v1/batch", json=[1, "x", None])).status_code == 200
    assert await graph.run(LETTERS) == [{"n": 3}]


async def test_a_body_of_very_many_messages_is_refused(client: httpx.AsyncClient) -> None:
    started = time.monotonic()
    for message in (b"{}", b'{"type":"track","userId":"u1","event":"E"}'):
        body = gzip.compress(b"[" + b",".join([message] * (MAX_MESSAGES + 1)) + b"]")
        answer = await client.post("/v1/batch", content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert time.monotonic() - started < 20


async def test_strangers_hear_no_echo(live: Live) -> None:
    async with following(live) as follower:
        await follower.say("ping", payload={"x": "y" * 100})
        assert await follower.hear() == {"type": "pong"}
        await follower.say("ping", payload={"x": "y" * MAX_STRANGER_BYTES})
        assert await follower.end() == UNAUTHORIZED


async def test_who_is_refused_is_held_on_to_no_longer(live: Live) -> None:
    for _ in range(5):
        async with following(live) as follower:
            await follower.say("connection_init", payload={"accessKey": "guessed"})
            assert await follower.end() == FORBIDDEN
    async with asyncio.timeout(5):
        while live.app.state.sockets._open:  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)


async def test_a_page_of_another_site_changes_nothing(live: Live, stranger: httpx.AsyncClient) -> None:
    """Requests that browsers send without asking first: simple content types, and GET."""
    mutation = 'mutation { createAccessKey(input: {name: "evil", scopes: [READ]}) { secret } }'
    headers = {"Authorization": f"Bearer {live.admin_key}", "Origin": "https://evil.example"}
    body = json.dumps({"query": mutation})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await stranger.post("/graphql", content=body, headers={**headers, "Content-Type": kind})
        assert answer.status_code == 415
    assert (await stranger.get("/graphql", params={"query": mutation}, headers=headers)).status_code == 405
    keys = await stranger.post("/graphql", json={"query": "{ accessKeys { name } }"}, headers=headers)
    assert keys.json() == {"data": {"accessKeys": []}}
    assert "access-control-allow-origin" not in keys.headers
    several = await stranger.post("/graphql", json=[{"query": "{ __typename }"}] * 50, headers=headers)
    assert several.status_code == 400


@pytest.fixture
def strict(neo4j_server: TestServer, graph: Graph, tmp_path: Path) -> Generator[Live]:
    """Give a service that lets an address try one wrong key a second, ten at once, and knows its own address."""
    settings = Settings(
        port=0,
        data_dir=tmp_path,
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=SecretStr(neo4j_server.password),
        neo4j_database=neo4j_server.database,
        write_key=SecretStr(WRITE_KEY),
        admin_key=SecretStr(ADMIN_KEY),
        wrong_keys_per_second_per_address=1,
        public_url="https://events.example.com/",
    )
    with serve(settings) as live:
        yield live


async def test_who_guesses_keys_waits_and_who_has_one_does_not(strict: Live) -> None:
    async with clients.AsyncClient(base_url=strict.url, timeout=60) as client:

        async def try_key(key: str, path: str = "/v1/track") -> float:
            started = time.monotonic()
            headers = {"X-Write-Key": key, "Authorization": f"Bearer {key}"}
            answer = await client.post(path, json={"userId": "a"}, headers=headers)
            assert answer.status_code == 401
            return time.monotonic() - started

        for number in range(10):
            await try_key(f"guess {number}")
        waited = await asyncio.gather(*(try_key(f"another {number}") for number in range(20)))
        assert sum(seconds >= 1 for seconds in waited) >= 15
        guessing = [asyncio.create_task(try_key(f"again {number}")) for number in range(20)]
        good = {"Authorization": f"Bearer {ADMIN_KEY}"}
        assert (await client.post("/graphql", json={"query": "{ __typename }"}, headers=good)).status_code == 200
        assert not all(guess.done() for guess in guessing)
        await asyncio.gather(*guessing)
        waited = await asyncio.gather(*(try_key(f"more {number}", "/graphql") for number in range(20)))
        assert sum(seconds >= 1 for seconds in waited) >= 15


async def test_a_service_that_knows_its_address_tells_that_one(strict: Live) -> None:
    async with clients.AsyncClient(base_url=strict.url) as client:
        told: Any = (await client.get("/v1/projects/any/settings", headers={"Host": "evil.example"})).json()
    assert told["integrations"]["Segment.io"] | {"apiKey": ""} == {
        "apiKey": "",
        "apiHost": "events.example.com/v1",
        "protocol": "https",
    }
