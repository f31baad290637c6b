import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.collecting.segment.messages import (
    MAX_MESSAGE_BYTES,
    Rejection,
    RejectionCode,
    derive_message_id,
    extract,
    to_event,
)
from identity_graph.domain.rules.rule_set import Limit, NamespaceRule, RuleSet
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel, Message

NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""
SECOND = 1_000_000


def read(message: object, **options: Any) -> Message:
    result = extract(message, source="shop", received_at=NOW, **options)
    assert isinstance(result, Message), result
    return result


def refuse(message: object, **options: Any) -> RejectionCode:
    result = extract(message, source="shop", received_at=NOW, **options)
    assert isinstance(result, Rejection), result
    return result.code


def make(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1", **fields}


def identifiers(message: object, **options: Any) -> set[str]:
    return {f"{namespace}={value}" for namespace, value in read(message, **options).identifiers}


def test_a_message_is_taken_apart() -> None:
    message = read(make(timestamp="2025-12-31T23:59:00.123Z", properties={"total": 9.5}))

    assert message == Message(
        source="shop",
        message_id="m1",
        type="track",
        name="Order Completed",
        occurred_at=NOW - 60 * SECOND + 123_000,
        received_at=NOW,
        channel=Channel.OTHER,
        identifiers=(RawIdentifier("user_id", "u1"),),
        properties={"total": 9.5},
        traits={},
    )


def test_every_place_of_an_identifier_is_read() -> None:
    message = make(
        anonymousId="a1",
        traits={"email": "t@example.com", "phone": "1"},
        properties={"email": "p@example.com", "phone": "2"},
        context={
            "traits": {"email": "c@example.com", "phone": "3"},
            "device": {"id": "d1", "advertisingId": "ad1", "adTrackingEnabled": True},
            "externalIds": [{"id": "o1", "type": "openid", "collection": "users", "encoding": "none"}],
        },
    )

    assert identifiers(message) == {
        "user_id=u1", "anonymous_id=a1", "email=t@example.com", "email=p@example.com", "email=c@example.com",
        "phone=1", "phone=2", "phone=3", "device_id=d1", "ad_id=ad1", "openid=o1",
    }  # fmt: skip


def test_raw_values_stay_as_they_came_and_each_is_listed_once() -> None:
    message = make(
        traits={"email": " A@Example.com "},
        properties={"email": " A@Example.com "},
        context={"externalIds": [{"id": "u1", "type": "user_id"}, {"id": "u2", "type": "user_id"}]},
    )

    assert list(read(message).identifiers) == [
        RawIdentifier("user_id", "u1"),
        RawIdentifier("email", " A@Example.com "),
        RawIdentifier("user_id", "u2"),
    ]


@pytest.mark.parametrize("tracking", [False, None, "true", 1])
def test_an_advertising_id_counts_only_when_tracking_is_allowed(tracking: object) -> None:
    device = {"advertisingId": "ad1", "adTrackingEnabled": tracking}

    assert identifiers(make(context={"device": device})) == {"user_id=u1"}


def test_an_advertising_id_may_be_absent_although_tracking_is_allowed() -> None:
    assert identifiers(make(context={"device": {"adTrackingEnabled": True}})) == {"user_id=u1"}


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.0, "7"), (-7.0, "-7"), (2**60, str(2**60)), ("  ", "  "), ("007", "007")]
)
def test_numbers_as_ids_become_text(value: object, text: str) -> None:
    assert identifiers(make(userId=value)) == {f"user_id={text}"}


@pytest.mark.parametrize("absent", [None, "", "left out"])
def test_null_and_empty_and_absent_mean_the_same(absent: str | None) -> None:
    names = ["anonymousId", "traits", "properties", "context", "timestamp", "sentAt", "event", "originalTimestamp"]
    fields: dict[str, Any] = {} if absent == "left out" else dict.fromkeys(names, absent)
    message = {"type": "track", "messageId": "m1", "userId": "u1", **fields}

    assert read(message) == read({"type": "track", "messageId": "m1", "userId": "u1"})


@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_identifier_inside_an_object_is_none(absent: str | None) -> None:
    message = make(
        traits={"email": absent, "phone": absent},
        context={
            "device": {"id": absent, "advertisingId": absent, "adTrackingEnabled": True},
            "externalIds": [{"id": absent, "type": absent}],
        },
    )

    assert identifiers(message) == {"user_id=u1"}
    assert identifiers(make(context={"device": absent, "externalIds": absent})) == {"user_id=u1"}


