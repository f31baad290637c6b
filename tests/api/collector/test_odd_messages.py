"""Odd messages over HTTP: a field that says nothing costs no message, and is counted; odd addresses are read, too."""

from typing import Any

import httpx
import pytest

from identity_graph.domain.rules.file import load_preset
from identity_graph.service.commit.converting import reread
from identity_graph.store.collecting.readings import find_readings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.api.stored import event_names, letter_codes
from tests.domain.collecting.test_odd_fields import FULL, places, replaced
from tests.live import Live

ODD: list[dict[str, Any]] = [
    {"traits": [], "context": []},
    {"anonymousId": False, "properties": {"email": {"a": 1}}},
    {"sentAt": "soon", "timestamp": "2026-01-01T00:00:00Z"},
    {"context": {"device": [], "externalId": [{"id": "7", "type": "crm_id"}, 5]}},
]


def batch(**fields: Any) -> dict[str, Any]:
    messages = [{"type": "track", "event": f"E{n}", "userId": "u1", **odd} for n, odd in enumerate(ODD)]
    return {"batch": messages, **fields}


async def ask(live: Live, document: str) -> Any:
    async with clients.AsyncClient(base_url=live.url, headers={"Authorization": f"Bearer {live.admin_key}"}) as client:
        return (await client.post("/graphql", json={"query": document})).json()["data"]


async def test_odd_fields_cost_no_message_and_are_counted(live: Live, client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post(
        "/v1/track", json={"event": "E", "userId": "u1"}
    )  # the totals of this process are in the graph again
    before = {(one["namespace"], one["code"]): one["count"] for one in await _ignored(live)}
    assert (await client.post("/v1/batch", json=batch())).status_code == 200
    assert (await event_names(graph), await letter_codes(graph)) == (["E", "E0", "E1", "E2", "E3"], [])
    fields = ("traits", "context", "anonymousId", "properties.email", "sentAt", "context.device", "context.externalId")
    counted = {(one["namespace"], one["code"]): one["count"] for one in await _ignored(live)}
    assert {key: count - before.get(key, 0) for key, count in counted.items() if count != before.get(key, 0)} == {
        (field, "unreadable_field"): 1 for field in fields
    }
    found = await ask(
        live,
        '{ violations(code: "unreadable_field") { edges { node { code message a { key } } } } '
        "identityHealth { namespaces { namespace } } customers { edges { node { identifiers { key } } } } }",
    )
    messages = {edge["node"]["message"] for edge in found["violations"]["edges"]}
    assert len(messages) == len(fields)
    assert "The field sentAt of the message was left out: its value, a text, cannot be taken." in messages
    assert not {one["namespace"] for one in found["identityHealth"]["namespaces"]} & set(fields)
    assert found["customers"]["edges"][0]["node"]["identifiers"] == [{"key": "crm_id:7"}, {"key": "user_id:u1"}]


async def _ignored(live: Live) -> Any:
    return (await ask(live, "{ ingestStats { ignored { namespace code count } } }"))["ingestStats"]["ignored"]


async def test_what_was_left_out_stays_known_when_events_are_read_anew(client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post("/v1/batch", json=batch())
    ids = [row["id"] for row in await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.id AS id")]
    readings = await graph.read(lambda tx: find_readings(tx, ids=ids))
    assert len(readings) == len(ODD)
    assert all(row.ignored and not reread(row, load_preset()).is_changed for row in readings)


@pytest.mark.parametrize("sent", [None, "", "soon", [], {}, False, 5, 1e300, "9999-12-31T23:59:59Z", "0001-01-01"])
async def test_no_time_of_sending_costs_a_batch(sent: object, client: httpx.AsyncClient, graph: Graph) -> None:
    for body in (batch(sentAt=sent), {**batch(), "sentAt": sent}["batch"]):
        assert (await client.post("/v1/batch", json=body, headers={"SentAt": "soon"})).status_code == 200
    assert await letter_codes(graph) == []
    assert len(await event_names(graph)) >= len(ODD)


@pytest.mark.parametrize("path", ["//v1/batch", "/v1//batch", "///v1/batch//", "//beacon/v1/batch", "//v1/import"])
async def test_slashes_too_many_are_one(path: str, live: Live, client: httpx.AsyncClient, graph: Graph) -> None:
    assert (await client.post(f"{live.url}{path}", json=batch())).status_code == 200
    assert len(await event_names(graph)) == len(ODD)


async def test_browser_sdks_find_their_settings_behind_slashes_too_many(live: Live, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{live.url}//v1/projects/{live.write_key}/settings")).status_code == 200
    assert (await client.post(f"{live.url}//v1//t", json={"userId": "u1"})).status_code == 200
    assert (await client.options(f"{live.url}//v1/batch", headers={"Origin": "https://x"})).status_code in {200, 204}


ODD_VALUES: list[Any] = [
    None,
    "",
    "x",
    "null",
    "x" * 200,
    False,
    True,
    0,
    -1,
    7,
    7.5,
    1e300,
    [],
    {},
    [[]],
    [{}],
    {"id": {}},
]


async def test_every_value_in_every_field_is_taken_or_set_aside_and_never_an_error(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    messages = [
        {**replaced(FULL, place, value), "messageId": f"{number}/{at}"}
        for number, place in enumerate(places(FULL)[1:])
        for at, value in enumerate(ODD_VALUES)
    ]
    assert (await client.post("/v1/batch", json={"batch": messages})).status_code == 200
    letters = await letter_codes(graph)
    assert len(await event_names(graph)) + len(letters) == len(messages)
    assert set(letters) == {"invalid_field", "invalid_timestamp", "unknown_type"}, "ids that lost digits, times, types"
    assert len(letters) < len(messages) / 20
