import base64
import gzip
import json
import time
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from identity_graph.domain.collecting.sensors.checksum import checksum
from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, letter_codes
from tests.live import ADMIN_KEY, Live

SUCCESS = b'{"success":true}'


def message(event: str = "BuyNow", **fields: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": event, "identities": {"$identity_login_id": "ann"},
        "time": int(time.time() * 1000), "properties": {}, **fields,
    }  # fmt: skip


def encode(value: object, *, zipped: bool = False) -> str:
    content = json.dumps(value).encode()
    return base64.b64encode(gzip.compress(content) if zipped else content).decode()


def ext(data: str) -> str:
    return f"crc={checksum(data)}"


@pytest.fixture
def key(live: Live) -> str:
    return f"project=default&token={live.write_key}"


@pytest.mark.parametrize("path", ["/sa", "/sa/", "//sa", "/sa.gif", "/sa.gif/", "/debug"])
@pytest.mark.parametrize("zipped", [False, True])
async def test_a_form_of_one_message_or_several_is_stored(
    path: str, zipped: bool, stranger: httpx.AsyncClient, live: Live, key: str, graph: Graph
) -> None:
    for form in (
        {"data": encode(message("One"), zipped=zipped)},
        {"data_list": encode([message("Two"), message("Three")], zipped=zipped), "gzip": "1"},
    ):
        answer = await stranger.post(f"{live.url}{path}?{key}", data=form)
        assert (answer.status_code, answer.content) == (200, SUCCESS)

    assert await event_names(graph) == ["One", "Three", "Two"]