def test_a_group_is_a_company_and_names_no_person() -> None:
    group = {
        "type": "group",
        "userId": "u1",
        "groupId": "acme",
        "traits": {"email": "info@acme.example", "phone": "1", "plan": "pro"},
        "context": {"traits": {"email": "u1@example.com"}},
    }

    assert identifiers(group) == {"user_id=u1", "email=u1@example.com"}
    assert read(group).traits == {"email": "u1@example.com"}
    assert read(group).properties == {
        "groupId": "acme", "email": "info@acme.example", "phone": "1", "plan": "pro"
    }  # fmt: skip
    assert refuse({"type": "group", "groupId": "acme"}) == "no_identifier"


def test_external_ids_of_other_collections_name_no_person() -> None:
    entries = [{"id": "x", "type": "account_id", "collection": "accounts"}, {"id": "c1", "type": "crm_id"}]

    assert identifiers(make(context={"externalIds": entries})) == {"user_id=u1", "crm_id=c1"}


def test_the_previous_id_of_an_alias_is_an_anonymous_id() -> None:
    assert identifiers({"type": "alias", "previousId": "a1", "userId": "u1"}) == {"user_id=u1", "anonymous_id=a1"}
    assert identifiers({"type": "alias", "previousId": "a1"}) == {"anonymous_id=a1"}
    assert identifiers({"type": "alias", "previousId": "", "userId": "u1"}) == {"user_id=u1"}
    assert identifiers({"previousId": "a1"}, default_type="alias") == {"anonymous_id=a1"}
    assert identifiers(make(previousId="a1")) == {"user_id=u1"}


def test_twenty_identifiers_are_taken_and_twenty_one_are_too_many() -> None:
    entries = [{"id": str(n), "type": "crm_id"} for n in range(20)]

    assert len(read(make(userId="", context={"externalIds": entries})).identifiers) == 20
    assert refuse(make(context={"externalIds": entries})) == "too_many_identifiers"


@pytest.mark.parametrize("message", [None, 1, "text", [], [make()], True])
def test_what_is_no_object_is_refused(message: object) -> None:
    assert refuse(message) == "not_an_object"


@pytest.mark.parametrize("kind", [None, "", "TRACK", "order", 1, [], {}])
def test_an_unknown_type_is_refused(kind: object) -> None:
    assert refuse(make(type=kind)) == "unknown_type"


def test_the_type_comes_from_the_body_or_else_from_the_path() -> None:
    assert read(make(type=None), default_type="screen").type == "screen"
    assert read(make(), default_type="screen").type == "track"


@pytest.mark.parametrize(
    "fields",
    [
        {"userId": 2.0**60}, {"userId": 7.5}, {"anonymousId": 7.5}, {"messageId": 7.5}, {"userId": "1.23457E+17"},
        {"context": {"externalIds": [{"id": 7.5, "type": "crm_id"}]}}, {"properties": {"n": 2**64}},
    ],
)  # fmt: skip
def test_an_id_that_has_lost_digits_and_a_number_that_cannot_be_kept_are_refused(fields: dict[str, Any]) -> None:
    assert refuse(make(**fields)) == "invalid_field"


def test_a_reason_names_the_field_and_never_the_value() -> None:
    result = extract(
        {"type": "track", "context": {"externalIds": [{"id": ["secret"], "type": "crm_id"}]}},
        source="shop",
        received_at=NOW,
    )

    assert result == Rejection(
        RejectionCode.INVALID_FIELD, "no identifier is left: context.externalIds.id must be a string or a number"
    )


def test_a_message_over_32_kilobytes_is_refused() -> None:
    empty = len(json.dumps(make(properties={"a": ""}), separators=(",", ":")))

    read(make(properties={"a": "x" * (MAX_MESSAGE_BYTES - empty)}))
    assert refuse(make(properties={"a": "x" * (MAX_MESSAGE_BYTES - empty + 1)})) == "message_too_large"


@pytest.mark.parametrize("fields", [{"userId": "\ud800"}, {"x": {"\udfff": 1}}, {"properties": {"a": ["\ud83d"]}}])
def test_half_a_surrogate_pair_anywhere_is_refused(fields: dict[str, Any]) -> None:
    assert refuse(make(**fields)) == "invalid_text"


def test_nul_in_a_text_is_kept_for_the_rules_to_judge() -> None:
    assert identifiers(make(userId="a\x00b")) == {"user_id=a\x00b"}


