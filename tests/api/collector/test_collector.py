import gzip
import json
from typing import Any

import httpx
import pytest

from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, letter_codes, properties

SUCCESS = b'{"success":true}'
LONG = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
TYPES = sorted(LONG.values())


def message(name: str = "Signed Up", **fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "userId": "u1", **fields}


async def types(graph: Graph) -> set[str]:
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.type AS type")
    return {row["type"] for row in rows}


async def test_a_message_is_stored_before_the_answer(client: httpx.AsyncClient, graph: Graph) -> None:
    answer = await client.post("/v1/track", json={"userId": "u1", "anonymousId": "a1", "event": "Signed Up"})

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert answer.headers["content-type"] == "application/json"
    rows = await graph.run("MATCH (e:Event)-[:OBSERVED]->(i) WHERE i.key >= '' RETURN e.name AS name, i.key AS key")
    assert {(row["name"], row["key"]) for row in rows} == {
        ("Signed Up", "user_id:u1"),
        ("Signed Up", "anonymous_id:a1"),
    }


@pytest.mark.parametrize("slash", ["", "/"])
async def test_short_and_long_paths_say_the_type_with_and_without_a_slash(
    slash: str, client: httpx.AsyncClient, graph: Graph
) -> None:
    for paths in (LONG.keys(), LONG.values()):
        for path in paths:
            answer = await client.post(f"/v1/{path}{slash}", json={"userId": "u1", "messageId": path})
            assert (answer.status_code, answer.content) == (200, SUCCESS)

    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.message_id AS path, e.type AS type")
    assert {row["path"]: row["type"] for row in rows} == LONG | {kind: kind for kind in TYPES}


@pytest.mark.parametrize(
    "path", ["/v1/b", "/v1/batch", "/v1/batch/", "/v1/import", "/beacon/v1/batch", "/beacon/v1/batch/"]
)
async def test_a_batch_is_taken_on_each_of_its_paths(path: str, client: httpx.AsyncClient, graph: Graph) -> None:
    answer = await client.post(path, json={"batch": [message("One"), message("Two")]})

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await event_names(graph) == ["One", "Two"]


@pytest.mark.parametrize("path", ["/api/s/page", "/api/s/s2s/page", "/api/s/page/"])
async def test_jitsu_has_its_own_paths(path: str, client: httpx.AsyncClient, graph: Graph) -> None:
    answer = await client.post(path, json={"userId": "u1"})

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await types(graph) == {"page"}


async def test_an_array_is_a_batch_wherever_it_goes(client: httpx.AsyncClient, graph: Graph) -> None:
    assert (await client.post("/v1/batch", json=[message("One")])).status_code == 200
    assert (await client.post("/v1/page", json=[message("Two"), {"userId": "u1"}])).status_code == 200

    assert await event_names(graph) == ["One", "Two", "page"]


async def test_the_body_knows_the_type_better_than_the_path(client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post("/v1/page", json={"type": "screen", "userId": "u1"})

    assert await types(graph) == {"screen"}


async def test_metrics_of_an_sdk_are_taken_and_dropped_without_a_key(stranger: httpx.AsyncClient, graph: Graph) -> None:
    answer = await stranger.post("/v1/m", content=b'{"series":[]}')

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await event_names(graph) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "image/png", ""])
@pytest.mark.parametrize("encoding", [None, "gzip", "identity"])
@pytest.mark.parametrize("zipped", [True, False])
async def test_headers_about_the_body_are_not_believed(
    content_type: str, encoding: str | None, zipped: bool, client: httpx.AsyncClient, graph: Graph
) -> None:
    body = json.dumps(message()).encode()
    headers = {"Content-Type": content_type} | ({"Content-Encoding": encoding} if encoding else {})

    answer = await client.post("/v1/track", content=gzip.compress(body) if zipped else body, headers=headers)

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await event_names(graph) == ["Signed Up"]


async def test_a_repeat_of_a_message_changes_nothing(client: httpx.AsyncClient, graph: Graph) -> None:
    for name, sent_at in (("First", "2026-01-01T00:00:00Z"), ("Second", "2026-01-01T00:00:09Z")):
        await client.post("/v1/batch", json={"batch": [message(name, messageId="m1")], "sentAt": sent_at})

    assert await event_names(graph) == ["First"]


