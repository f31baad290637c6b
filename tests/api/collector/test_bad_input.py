import gzip
import json
import time
import zlib
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from api.collector.body import MAX_BODY_BYTES, inflate, parse_json
from api.collector.errors import BodyTooLargeError, MalformedBodyError
from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, letter_codes, letters, properties


def failure(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"success", "code", "message"}
    assert body["success"] is False
    assert body["message"]
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  ", b"{", b'{"batch": [', b"null", b"5", b'"text"', b"data=abc&ext=1", b"\x00", b"\xff\xfe\xfd", b"[1, 2",
        b"\x1f\x8b", gzip.compress(b"not json", mtime=0), gzip.compress(b"{}" * 100, mtime=0)[:-12], b"[" * 100_000, b"{'a': 1}",
        '{"batch": []}'.encode("utf-16"),
    ],
)  # fmt: skip
async def test_what_cannot_be_parsed_is_400(body: bytes, client: httpx.AsyncClient, graph: Graph) -> None:
    assert failure(await client.post("/v1/batch", content=body)) == (400, "MALFORMED_BODY")
    assert await letter_codes(graph) == []


@pytest.mark.parametrize("body", [{}, {"batch": None}, {"batch": {}}, {"batch": "x"}, {"userId": "u1"}])
async def test_a_batch_without_messages_is_400(body: Any, client: httpx.AsyncClient) -> None:
    assert failure(await client.post("/v1/batch", json=body)) == (400, "MALFORMED_BODY")


async def test_a_body_at_the_limit_is_taken_and_beyond_it_is_413(client: httpx.AsyncClient, graph: Graph) -> None:
    empty = b'{"batch": [], "pad": ""}'
    full = b'{"batch": [], "pad": "' + b"x" * (MAX_BODY_BYTES - len(empty)) + b'"}'

    assert (await client.post("/v1/batch", content=full)).status_code == 200
    assert failure(await client.post("/v1/batch", content=full + b" ")) == (413, "BODY_TOO_LARGE")
    assert failure(await client.post("/v1/batch", content=gzip.compress(full + b" "))) == (413, "BODY_TOO_LARGE")


async def test_a_body_of_20_megabytes_gets_its_answer_although_it_is_dropped(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(20):
            yield b"x" * 1024 * 1024

    assert failure(await client.post("/v1/batch", content=chunks())) == (413, "BODY_TOO_LARGE")


async def test_a_gzip_bomb_is_cut_off_early(client: httpx.AsyncClient) -> None:
    packer = zlib.compressobj(9, wbits=31)
    block = b"\x00" * 1024 * 1024
    bomb = b"".join(packer.compress(block) for _ in range(300)) + packer.flush()
    assert len(bomb) < 1024 * 1024

    started = time.perf_counter()
    assert failure(await client.post("/v1/batch", content=bomb)) == (413, "BODY_TOO_LARGE")
    assert time.perf_counter() - started < 5


def test_many_small_gzip_members_are_one_body_and_count_together() -> None:
    assert inflate(gzip.compress(b'{"a":') + gzip.compress(b"1}")) == b'{"a":1}'
    assert inflate(gzip.compress(b"{}") + b"\x00\x00") == b"{}"
    member = gzip.compress(b"x" * 1024 * 1024)
    with pytest.raises(BodyTooLargeError):
        inflate(member * 6)


def test_a_deflated_body_is_inflated_when_it_says_so() -> None:
    assert inflate(zlib.compress(b"{}"), "deflate") == b"{}"
    assert inflate(b"{}", "deflate") == b"{}"
    with pytest.raises(MalformedBodyError):
        inflate(gzip.compress(b"{}" * 500)[:20] + b"\xff" * 40)


async def test_a_text_of_10_megabytes_is_413_and_one_of_4_is_a_dead_letter(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    def batch(size: int) -> dict[str, Any]:
        return {"batch": [{"type": "track", "userId": "u1", "event": "Kept"},
                          {"type": "track", "userId": "u1", "event": "x" * size}]}  # fmt: skip

    assert failure(await client.post("/v1/batch", json=batch(10_000_000))) == (413, "BODY_TOO_LARGE")
    assert (await client.post("/v1/batch", json=batch(4_000_000))).status_code == 200
    assert await event_names(graph) == ["Kept"]
    [letter] = await letters(graph)
    assert letter.code == "message_too_large"
    assert json.loads(letter.raw)["event"] == "x" * 4_000_000


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (rb'{"type":"track","userId":"\ud800"}', "invalid_text"),
        (rb'{"type":"track","userId":"u1","properties":{"\udc00":1}}', "invalid_text"),
        (b'{"type":"track","userId":"caf\xe9"}', "invalid_text"),
        (b'{"type":"track","userId":"\xed\xa0\x80"}', "invalid_text"),
        (b'{"type":"track","userId":123456789012345678901234567890}', "invalid_field"),
        (b'{"type":"track","userId":"u1","properties":' + b"[" * 400 + b"]" * 400 + b"}", "invalid_field"),
    ],
)
async def test_what_a_strict_parser_refuses_costs_no_neighbour(
    bad: bytes, code: str, client: httpx.AsyncClient, graph: Graph
) -> None:
    good = b'{"type":"track","userId":"u1","event":"Kept"}'

    answer = await client.post("/v1/batch", content=b'{"batch":[' + good + b"," + bad + b"]}")

    assert answer.status_code == 200
    assert await event_names(graph) == ["Kept"]
    assert await letter_codes(graph) == [code]


