"""A field of a wrong type says nothing: it is left out and counted, and the message stays."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.collecting.segment.messages import (
    CHANGED_BY_A_RETRY,
    Rejection,
    derive_message_id,
    extract,
    reread_event,
    to_event,
)
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.json_reader import NoNumber
from identity_graph.domain.values.observations import Message
from tests.domain.collecting.test_segment import NOW, SECOND, identifiers, make, read, refuse

RULES = load_preset()


def odd(message: object, **options: Any) -> list[tuple[str, str]]:
    return [(item.namespace, item.value) for item in read(message, **options).unreadable]


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({"userId": {}, "anonymousId": "a"}, ("userId", "an object")),
        ({"userId": False, "anonymousId": "a"}, ("userId", "true or false")),
        ({"anonymousId": []}, ("anonymousId", "an array")),
        ({"messageId": {}}, ("messageId", "an object")),
        ({"messageId": "x" * 101}, ("messageId", "a text")),
        ({"event": []}, ("event", "an array")),
        ({"type": "page", "name": {}}, ("name", "an object")),
        ({"type": "alias", "previousId": {}}, ("previousId", "an object")),
        ({"traits": []}, ("traits", "an array")),
        ({"traits": "text"}, ("traits", "a text")),
        ({"traits": {"email": []}}, ("traits.email", "an array")),
        ({"traits": {"x" * 256: 1}}, ("traits", "a text")),
        ({"properties": 1}, ("properties", "a number")),
        ({"properties": []}, ("properties", "an array")),
        ({"properties": {"phone": {}}}, ("properties.phone", "an object")),
        ({"properties": {"email": {"a": 1}}}, ("properties.email", "an object")),
        ({"properties": {"email": 7.5}}, ("properties.email", "a number")),
        ({"properties": {"phone": False}}, ("properties.phone", "true or false")),
        ({"context": []}, ("context", "an array")),
        ({"context": {"traits": 1}}, ("context.traits", "a number")),
        ({"context": {"traits": {"phone": []}}}, ("context.traits.phone", "an array")),
        ({"context": {"device": "x"}}, ("context.device", "a text")),
        ({"context": {"device": {"id": []}}}, ("context.device.id", "an array")),
        (
            {"context": {"device": {"adTrackingEnabled": True, "advertisingId": []}}},
            ("context.device.advertisingId", "an array"),
        ),
        ({"context": {"externalIds": "x"}}, ("context.externalIds", "a text")),
        ({"context": {"externalIds": ["x"]}}, ("context.externalIds", "a text")),
        ({"context": {"externalId": False}}, ("context.externalId", "true or false")),
        ({"context": {"externalIds": [{"id": []}]}}, ("context.externalIds.id", "an array")),
        ({"context": {"externalIds": [{"id": "1"}]}}, ("context.externalIds.type", "nothing")),
        ({"context": {"externalIds": [{"id": "1", "type": "x" * 65}]}}, ("context.externalIds.type", "a text")),
        (
            {"context": {"externalIds": [{"id": "1", "type": "email", "encoding": "sha256"}]}},
            ("context.externalIds.encoding", "a text"),
        ),
        ({"context": {"device": {"adTrackingEnabled": 1}}}, ("context.device.adTrackingEnabled", "a number")),
        (
            {"context": {"externalIds": [{"id": "1", "type": "crm_id", "collection": 5}]}},
            ("context.externalIds.collection", "a number"),
        ),
        ({"context": {"channel": []}}, ("context.channel", "an array")),
        ({"context": {"channel": 5}}, ("context.channel", "a number")),
        ({"properties": {"channel": False}}, ("properties.channel", "true or false")),
        ({"channel": {}}, ("channel", "an object")),
        ({"timestamp": []}, ("timestamp", "an array")),
        ({"timestamp": False}, ("timestamp", "true or false")),
        ({"originalTimestamp": {}}, ("originalTimestamp", "an object")),
        ({"timestamp": "2025-12-31T00:00:00Z", "sentAt": "soon"}, ("sentAt", "a text")),
        ({"timestamp": "2025-12-31T00:00:00Z", "sentAt": []}, ("sentAt", "an array")),
        ({"timestamp": "2025-12-31T00:00:00Z", "sentAt": 5}, ("sentAt", "a number")),
        ({"timestamp": "2025-12-31T00:00:00Z", "sentAt": "9000-01-01T00:00:00Z"}, ("sentAt", "a text")),
    ],
)
def test_an_odd_field_is_left_out_and_told(fields: dict[str, Any], left_out: tuple[str, str]) -> None:
    assert odd(make(**fields)) == [left_out]


NAN = NoNumber("nan")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"event": NAN}, "event"),
        ({"type": "page", "name": NAN}, "name"),
        ({"type": "group", "groupId": NAN}, "groupId"),
        ({"channel": NAN}, "channel"),
        ({"context": {"device": {"id": "d", "width": NAN}}}, "context"),
        ({"context": {"device": NAN}}, "context"),
        ({"context": {"device": {"advertisingId": NAN}}}, "context"),
        ({"context": {"externalIds": [{"id": "7", "type": "crm_id", "score": NAN}]}}, "context"),
        ({"context": {"externalId": {"id": NAN, "type": "sku", "collection": "products"}}}, "context"),
        ({"context": {"externalIds": [NAN, {"id": "7", "type": "crm_id"}]}}, "context"),
    ],
)
def test_what_is_no_number_is_left_out_and_told_wherever_it_is_no_id(fields: dict[str, Any], name: str) -> None:
    assert (name, "a number") in odd(make(**fields))
    ids = identifiers(make(**fields))
    assert "user_id=u1" in ids
    if "'7'" in str(fields):
        assert "crm_id=7" in ids


def test_an_odd_type_that_is_no_number_gives_way_to_that_of_the_path() -> None:
    assert odd(make(type=NAN), default_type="track") == [("type", "a number")]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"userId": NAN}, "userId"),
        ({"timestamp": NAN}, "timestamp"),
        ({"context": {"device": {"id": NAN}}}, "context.device.id"),
        ({"context": {"device": {"adTrackingEnabled": True, "advertisingId": NAN}}}, "context.device.advertisingId"),
        ({"context": {"externalIds": [{"id": NAN, "type": "crm_id"}]}}, "context.externalIds.id"),
        ({"context": {"externalId": {"id": NAN, "type": "crm_id", "collection": 5}}}, "context.externalId.id"),
    ],
)
def test_an_id_or_a_time_that_is_no_number_is_named(fields: dict[str, Any], path: str) -> None:
    found = extract(make(**fields), source="shop", received_at=NOW)
    assert isinstance(found, Rejection)
    assert found == ("invalid_field", f"{path} is NaN or Infinity: send a text")


@pytest.mark.parametrize("id", [1.5, 1e300, "1.23457E+17"])
def test_an_external_id_of_another_collection_costs_nothing(id: object) -> None:
    message = make(context={"externalIds": [{"id": id, "type": "sku", "collection": "products"}]})
    assert odd(message) == []
    assert identifiers(message) == {"user_id=u1"}


@pytest.mark.parametrize("empty", [None, ""])
def test_what_is_empty_is_not_odd(empty: object) -> None:
    fields = ["anonymousId", "messageId", "event", "traits", "properties", "context", "timestamp", "sentAt"]
    assert odd(make(**dict.fromkeys(fields, empty))) == []


def test_the_others_stand() -> None:
    message = make(
        context={
            "externalIds": [{"id": [], "type": "crm_id"}, {"id": "7", "type": "crm_id"}],
            "device": [],
            "traits": False,
        },
        traits={"email": {}, "phone": "13800138000", "x" * 256: 1, "plan": "pro"},
    )
    assert identifiers(message) == {"user_id=u1", "crm_id=7", "phone=13800138000"}
    assert read(message).traits == {"email": {}, "phone": "13800138000", "plan": "pro"}


def test_an_odd_message_id_is_as_none() -> None:
    for id in ("x" * 101, [], False):
        message = make(messageId=id)
        assert read(message).message_id == derive_message_id(message, "track")


def test_an_odd_type_gives_way_to_that_of_the_path() -> None:
    assert read(make(type=[]), default_type="page").type == "page"
    assert odd(make(type=[]), default_type="page") == [("type", "an array")]
    assert refuse(make(type=[])) == "unknown_type"


def test_without_an_identifier_left_the_message_is_refused() -> None:
    assert refuse({"type": "track", "userId": []}) == "invalid_field"
    assert refuse({"type": "track", "properties": {"email": 7.5}}) == "invalid_field"
    assert refuse({"type": "track", "context": []}) == "invalid_field"
    assert refuse({"type": "track"}) == "no_identifier"


def test_an_odd_time_of_sending_corrects_nothing() -> None:
    at = "2025-12-31T23:59:00Z"
    for sent in ("soon", [], False, 5, "1800-01-01"):
        assert read(make(timestamp=at, sentAt=sent)).occurred_at == NOW - 60 * SECOND
        assert read(make(timestamp=at), sent_at=sent).occurred_at == NOW - 60 * SECOND
        corrected = read(make(timestamp=at, sentAt=sent), sent_at="2025-12-31T23:59:10Z")
        assert corrected.occurred_at == NOW - 10 * SECOND, "that of the batch counts"


def test_an_odd_timestamp_gives_way_to_the_original_one() -> None:
    message = make(timestamp=[], originalTimestamp="2025-12-31T23:59:00Z", sentAt="2025-12-31T23:59:10Z")
    assert read(message).occurred_at == NOW - 10 * SECOND
    assert read(make(timestamp=[])).occurred_at == NOW


def test_it_is_kept_with_the_event_under_any_rules() -> None:
    event = to_event(read(make(properties=[], anonymousId="null")), RULES)
    told = [(item.namespace, item.value, item.code) for item in event.ignored]
    assert told == [("properties", "an array", "unreadable_field"), ("anonymous_id", "null", "blocked")]
    assert reread_event(event, RULES) == event


def test_the_external_id_of_rudder_is_read() -> None:
    entry = {"id": "7", "type": "crm_id"}
    for context in ({"externalId": [entry]}, {"externalId": entry}, {"externalIds": entry}):
        assert identifiers({"type": "track", "context": context}) == {"crm_id=7"}
        assert odd({"type": "track", "context": context}) == []


# Any value in any place

FULL: dict[str, Any] = {
    "type": "track",
    "event": "Seen",
    "name": "Home",
    "messageId": "m1",
    "userId": "u1",
    "anonymousId": "a1",
    "previousId": "a0",
    "groupId": "g1",
    "timestamp": "2025-12-31T23:59:00Z",
    "originalTimestamp": "2025-12-31T23:59:00Z",
    "sentAt": "2025-12-31T23:59:10Z",
    "receivedAt": "2025-12-31T23:59:10Z",
    "channel": "web",
    "integrations": {"All": True},
    "traits": {"email": "a@x.com", "phone": "13800138000"},
    "properties": {"email": "a@x.com", "phone": "13800138000", "name": "Home", "channel": "WEB"},
    "context": {
        "traits": {"email": "a@x.com", "phone": "13800138000"},
        "device": {"id": "d1", "advertisingId": "ad1", "adTrackingEnabled": True, "type": "ios"},
        "externalIds": [{"id": "7", "type": "crm_id", "collection": "users", "encoding": "none"}],
        "externalId": [{"id": "8", "type": "crm_id"}],
        "channel": "WEB",
        "library": {"name": "analytics.js"},
        "page": {"url": "x"},
        "os": {"name": "iOS"},
        "userAgent": "x",
    },
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=120),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "type", "email", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
IDS = {"userId", "anonymousId", "previousId", "messageId", "id", "advertisingId"}


def is_refused_on_purpose(path: tuple[Any, ...], value: Any) -> bool:
    """Whether an id has lost digits, or a text or a number in the place of a time is none."""
    if isinstance(value, list | dict):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return path[:1] == ("context",) and any(is_refused_on_purpose((*path, key), item) for key, item in inner)
    if path[-1] in IDS:
        return isinstance(value, float) or (isinstance(value, str) and "e+" in value.lower())
    return path[-1] == "timestamp" and isinstance(value, str | int | float) and type(value) is not bool


@settings(max_examples=1_500, deadline=None)
@given(
    path=st.sampled_from(places(FULL)[1:]), value=json_values, kind=st.sampled_from(["track", "page", "alias", "group"])
)
def test_no_value_of_one_field_costs_a_message(path: tuple[Any, ...], value: Any, kind: str) -> None:
    message = replaced({**FULL, "type": kind}, path, value)
    found = extract(message, source="shop", received_at=NOW, sent_at=value, default_type="track")
    if isinstance(found, Rejection):
        unknown = path == ("type",) and isinstance(value, str) and found.code == "unknown_type"
        assert unknown or is_refused_on_purpose(path, value), found
        return
    assert isinstance(found, Message)
    before = set(read({**FULL, "type": kind}).identifiers)
    lost = before - set(found.identifiers)
    is_empty = value is None or value == ""
    if (
        lost
        and not is_empty
        and not (path[-1] == "adTrackingEnabled" and value is False)
        and not isinstance(value, str | int | dict | list)
        and not (isinstance(value, float) and value.is_integer())  # which is an id itself
    ):
        assert found.unreadable
    reread = reread_event(to_event(found, RULES), RULES)
    assert {item.namespace for item in found.unreadable} <= {item.namespace for item in reread.ignored}
    if isinstance(value, bool) and path[-1] in IDS | {
        "context",
        "traits",
        "properties",
        "event",
        "device",
        "sentAt",
        "email",
    }:
        expected = ".".join(part for part in path if isinstance(part, str))
        read_there = kind == "alias" or path != ("previousId",)
        read_there = read_there and not (kind != "track" and path == ("event",))
        read_there = read_there and not (kind == "group" and path in {("properties", "email"), ("traits", "email")})
        read_there = read_there and path != ("sentAt",)  # beside an original timestamp nothing is corrected
        assert (expected in {item.namespace for item in found.unreadable}) == read_there
    assert not CHANGED_BY_A_RETRY & {found.message_id}
