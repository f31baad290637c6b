"""Messages that are far too much, from somebody who may send: neighbours and readers do not notice."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from identity_graph.cli.customers.lookup import find_cards
from identity_graph.domain.profiles.claims import LONGEST_TRAIT
from identity_graph.service.core import open_service
from identity_graph.service.profiles.reading import MOST_TRAITS_READ
from identity_graph.service.profiles.traits import MOST_TRAITS
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.api.stored import event_names, letter_codes, letters
from tests.live import ADMIN_KEY, Live

PATIENCE = 20.0
"""Seconds that a neighbour waits at most, on a busy machine; a try that fails for lack of memory takes longer."""


@pytest.fixture
async def asking(live: Live) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with clients.AsyncClient(base_url=live.url, headers=headers, timeout=60) as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def left_out(client: httpx.AsyncClient) -> dict[str, int]:
    """Read how many traits were left out so far, by reason."""
    stats = (await ask(client, "{ ingestStats { ignored { namespace code count } } }"))["ingestStats"]
    return {row["code"]: row["count"] for row in stats["ignored"] if row["namespace"] == ""}


def person(number: int, names: int) -> dict[str, Any]:
    traits = {f"t{n:04}": n for n in range(names)}
    return {"type": "identify", "messageId": f"p{number}", "userId": f"u{number}", "traits": traits}


async def test_a_batch_of_very_many_traits_is_taken_and_delays_nobody(
    client: httpx.AsyncClient, asking: httpx.AsyncClient, graph: Graph
) -> None:
    before = await left_out(asking)
    poison = [person(number, 2000) for number in range(100)]
    sending = asyncio.create_task(client.post("/v1/batch", json={"batch": poison}, timeout=200))
    waits: list[float] = []
    while not sending.done():
        started = time.monotonic()
        answer = await client.post("/v1/track", json={"userId": "neighbour", "event": f"Kept {len(waits)}"})
        assert answer.status_code == 200
        waits.append(time.monotonic() - started)
    assert (await sending).status_code == 200
    assert waits
    assert max(waits) < PATIENCE
    assert await letter_codes(graph) == []
    after = await left_out(asking)
    assert after["too_many_traits"] - before.get("too_many_traits", 0) == 100 * (2000 - MOST_TRAITS)
    found = await ask(asking, '{ lookup(value: "u7") { customer { traitCount traits { name } } } }')
    customer = found["lookup"][0]["customer"]
    assert customer["traitCount"] == MOST_TRAITS
    assert [trait["name"] for trait in customer["traits"]] == [f"t{n:04}" for n in range(MOST_TRAITS)]


async def test_the_traits_that_stay_are_those_said_last_in_any_order(client: httpx.AsyncClient, graph: Graph) -> None:
    def said(who: str, day: int) -> dict[str, Any]:
        traits = {f"day{day} {n:03}": day for n in range(200)} | {"always": day}
        at = f"2026-01-{day:02}T00:00:00Z"
        return {"type": "identify", "messageId": f"{who}{day}", "userId": who, "timestamp": at, "traits": traits}

    for who, days in (("up", [1, 2, 3, 4]), ("down", [4, 3, 2, 1]), ("mixed", [2, 4, 1, 3])):
        for day in days:
            assert (await client.post("/v1/track", json=said(who, day))).status_code == 200
    assert (await client.post("/v1/batch", json={"batch": [said("at once", d) for d in (3, 1, 4, 2)]})).is_success

    rows = await graph.run(
        "MATCH (i:Identifier)-[:HAS_TRAIT]->(t) WHERE i.key >= '' "
        "RETURN i.value AS who, collect(t.name + ' is ' + t.value) AS traits"
    )
    kept = {row["who"]: sorted(row["traits"]) for row in rows}
    assert len(kept["up"]) == MOST_TRAITS
    assert "always is 4" in kept["up"]
    assert not any(text.startswith("day1") for text in kept["up"])
    assert kept["up"] == kept["down"] == kept["mixed"] == kept["at once"]


async def test_traits_that_were_pushed_out_come_back_when_later_ones_are_taken_back(
    client: httpx.AsyncClient, asking: httpx.AsyncClient
) -> None:
    for day in (1, 2, 3):
        traits = {f"day{day} {n:03}": day for n in range(200)}
        message = {
            "messageId": f"m{day}",
            "userId": "ann",
            "timestamp": f"2026-01-{day:02}T00:00:00Z",
            "traits": traits,
        }
        assert (await client.post("/v1/identify", json=message)).status_code == 200
    found = await ask(asking, '{ lookup(value: "ann") { customer { traitCount } } }')
    assert found["lookup"][0]["customer"] == {"traitCount": MOST_TRAITS}
    await ask(asking, 'mutation { retractObservation(source: "default", messageId: "m3") { customers { id } } }')

    found = await ask(
        asking, '{ lookup(value: "ann") { customer { traitCount traits(names: ["day1 199"]) { value } } } }'
    )
    assert found["lookup"][0]["customer"] == {"traitCount": 400, "traits": [{"value": 1}]}


async def test_a_trait_that_is_too_long_stays_in_the_event_and_is_counted(
    client: httpx.AsyncClient, asking: httpx.AsyncClient, graph: Graph
) -> None:
    before = await left_out(asking)
    traits = {"long": "x" * LONGEST_TRAIT, "short": "y"}
    await client.post("/v1/identify", json={"userId": "ann", "traits": traits})

    rows = await graph.run("MATCH (t:Trait) RETURN t.name AS name")
    assert [row["name"] for row in rows] == ["short"]
    [event] = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.traits AS traits")
    assert "x" * LONGEST_TRAIT in event["traits"]
    assert (await left_out(asking))["trait_too_large"] - before.get("trait_too_large", 0) == 1


async def test_a_customer_with_very_many_traits_is_read(
    client: httpx.AsyncClient, asking: httpx.AsyncClient, settings: Settings
) -> None:
    """An account with 20 devices, each of which has as many traits as it may have."""
    devices = [f"d{n}" for n in range(20)]
    for device in devices:
        traits = {f"{device} {n}": n for n in range(MOST_TRAITS)}
        bag = {"context": {"device": {"id": device}}}
        assert (await client.post("/v1/identify", json=bag | {"traits": traits})).status_code == 200
        assert (await client.post("/v1/track", json=bag | {"userId": "ann"})).status_code == 200

    found = await ask(
        asking,
        '{ lookup(value: "ann") { customer { traitCount traits { name } some: traits(names: ["d9 499"]) { name } } } }',
    )
    customer = found["lookup"][0]["customer"]
    assert customer["traitCount"] == 20 * MOST_TRAITS
    assert len(customer["traits"]) == MOST_TRAITS_READ
    assert customer["some"] == [{"name": "d9 499"}]
    async with open_service(settings) as service:
        [card] = await find_cards(service, "ann")
    assert (len(card.traits), card.trait_count) == (MOST_TRAITS_READ, 20 * MOST_TRAITS)


async def test_what_breaks_a_constraint_for_ever_is_a_dead_letter(client: httpx.AsyncClient, graph: Graph) -> None:
    await graph.run("CREATE CONSTRAINT of_a_test IF NOT EXISTS FOR (e:Event) REQUIRE e.name IS UNIQUE")
    try:
        batch = [{"type": "track", "userId": f"u{n}", "event": f"Name {n}"} for n in range(8)]
        batch[5] = {"type": "track", "userId": "u5", "event": "Name 2"}
        assert (await client.post("/v1/batch", json={"batch": batch})).status_code == 200
    finally:
        await graph.run("DROP CONSTRAINT of_a_test")
    assert await event_names(graph) == [f"Name {n}" for n in range(8) if n != 5]
    [letter] = await letters(graph)
    assert letter.code == "refused_by_graph"