def test_a_message_nested_too_deeply_is_refused() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]

    assert refuse(make(properties={"a": deep})) == "invalid_field"


def test_unknown_fields_are_of_no_concern() -> None:
    said = {"campaign": 5, "library": 3}
    assert read(make(somethingNew={"a": [1]}, context=said)) == replace(read(make()), context=said)


def test_an_event_goes_by_its_name_or_else_by_its_type() -> None:
    assert read(make(event="Signed Up")).name == "Signed Up"
    assert read(make(event=404)).name == "404"
    assert read(make(event=None)).name == "track"
    assert read(make(type="page", name="Home")).name == "Home"
    assert read(make(type="screen", properties={"name": "Cart"})).name == "Cart"
    assert read(make(type="page", properties={"name": 5})).name == "page"
    assert read(make(type="identify", name="Home")).name == "identify"


def test_traits_come_from_the_message_before_its_context_and_null_deletes_while_blank_says_nothing() -> None:
    message = make(
        type="identify",
        traits={"plan": "pro", "city": "", "age": None, "vip": False},
        context={"traits": {"plan": "free", "name": "Li", "note": ""}},
    )

    assert read(message).traits == {"plan": "pro", "name": "Li", "age": None, "vip": False}
    assert read(make(context={"traits": {"name": "Li"}})).traits == {"name": "Li"}


def test_a_message_without_an_id_gets_the_same_one_on_every_retry() -> None:
    message = make(messageId=None, timestamp="2025-12-31T00:00:00Z")
    again = {**message, "sentAt": "2025-12-31T00:01:00Z", "_metadata": {"retryCount": 1}, "writeKey": "k"}
    other = {**message, "event": "Order Refunded"}

    derived = read(message).message_id
    assert derived == read(again).message_id == derive_message_id(message, "track")
    assert derived.startswith("derived-")
    assert derived != read(other).message_id
    assert read({"userId": "u1"}, default_type="page").message_id != read(make(userId="u1")).message_id
    assert read({"userId": "u1"}, default_type="page") == read({"userId": "u1", "type": "page"})


def test_a_number_as_message_id_becomes_text() -> None:
    assert read(make(messageId=12)).message_id == "12"


def test_an_event_holds_what_the_rules_make_of_a_message() -> None:
    rules = RuleSet(
        namespaces={
            "user_id": NamespaceRule(name="user_id", label="Account", priority=0, limit=Limit(1)),
            "anonymous_id": NamespaceRule(name="anonymous_id", label="Cookie", priority=1, visitor=True),
        }
    )
    message = read(make(anonymousId=" a1 ", context={"externalIds": [{"id": "7", "type": "shoe_size"}]}))
    event = to_event(message, rules)

    assert [identifier.key for identifier in event.identifiers] == ["user_id:u1", "anonymous_id:a1"]
    assert [(seen.namespace, seen.value, seen.code) for seen in event.ignored] == [("shoe_size", "7", "undeclared")]
    assert event.raw_identifiers == message.identifiers
    assert (event.source, event.message_id, event.type, event.name) == ("shop", "m1", "track", "Order Completed")
    assert (event.occurred_at, event.received_at, event.channel) == (NOW, NOW, Channel.OTHER)
    assert (event.properties, event.traits) == (message.properties, message.traits)


_TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "\x00", "", "track", "a@example.com"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = [
    "type", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "event", "name",
    "traits", "properties", "context", "previousId", "groupId", "channel",
]  # fmt: skip
_CONTEXT = st.dictionaries(
    st.sampled_from(["traits", "device", "externalIds", "library", "os", "page", "userAgent", "channel"]),
    _JSON | st.lists(st.dictionaries(st.sampled_from(["id", "type", "collection", "encoding"]), _JSON), max_size=2),
)


@given(
    st.dictionaries(st.sampled_from(_FIELDS), _JSON | st.fixed_dictionaries({}, optional={"email": _JSON})),
    _JSON | _CONTEXT,
    _JSON,
)
def test_any_json_at_all_is_either_taken_or_refused(fields: dict[str, Any], context: Any, sent_at: Any) -> None:
    for message in ({"type": "track", "userId": "u1", **fields}, {**make(), "context": context}, fields, context):
        result = extract(message, source="shop", received_at=NOW, sent_at=sent_at)
        if isinstance(result, Message):
            assert 1 <= len(result.identifiers) <= 20
            assert result.occurred_at <= NOW
            assert 1 <= len(result.message_id) <= 100
        else:
            assert result.reason