async def test_the_form_is_read_whatever_the_content_type_says(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    bodies = [
        ("text/plain;charset=UTF-8", f"data={quote(encode(message('Beacon')))}".encode()),
        ("text/plain", f"data_list={encode([message('Blanks ?>?>')])}".encode()),
        ("application/json", gzip.compress(urlencode({"data": encode(message("Packed"))}).encode())),
        ("application/x-www-form-urlencoded", json.dumps([message("Plain")]).encode()),
    ]
    for kind, body in bodies:
        answer = await stranger.post(f"/sa?{key}", content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.content) == (200, SUCCESS)

    assert await event_names(graph) == ["Beacon", "Blanks ?>?>", "Packed", "Plain"]


@pytest.mark.parametrize("path", ["/sa", "/sa.gif"])
async def test_an_image_carries_a_message_and_its_checksum(
    path: str, stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    data = encode(message("Image"))
    answer = await stranger.get(f"{path}?{key}&data={quote(data)}&ext={quote(ext(data))}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert await event_names(graph) == ["Image"]


async def test_data_with_a_wrong_checksum_is_a_dead_letter_and_the_answer_is_200(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    data = encode(message("Image"))
    for _ in range(2):
        answer = await stranger.get(f"/sa.gif?{key}&data={quote(data[:-8])}&ext={quote(ext(data))}")
        assert answer.status_code == 200

    assert await event_names(graph) == []
    assert await letter_codes(graph) == ["wrong_checksum"]


async def test_a_repeat_that_is_flushed_again_counts_once(stranger: httpx.AsyncClient, key: str, graph: Graph) -> None:
    said = message("Once", _track_id=12345)
    for delay in (0, 5000):
        await stranger.post(f"/sa?{key}", data={"data": encode({**said, "_flush_time": said["time"] + delay})})

    assert await event_names(graph) == ["Once"]


async def test_the_project_of_the_address_and_the_agent_of_a_browser_are_noted(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"}
    await stranger.post(f"/sa?{key}", data={"data": encode(message("Web", lib={"$lib": "js"}))}, headers=agent)
    await stranger.post(f"/sa?{key}", data={"data": encode(message("Server", lib={"$lib": "python"}))}, headers=agent)

    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.name AS name, e.channel AS channel")
    assert {(row["name"], row["channel"]) for row in rows} == {("Web", "H5"), ("Server", "OTHER")}


@pytest.mark.parametrize("token", ["", "&token=wrong"])
async def test_without_a_valid_key_nothing_is_read(token: str, stranger: httpx.AsyncClient, graph: Graph) -> None:
    for method in ("GET", "POST"):
        answer = await stranger.request(method, f"/sa.gif?project=default{token}&data={encode(message())}")
        assert (answer.status_code, answer.json()["code"]) == (401, "UNKNOWN_KEY")
    assert await event_names(graph) == []


@pytest.mark.parametrize("body", [b"", b"nothing=1", b"data=%%%", b"data=!!!", b"data=e30tLS0", b"\xff\xfe", b"{"])
async def test_what_cannot_be_parsed_is_refused(body: bytes, stranger: httpx.AsyncClient, key: str) -> None:
    answer = await stranger.post(f"/sa?{key}", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_BODY")


async def test_what_is_too_large_inflated_is_refused(stranger: httpx.AsyncClient, key: str) -> None:
    bomb = base64.b64encode(gzip.compress(b" " * 3_000_000 + b"{}")).decode()
    assert (await stranger.post(f"/sa?{key}", data={"data": bomb})).status_code == 200
    answer = await stranger.post(f"/sa?{key}", data={"data": bomb, "data_list": bomb})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_pages_of_any_origin_may_send(stranger: httpx.AsyncClient, key: str) -> None:
    origin = {"Origin": "https://shop.example"}
    preflight = await stranger.options("/sa.gif", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 200
    answer = await stranger.post(f"/sa.gif?{key}", data={"data": encode(message())}, headers=origin)
    for response in (preflight, answer):
        assert response.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_dry_run_says_what_is_wrong_and_stores_nothing(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    dry = {"Dry-Run": "true"}
    good = message(identities={"$identity_login_id": "ann", "taobao_ouid": "t", "$identity_mobile": "12"})
    answer = await stranger.post(f"/debug?{key}", data={"data": encode(good)}, headers=dry)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "warnings": ["Message 1: taobao_ouid is ignored (undeclared).", "Message 1: phone is ignored (invalid)."],
    }
    wrong = [good, message(type="buy"), message(identities={})] + [message(time="soon")] * 20
    answer = await stranger.post(f"/debug?{key}", data={"data_list": encode(wrong)}, headers=dry)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGES")
    assert "message 3: a message of type track needs identities, or a distinct_id (no_identifier); " in answer.text
    assert answer.json()["message"].endswith("; and 2 more")
    assert (await event_names(graph), await letter_codes(graph)) == ([], [])


async def test_debug_stores_what_is_right_and_says_what_is_wrong(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    answer = await stranger.post(f"/debug?{key}", data={"data_list": encode([message("Right"), message(type="buy")])})

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGES")
    assert "message 2: type must be one of" in answer.json()["message"]
    assert (await event_names(graph), await letter_codes(graph)) == (["Right"], ["unknown_type"])


async def test_a_dead_letter_is_read_again_as_what_it_was(
    stranger: httpx.AsyncClient, key: str, live: Live, graph: Graph
) -> None:
    await stranger.post(
        f"/sa?{key}", data={"data_list": encode([message("Later", type="buy"), message("Never", type="x")])}
    )
    rows = await graph.run("MATCH (d:DeadLetter) WHERE d.id >= '' RETURN DISTINCT d.protocol AS protocol")
    assert [row["protocol"] for row in rows] == ["sensors"]
    await graph.run("MATCH (d:DeadLetter) WHERE d.raw CONTAINS 'Later' SET d.raw = replace(d.raw, 'buy', 'track')")
    answer = await stranger.post(
        "/graphql",
        json={"query": "mutation { retryDeadLetters { succeeded failed } }"},
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
    )

    assert answer.json()["data"]["retryDeadLetters"] == {"succeeded": 1, "failed": 1}
    assert await event_names(graph) == ["Later"]


async def test_profiles_are_traits_and_what_is_unset_is_gone(
    stranger: httpx.AsyncClient, key: str, graph: Graph
) -> None:
    now = int(time.time() * 1000)
    steps = [
        message(type="profile_set", properties={"city": "Wuhan", "level": "gold"}, time=now - 3000),
        message(type="profile_unset", properties={"level": True}, time=now - 2000),
        message(type="profile_set_once", properties={"city": "Xi'an"}, time=now - 1000),
        message(type="profile_increment", properties={"points": 5}, time=now - 900),
    ]
    await stranger.post(f"/sa?{key}", data={"data_list": encode(steps)})
    asked = '{ lookup(value: "ann") { customer { traits { name value } } } }'
    answer = await stranger.post("/graphql", json={"query": asked}, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert answer.json()["data"]["lookup"][0]["customer"]["traits"] == [{"name": "city", "value": "Wuhan"}]
    rows = await graph.run("MATCH (e:Event {type: 'profile_increment'}) WHERE e.id >= '' RETURN e.traits AS traits")
    assert [json.loads(row["traits"]) for row in rows] == [{"points": 5}]