async def test_a_message_without_an_id_is_known_again_when_it_is_sent_again(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    for sent_at in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z"):
        await client.post("/v1/track", json=message(timestamp="2026-01-01T00:00:00Z", sentAt=sent_at))

    assert await event_names(graph) == ["Signed Up"]


@pytest.mark.parametrize("where", ["batch", "message", "header"])
async def test_a_wrong_clock_is_corrected_by_the_time_of_sending(
    where: str, client: httpx.AsyncClient, graph: Graph
) -> None:
    timestamp, sent_at = "2001-01-01T00:00:00Z", "2001-01-01T00:01:00Z"
    body: dict[str, Any] = message(timestamp=timestamp)
    if where == "message":
        body["sentAt"] = sent_at
    await client.post(
        "/v1/batch",
        json={"batch": [body], "sentAt": sent_at if where == "batch" else None},
        headers={"SentAt": sent_at} if where == "header" else {},
    )

    rows = await graph.run(
        "MATCH (e:Event) WHERE e.id >= '' RETURN duration.inSeconds(e.occurred_at, e.received_at).seconds AS seconds"
    )
    assert rows == [{"seconds": 60}]


async def test_one_bad_message_never_fails_its_neighbours(client: httpx.AsyncClient, graph: Graph) -> None:
    bad: list[Any] = [
        None, 5, "text", [], {"type": "track"}, message(type="order"), message(timestamp="yesterday"),
        message(userId=7.5), message(properties={"a": "x" * 33_000}),
        message(context={"externalIds": [{"id": str(n), "type": "crm_id"} for n in range(21)]}),
    ]  # fmt: skip

    answer = await client.post("/v1/batch", json={"batch": [message("One"), *bad, message("Two")]})

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await event_names(graph) == ["One", "Two"]
    assert await letter_codes(graph) == [
        "invalid_field", "invalid_timestamp", "message_too_large", "no_identifier", "not_an_object", "not_an_object",
        "not_an_object", "not_an_object", "too_many_identifiers", "unknown_type",
    ]  # fmt: skip


async def test_a_single_bad_message_is_safe_too_so_the_answer_is_success(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    answer = await client.post("/v1/track", json={"event": "Signed Up"})

    assert (answer.status_code, answer.content) == (200, SUCCESS)
    assert await letter_codes(graph) == ["no_identifier"]


async def test_an_empty_batch_is_fine(client: httpx.AsyncClient, graph: Graph) -> None:
    assert (await client.post("/v1/batch", json={"batch": []})).content == SUCCESS
    assert await event_names(graph) == []


async def test_a_large_batch_is_stored_whole(client: httpx.AsyncClient, graph: Graph) -> None:
    batch = [message(f"{n:04}", userId=f"u{n % 50}", properties={"note": "x" * 1500}) for n in range(2500)]

    answer = await client.post("/v1/batch", content=gzip.compress(json.dumps({"batch": batch}).encode()))

    assert answer.content == SUCCESS
    assert await event_names(graph) == [f"{n:04}" for n in range(2500)]


async def test_two_user_ids_in_one_event_are_two_people_and_say_so(client: httpx.AsyncClient, graph: Graph) -> None:
    other = {"externalIds": [{"id": "u2", "type": "user_id"}]}
    await client.post("/v1/track", json=message(anonymousId="a1", context=other))

    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.ignored AS ignored")
    assert [set(row["ignored"]) for row in rows] == [
        {"ambiguous_observation user_id:u1", "ambiguous_observation user_id:u2"}
    ]
    customers = await graph.run(
        "MATCH (c:Customer)<-[:BELONGS_TO]-(i:Identifier) WHERE c.id >= '' RETURN count(DISTINCT c) AS n"
    )
    assert customers == [{"n": 3}]


async def test_properties_are_kept_as_they_came(client: httpx.AsyncClient, graph: Graph) -> None:
    kept = {"名字": "小明\u0000", "list": [1, 2.5, None, {"a": True}], "big": 2**63, "empty": "", "null": None}
    await client.post("/v1/track", json=message(properties=kept))

    assert await properties(graph) == [kept]


async def test_the_pixel_takes_a_message_from_the_address_of_an_image(
    stranger: httpx.AsyncClient, graph: Graph
) -> None:
    import base64

    from tests.live import WRITE_KEY

    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        data = encode(json.dumps({"userId": "ü?>", "event": encode.__name__, "writeKey": WRITE_KEY}).encode())
        answer = await stranger.get("/v1/pixel/track", params={"data": data.decode().rstrip("=")})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.content.startswith(b"GIF89a")

    assert await event_names(graph) == ["b64encode", "urlsafe_b64encode"]
    assert (await stranger.get("/v1/pixel/batch")).status_code == 404
    assert (await stranger.get("/v1/pixel/track", params={"data": "%%%"})).json()["code"] == "MALFORMED_BODY"
    assert (await stranger.get("/v1/pixel/track", params={"data": "W10="})).json()["code"] == "UNKNOWN_KEY"
    assert (await stranger.post("/v1/pixel/track")).status_code == 405


async def test_a_browser_that_asks_for_no_sale_denies_it_for_its_cookie(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    said = {"anonymousId": "a1", "userId": "u1", "event": "Seen"}
    await client.post("/v1/track", json={**said, "messageId": "1"}, headers={"Sec-GPC": "0"})
    assert await graph.run("MATCH (k:Consent) WHERE k.id >= '' RETURN k") == []
    await client.post("/v1/track", json={**said, "messageId": "2"}, headers={"Sec-GPC": "1"})
    rows = await graph.run(
        "MATCH (i)-[:GAVE]->(k:Consent) WHERE k.id >= '' RETURN i.key AS key, k.subject AS subject, k.state AS state"
    )
    assert rows == [{"key": "anonymous_id:a1", "subject": "opt_out", "state": "DENIED"}]
