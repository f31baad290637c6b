"""Whatever bytes and texts come, the readers give a value or refuse with their own error: nothing else is ever raised."""

import gzip
import json
from contextlib import suppress
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from api.collector.body import check_messages, decode_base64, inflate, parse_json
from api.graphql.base.cursors import decode_cursor, decode_moment, encode_cursor
from api.graphql.transport.requests import read_parameters
from api.graphql.transport.socket_messages import ProtocolError
from api.graphql.transport.socket_messages import read_message as read_socket_message
from identity_graph.domain.collecting.protocols import Protocol, read_message
from identity_graph.domain.collecting.segment.messages import Message, to_event
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.rules.file import load_preset, parse_rules
from identity_graph.domain.segments.file import parse_segment
from identity_graph.errors import IdentityGraphError
from tests.properties import examples

RULES = load_preset()
NOW = 1_800_000_000_000_000
WORDS = st.sampled_from(
    [
        "type", "track", "userId", "anonymousId", "messageId", "timestamp", "sentAt", "event", "traits", "properties", "context",
        "externalId", "externalIds", "id", "distinct_id", "identities", "time", "lib", "FromUserName", "MsgType", "CreateTime",
        "$identity_login_id", "order_id", "products", "total", "email", "phone", "batch", "device", "consent", "campaign",
    ]
)  # fmt: skip
KEYS = WORDS | st.text(max_size=6)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | WORDS
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)
YAML_WORDS = st.sampled_from(
    [
        "format", "1", "namespaces", "user_id", "kind", "account", "limit", "traits", "type", "string", "policy", "consent", "purposes",
        "channels", "sources", "trust", "browser", "rule", "all", "any", "not", "did", "event", "trait", "name", "op", "EQ", "value", "blocked",
        "session_gap", "PT30M", "segments", "&a", "*a", "<<", "!!python/object", "!!set", "? ", "- ", ": ", "{", "}", "[", "]", "\n", "\n  ",
        "\t", "'", '"', "|", ">", "%YAML 1.1", "---", "0x7f", "1e999", ".nan", "2026-01-01", "~",
    ]
)  # fmt: skip
YAML = st.lists(YAML_WORDS | st.text(max_size=5), max_size=40).map(" ".join) | ANY.map(
    lambda value: json.dumps(value, allow_nan=True)
)


@examples(60)
@given(ANY, ANY, st.sampled_from(Protocol))
def test_any_message_is_read_or_refused(message: Any, sent_at: Any, protocol: Protocol) -> None:
    for one in (message, {"type": "track", "userId": "u1", "properties": message, "context": message}):
        read = read_message(protocol, one, source="web", received_at=NOW, sent_at=sent_at)
        if isinstance(read, Message):
            to_event(read, RULES)


@examples(60)
@given(
    st.binary(max_size=200) | ANY.map(lambda value: json.dumps(value, allow_nan=True).encode("utf-8", "surrogatepass"))
)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for packed in (body, gzip.compress(body), gzip.compress(body)[:-3], b"\x1f\x8b" + body):
        with suppress(IdentityGraphError):
            value = parse_json(inflate(packed, "deflate"))
            check_messages(value if isinstance(value, list) else [value])
    with suppress(IdentityGraphError):
        inflate(decode_base64(body.decode("latin-1")))
    with suppress(ProtocolError):
        read_socket_message(body.decode("utf-8", "replace"))


@examples(60)
@given(ANY)
def test_any_graphql_request_is_read_or_refused(body: Any) -> None:
    with suppress(IdentityGraphError):
        read_parameters(body)


@examples(60)
@given(
    st.text(max_size=60) | st.builds(encode_cursor, st.just("x"), st.integers(-(2**63), 2**64 - 1), st.text(max_size=5))
)
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    for kind in (int, str):
        with suppress(IdentityGraphError):
            found = decode_cursor("x", cursor, kind)
            assert found is None or not isinstance(found[0], int) or -(2**63) <= found[0] < 2**63
    with suppress(IdentityGraphError):
        decode_moment("x", cursor)


@examples(60)
@given(YAML)
def test_any_rules_catalogue_and_segment_is_read_or_refused(text: str) -> None:
    for read in (parse_rules, parse_catalogue, parse_segment):
        with suppress(IdentityGraphError):
            read(text)


@examples(15)
@given(st.lists(ANY, max_size=6))
async def test_any_batch_is_answered(client: httpx.AsyncClient, batch: list[Any]) -> None:
    body = json.dumps({"batch": batch}, allow_nan=True).encode("utf-8", "surrogatepass")
    for path in ("/v1/batch", "/v1/track", "/sa", "/debug", "/api/s/s2s/event"):
        answer = await client.post(path, content=body)
        assert answer.status_code < 500, (path, answer.text)
