"""A commit whose answer gets lost on its way: what is counted is what is stored."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.live import ADMIN_KEY, WRITE_KEY, Live, serve
from tests.lost_answers import LossyWay, lossy_way

EVENTS_ARE_COMMITTED = "SET n.accepted = $given"
DEAD_LETTERS_ARE_COMMITTED = "SET n.dead_lettered = n.dead_lettered"


@pytest.fixture
def way(settings: Settings) -> Any:
    with lossy_way(settings.neo4j_uri or "") as way:
        yield way


@pytest.fixture
def far(way: LossyWay, settings: Settings, graph: Graph) -> Any:
    """Give a service that reaches Neo4j on the lossy way, and has no spool to hide that behind."""
    update = {
        "spool_max_mb": 0,
        "neo4j_uri": way.uri,
        "write_key": SecretStr(WRITE_KEY),
        "admin_key": SecretStr(ADMIN_KEY),
    }
    with serve(settings.model_copy(update=update)) as live:
        yield live


@pytest.fixture
async def sender(far: Live) -> AsyncGenerator[httpx.AsyncClient]:
    async with clients.AsyncClient(base_url=far.url, headers={"X-Write-Key": WRITE_KEY}, timeout=60) as client:
        yield client


async def stats(far: Live) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    query = "{ ingestStats { accepted duplicates deadLettered ignored { namespace code count } } }"
    async with clients.AsyncClient(base_url=far.url, headers=headers, timeout=60) as client:
        return (await client.post("/graphql", json={"query": query})).json()["data"]["ingestStats"]


async def metrics(client: httpx.AsyncClient) -> tuple[int, int, int]:
    """Read what the metrics say was accepted, repeated and ignored."""
    found = {"identity_graph_events_accepted": 0, "identity_graph_events_duplicate": 0}
    found["identity_graph_ignored_identifiers"] = 0
    for family in text_string_to_metric_families((await client.get("/metrics")).text):
        if family.name in found:
            found[family.name] = int(sum(sample.value for sample in family.samples))
    accepted, duplicates, ignored = found.values()
    return accepted, duplicates, ignored


def batch(start: int, size: int = 3) -> dict[str, Any]:
    people = [{"type": "track", "messageId": f"m{n}", "userId": f"u{n}"} for n in range(start, start + size)]
    return {"batch": [person | {"anonymousId": "null"} for person in people]}


async def test_events_of_a_commit_whose_answer_is_lost_are_counted(
    way: LossyWay, far: Live, sender: httpx.AsyncClient, graph: Graph
) -> None:
    assert (await sender.post("/v1/batch", json=batch(0))).status_code == 200
    way.lose(EVENTS_ARE_COMMITTED)
    assert (await sender.post("/v1/batch", json=batch(3))).status_code == 503
    assert way.lost.is_set()
    assert (await graph.run("MATCH (e:Event) RETURN count(e) AS events"))[0]["events"] == 6, "the commit came through"
    assert (await sender.post("/v1/batch", json=batch(3))).status_code == 200
    assert (await sender.post("/v1/batch", json=batch(6))).status_code == 200

    assert await stats(far) == {
        "accepted": 9,
        "duplicates": 3,
        "deadLettered": 0,
        "ignored": [{"namespace": "anonymous_id", "code": "blocked", "count": 9}],
    }
    assert await metrics(sender) == (9, 3, 9)


async def test_metrics_learn_what_is_stored_though_nothing_is_sent_again(
    way: LossyWay, sender: httpx.AsyncClient
) -> None:
    way.lose(EVENTS_ARE_COMMITTED)
    assert (await sender.post("/v1/batch", json=batch(0))).status_code == 503
    for _ in range(200):
        if await metrics(sender) == (3, 0, 3):
            break
        await asyncio.sleep(0.1)
    assert await metrics(sender) == (3, 0, 3)


async def test_dead_letters_of_a_commit_whose_answer_is_lost_are_counted(
    way: LossyWay, far: Live, sender: httpx.AsyncClient
) -> None:
    body = {"batch": [{"type": "order", "userId": "u1"}, {"type": "track", "messageId": "m1", "userId": "u1"}]}
    way.lose(DEAD_LETTERS_ARE_COMMITTED)
    assert (await sender.post("/v1/batch", json=body)).status_code == 503
    assert way.lost.is_set()
    assert (await sender.post("/v1/batch", json=body)).status_code == 200

    assert await stats(far) == {"accepted": 1, "duplicates": 0, "deadLettered": 1, "ignored": []}


async def test_dead_letters_are_counted_when_the_events_beside_them_fail(
    way: LossyWay, far: Live, sender: httpx.AsyncClient
) -> None:
    body = {"batch": [{"type": "order", "userId": "u1"}, {"type": "track", "messageId": "m1", "userId": "u1"}]}
    way.lose(EVENTS_ARE_COMMITTED)
    assert (await sender.post("/v1/batch", json=body)).status_code == 503
    assert (await sender.post("/v1/batch", json=body)).status_code == 200

    assert await stats(far) == {"accepted": 1, "duplicates": 1, "deadLettered": 1, "ignored": []}


async def test_with_a_spool_nobody_hears_of_it_and_nothing_is_there_twice(
    way: LossyWay, settings: Settings, graph: Graph
) -> None:
    update = {"neo4j_uri": way.uri, "write_key": SecretStr(WRITE_KEY)}
    with serve(settings.model_copy(update=update)) as live:
        async with clients.AsyncClient(base_url=live.url, headers={"X-Write-Key": WRITE_KEY}, timeout=60) as client:
            way.lose(EVENTS_ARE_COMMITTED)
            assert (await client.post("/v1/batch", json=batch(0))).status_code == 200
            assert way.lost.is_set()
            for _ in range(200):
                if (await client.get("/health/ready")).json() == {"status": "ready"}:
                    break
                await asyncio.sleep(0.1)
            assert (await client.get("/health/ready")).json() == {"status": "ready"}
    (row,) = await graph.run("MATCH (e:Event) RETURN count(e) AS events, count(DISTINCT e.message_id) AS messages")
    assert (row["events"], row["messages"]) == (3, 3)
    (counted,) = await graph.run("MATCH (n:IngestCounter) RETURN sum(n.accepted) AS accepted")
    assert counted["accepted"] == 3