async def test_numbers_that_json_does_not_have_are_left_out_and_counted(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    body = (
        b'{"userId":"u1","properties":{"a":NaN,"b":-Infinity,"c":1e999,"d":1.5,"e":18446744073709551615,"f":'
        + b"9" * 5000
        + b',"g":[NaN]}}'
    )

    assert (await client.post("/v1/track", content=body)).status_code == 200
    assert await properties(graph) == [{"d": 1.5, "e": 18446744073709551615, "g": [None]}]
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.ignored AS ignored")
    assert rows == [{"ignored": ["unreadable_field properties:a number"]}]


@pytest.mark.parametrize("number", [b"18446744073709551616", b"-9223372036854775809", b"[" + b"9" * 30 + b"]"])
async def test_a_number_of_more_than_64_bits_is_never_rounded(
    number: bytes, client: httpx.AsyncClient, graph: Graph
) -> None:
    good = b'{"type":"track","userId":"u1","event":"Kept"}'
    bad = b'{"type":"track","userId":"u1","properties":{"n":' + number + b"}}"

    assert (await client.post("/v1/batch", content=b'{"batch":[' + good + b"," + bad + b"]}")).status_code == 200
    assert await event_names(graph) == ["Kept"]
    [letter] = await letters(graph)
    assert (letter.code, number.decode() in letter.raw) == ("invalid_field", True)


@pytest.mark.parametrize("field", ["userId", "anonymousId", "messageId", "timestamp"])
@pytest.mark.parametrize("number", [b"NaN", b"1e999", b"18446744073709551616", b"-9223372036854775809"])
async def test_an_id_or_a_time_that_is_no_number_costs_its_message_and_no_neighbour(
    field: str, number: bytes, client: httpx.AsyncClient, graph: Graph
) -> None:
    good = b'{"type":"track","userId":"u1","event":"Kept"}'
    bad = b'{"type":"track","context":{"device":{"id":"d"}},"' + field.encode() + b'":' + number + b"}"

    assert (await client.post("/v1/batch", content=b'{"batch":[' + good + b"," + bad + b"]}")).status_code == 200
    assert await letter_codes(graph) == ["invalid_field"]
    assert await event_names(graph) == ["Kept"]


async def test_a_byte_order_mark_is_no_harm(client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post("/v1/track", content=b"\xef\xbb\xbf" + b'{"userId":"u1","event":"Kept"}')

    assert await event_names(graph) == ["Kept"]


async def test_a_message_too_deep_to_be_written_is_kept_as_far_as_it_can_be(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    deep = b'{"userId":"u1","properties":' + b'{"a":[' * 480 + b"1" + b"]}" * 480 + b"}"

    assert (await client.post("/v1/track", content=deep)).status_code == 200
    [letter] = await letters(graph)
    assert letter.code == "invalid_field"
    kept = json.loads(letter.raw)
    assert kept["userId"] == "u1"
    assert kept["properties"]["a"][0]["a"][0]["a"]


async def test_nul_in_an_identifier_makes_it_unusable_and_keeps_the_event(
    client: httpx.AsyncClient, graph: Graph
) -> None:
    await client.post("/v1/track", json={"userId": "a\x00b", "anonymousId": "a1", "event": "Kept\x00"})

    rows = await graph.run(
        "MATCH (e:Event)-[:OBSERVED]->(i) WHERE e.id >= '' RETURN e.ignored AS ignored, i.key AS key"
    )
    assert rows == [{"ignored": ["invalid user_id:a\x00b"], "key": "anonymous_id:a1"}]
    assert await event_names(graph) == ["Kept\x00"]


@pytest.mark.parametrize("timestamp", ["1066-10-14T09:00:00Z", "0001-01-01T00:00:00Z", 10**17, "99999-01-01T00:00:00Z"])
async def test_dates_far_off_are_dead_letters(timestamp: object, client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post("/v1/track", json={"userId": "u1", "timestamp": timestamp})

    assert await letter_codes(graph) == ["invalid_timestamp"]


async def test_a_date_in_the_far_future_is_now(client: httpx.AsyncClient, graph: Graph) -> None:
    await client.post("/v1/track", json={"userId": "u1", "timestamp": "9999-12-31T23:59:59Z"})

    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.occurred_at = e.received_at AS now")
    assert rows == [{"now": True}]


async def test_long_names_everywhere_do_not_break_the_graph(client: httpx.AsyncClient, graph: Graph) -> None:
    long = "长" * 8000
    batch = [
        {"type": "track", "event": long, "userId": "u1", "properties": {long[:900]: long[:900]}},
        {"type": "identify", "userId": "u2", "traits": {"n" * 255: long[:4000]}},
        {"type": "track", "userId": "u3" * 4000, "event": "Long id"},
        {
            "type": "track",
            "userId": "u4",
            "event": "Kept",
            "context": {"channel": long, "library": {"name": long[:99]}},
        },
    ]

    assert (await client.post("/v1/batch", json={"batch": batch})).status_code == 200
    assert await event_names(graph) == ["Kept", "Long id", "identify", long]
    assert await letter_codes(graph) == []


@pytest.mark.parametrize("body", [b'{"a":1}', b"[]", b'[{"a":"\\ud800"}]'])
def test_objects_and_arrays_are_parsed(body: bytes) -> None:
    assert parse_json(body) == json.loads(body)
