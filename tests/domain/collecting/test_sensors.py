from typing import Any

import pytest

from identity_graph.domain.collecting.protocols import Protocol, read_message
from identity_graph.domain.collecting.segment.fields import Rejection, RejectionCode
from identity_graph.domain.collecting.sensors.checksum import checksum, is_intact
from identity_graph.domain.collecting.sensors.context import read_context
from identity_graph.domain.collecting.sensors.messages import MESSAGE_TYPES, extract
from identity_graph.domain.collecting.sensors.requests import damaged, note_request
from identity_graph.domain.values.claims import ClaimKind, claim_kind
from identity_graph.domain.values.json_reader import NoNumber
from identity_graph.domain.values.observations import Channel, Message

NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""
NOW_MS = NOW // 1000
SECOND = 1_000_000
APP = "wx0123456789abcdef"


def make(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "BuyNow", "identities": {"$identity_cookie_id": "c1"}, "time": NOW_MS, **fields}


def read(message: object) -> Message:
    result = extract(message, source="shop", received_at=NOW)
    assert isinstance(result, Message), result
    return result


def refuse(message: object) -> Rejection:
    result = extract(message, source="shop", received_at=NOW)
    assert isinstance(result, Rejection), result
    return result


def identifiers(**fields: Any) -> list[str]:
    return [one.text for one in read(make(**fields)).identifiers]


def odd(**fields: Any) -> list[tuple[str, str]]:
    return [(one.namespace, one.value) for one in read(make(**fields)).unreadable]


def test_a_message_is_taken_apart() -> None:
    message = read(make(properties={"price": 9.5, "$lib": "python"}, time=NOW_MS - 1000))

    assert message == Message(
        source="shop",
        message_id=message.message_id,
        type="track",
        name="BuyNow",
        occurred_at=NOW - SECOND,
        received_at=NOW,
        channel=Channel.OTHER,
        identifiers=message.identifiers,
        properties={"price": 9.5, "$lib": "python"},
        traits={},
        context={"library": {"name": "sa-sdk-python"}},
    )
    assert read_message(Protocol.SENSORS, make(), source="shop", received_at=NOW) == read(make())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("$identity_login_id", "user_id:v"), ("$identity_anonymous_id", "anonymous_id:v"),
        ("$identity_cookie_id", "anonymous_id:v"), ("$identity_mp_id", "anonymous_id:v"),
        (f"$identity_mp_{APP}_openid", f"openid:{APP}/v"), ("$identity_mp_openid", "openid:v"),
        ("$identity_mp_unionid", "unionid:v"), ("$identity_mobile", "phone:v"), ("$identity_email", "email:v"),
        ("$identity_android_id", "device_id:v"), ("$identity_idfv", "device_id:v"), ("$identity_oaid", "ad_id:v"),
        ("$identity_taobao_ouid", "taobao_ouid:v"), ("loyalty_id", "loyalty_id:v"),
    ],
)  # fmt: skip
def test_each_identity_has_a_namespace(name: str, expected: str) -> None:
    assert identifiers(identities={name: "v"}) == [expected]


def test_an_openid_without_an_app_takes_it_from_the_properties() -> None:
    assert identifiers(identities={"$identity_mp_openid": "v"}, properties={"$app_id": APP}) == [f"openid:{APP}/v"]


def test_identities_say_all_and_the_ids_beside_them_repeat_one() -> None:
    found = identifiers(
        identities={"$identity_login_id": "ann", "$identity_cookie_id": "c1"},
        distinct_id="$identity_mobile+1",
        login_id="ann",
        original_id="c0",
    )
    assert found == ["user_id:ann", "anonymous_id:c1"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"distinct_id": "d"}, ["anonymous_id:d"]),
        ({"distinct_id": "d", "properties": {"$is_login_id": True}}, ["user_id:d", "anonymous_id:d"]),
        (
            {"distinct_id": "d", "login_id": "d", "anonymous_id": "a"},
            ["user_id:d", "anonymous_id:d", "anonymous_id:a"],
        ),
        ({"distinct_id": "a", "login_id": "d", "anonymous_id": "a"}, ["user_id:d", "anonymous_id:a"]),
        (
            {"type": "track_signup", "distinct_id": "d", "original_id": "o"},
            ["user_id:d", "anonymous_id:d", "anonymous_id:o"],
        ),
        ({"distinct_id": 17}, ["anonymous_id:17"]),
    ],
)
def test_without_identities_the_ids_of_before_count(fields: dict[str, Any], expected: list[str]) -> None:
    assert identifiers(**{"identities": None, **fields}) == expected
    assert identifiers(**{"identities": {"$identity_login_id": ""}, **fields}) == expected


def test_odd_identities_are_left_out_and_the_others_stand() -> None:
    found = {"$identity_login_id": "ann", "$identity_mobile": 1.5, "n" * 65: "v", "$identity_": "v", "loyalty_id": []}
    assert identifiers(identities=found) == ["user_id:ann"]
    assert odd(identities=found) == [
        ("identities", "a number"), ("identities", "a text"), ("identities", "an array"),
    ]  # fmt: skip
    assert odd(identities="x", distinct_id="d") == [("identities", "a text")]


def test_a_message_about_nobody_is_refused() -> None:
    assert refuse(make(identities={})) == Rejection(
        RejectionCode.NO_IDENTIFIER, "a message of type track needs identities, or a distinct_id"
    )
    assert refuse(make(type="track_id_unbind", identities={}, distinct_id="d")).reason == (
        "a message of type track_id_unbind needs the id to unbind in identities"
    )
    assert refuse(make(identities={"loyalty_id": []})).code == RejectionCode.INVALID_FIELD
    assert refuse(make(identities={"loyalty_id": 1.5})).code == RejectionCode.INVALID_FIELD
    crowd = {f"id_{number}": "v" for number in range(21)}
    assert refuse(make(identities=crowd)).code == RejectionCode.TOO_MANY_IDENTIFIERS


@pytest.mark.parametrize("message", [None, "text", [1]])
def test_what_is_no_object_is_refused(message: object) -> None:
    assert refuse(message).code == RejectionCode.NOT_AN_OBJECT


@pytest.mark.parametrize("kind", [None, "", "identify", ["track"], 1])
def test_an_unknown_type_is_refused(kind: object) -> None:
    assert refuse(make(type=kind)).code == RejectionCode.UNKNOWN_TYPE


def test_what_is_too_large_or_cannot_be_stored_is_refused() -> None:
    assert refuse(make(properties={"long": "x" * 33_000})).code == RejectionCode.MESSAGE_TOO_LARGE
    assert refuse(make(properties={"half": "\ud800"})).code == RejectionCode.INVALID_TEXT
    assert refuse(make(properties={"big": 2**70})).code == RejectionCode.INVALID_FIELD


def test_nan_is_left_out_of_properties_and_refused_as_an_id() -> None:
    message = read(make(properties={"price": NoNumber("nan"), "size": 1}))
    assert (message.properties, [one.namespace for one in message.unreadable]) == ({"size": 1}, ["properties"])
    for fields in ({"distinct_id": NoNumber("nan")}, {"identities": {"$identity_login_id": NoNumber("inf")}}):
        assert refuse(make(**fields)).code == RejectionCode.INVALID_FIELD


@pytest.mark.parametrize(
    ("time", "flushed", "seconds"),
    [
        (NOW_MS - 5_000, None, -5), (NOW_MS // 1000 - 5, None, -5), (str(NOW_MS // 1000 - 5), "", -5),
        (NOW_MS + 600_000, NOW_MS + 603_000, -3), (NOW_MS + 5_000, None, 0), (None, None, 0), ("", 5, 0),
        (NOW_MS - 5_000, NOW_MS - 6_000, 0), ("2025-12-31T23:59:55Z", None, -5),
    ],
)  # fmt: skip
def test_the_time_is_corrected_by_when_it_was_flushed(time: object, flushed: object, seconds: int) -> None:
    assert read(make(time=time, _flush_time=flushed)).occurred_at - NOW == seconds * SECOND


def test_an_import_of_the_past_is_taken_at_its_word() -> None:
    old = NOW_MS - 86_400_000
    assert read(make(time=old, _flush_time=NOW_MS + 5_000, time_free=True)).occurred_at == old * 1000


def test_what_is_no_time_is_refused_and_an_odd_flush_time_corrects_nothing() -> None:
    assert refuse(make(time="soon")).code == RejectionCode.INVALID_TIMESTAMP
    assert refuse(make(time=12)).code == RejectionCode.INVALID_TIMESTAMP
    for flushed in ("soon", NOW_MS * 5):
        message = read(make(time=NOW_MS - 5_000, _flush_time=flushed))
        assert message.occurred_at == NOW - 5 * SECOND
        assert [one.namespace for one in message.unreadable] == ["_flush_time"]


def test_a_retry_derives_the_same_message_id_and_another_message_another() -> None:
    first = read(make(_flush_time=NOW_MS, _track_id=5, properties={"a": 1, "b": 2}))
    again = read(make(_flush_time=NOW_MS + 9, _nocache="0.5", _track_id=5, properties={"b": 2, "a": 1}, lib={}))
    others = [
        read(make(_track_id=5, properties={"a": 1, "b": 3})),
        read(make(_track_id=6, properties={"a": 1, "b": 2})),
        read(make(_track_id=5, properties={"a": 1, "b": 2}, project="b")),
        read(make(_track_id=5, properties={"a": 1, "b": 2}, identities={"$identity_cookie_id": "c2"})),
    ]
    assert first.message_id == again.message_id
    assert len({first.message_id, *(other.message_id for other in others)}) == 5
    assert len(first.message_id) <= 100


@pytest.mark.parametrize(
    ("event", "title", "kind", "name"),
    [
        ("$pageview", "Home", "page", "Home"), ("$pageview", None, "page", "$pageview"),
        ("$MPViewScreen", "Cart", "screen", "Cart"), ("$AppViewScreen", 5, "screen", "$AppViewScreen"),
    ],
)  # fmt: skip
def test_a_view_is_a_page_or_a_screen_named_by_its_title(event: str, title: object, kind: str, name: str) -> None:
    message = read(make(event=event, properties={"$title": title}))
    assert (message.type, message.name, message.properties["$event"]) == (kind, name, event)


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("profile_set", ClaimKind.SET), ("profile_set_once", ClaimKind.SET_ONCE),
        ("profile_increment", ClaimKind.INCREMENT), ("profile_append", ClaimKind.APPEND), ("identify", ClaimKind.SET),
    ],
)  # fmt: skip
def test_the_type_says_how_the_claims_of_a_profile_are_meant(kind: str, claims: ClaimKind) -> None:
    assert claim_kind(kind) is claims
    if kind in MESSAGE_TYPES:
        message = read(
            make(type=kind, event=None, properties={"points": 5, "none": None, "empty": "", "$is_login_id": True})
        )
        assert (message.type, message.name, message.traits, message.properties) == (kind, kind, {"points": 5}, {})


@pytest.mark.parametrize("names", [["city", "age", 5], {"city": True, "age": ""}])
def test_to_unset_is_to_claim_null(names: object) -> None:
    assert read(make(type="profile_unset", properties=names)).traits == {"city": None, "age": None}


def test_a_name_that_is_too_long_is_no_trait() -> None:
    message = read(make(type="profile_set", properties={"n" * 256: 1, "city": "Wuhan"}))
    assert (message.traits, [one.namespace for one in message.unreadable]) == ({"city": "Wuhan"}, ["properties"])


def test_an_item_is_kept_and_is_nobodys() -> None:
    message = read({"type": "item_set", "item_type": "book", "item_id": "17", "properties": {"price": 5}})
    assert (message.type, message.identifiers, message.traits) == ("item_set", (), {})
    assert message.properties == {"price": 5, "item_type": "book", "item_id": "17"}


@pytest.mark.parametrize(
    ("lib", "properties", "channel"),
    [
        ("js", {"$url": "https://shop.example/"}, Channel.WEB), ("js", {}, Channel.WEB),
        ("js", {"$user_agent": "MicroMessenger/8.0"}, Channel.H5), ("MiniProgram", {}, Channel.MINI_PROGRAM),
        ("AlipayMini", {"$os": "iOS"}, Channel.MINI_PROGRAM), ("iOS", {"$os": "iOS"}, Channel.APP),
        ("Android", {"$os": "Android"}, Channel.APP), ("python", {}, Channel.OTHER),
        ("python", {"channel": "STORE"}, Channel.STORE), (None, {}, Channel.OTHER), (5, {}, Channel.OTHER),
        ("x" * 65, {}, Channel.OTHER),
    ],
)  # fmt: skip
def test_the_channel_follows_from_the_sdk_and_its_presets(
    lib: object, properties: dict[str, Any], channel: Channel
) -> None:
    assert read(make(lib={"$lib": lib}, properties=properties)).channel is channel
    assert read(make(properties={"$lib": lib, **properties})).channel is channel


def test_the_context_has_the_shape_of_segments() -> None:
    properties = {
        "$url": "https://shop.example/a?b=c", "$title": "A", "$referrer": "https://search.example/", "$utm_source": "wechat",
        "$utm_campaign": "spring", "$scene": "1011", "$os": "iOS", "$screen_width": 390, "$latest_scene": "1047",
        "$latest_utm_source": "mail", "$app_id": APP, "$ip": "", "price": 5,
    }  # fmt: skip
    message = {"lib": {"$lib": "MiniProgram", "$lib_version": "1.22.7"}, "_user_agent": "agent"}

    assert read_context(message, properties) == {
        "page": {"url": "https://shop.example/a?b=c", "title": "A", "referrer": "https://search.example/"},
        "campaign": {"source": "wechat", "name": "spring"},
        "scene": "1011",
        "os": {"name": "iOS"},
        "screen": {"width": 390},
        "app": {"namespace": APP},
        "latest": {"scene": "1047", "utm_source": "mail"},
        "userAgent": "agent",
        "library": {"name": "sa-sdk-miniprogram", "version": "1.22.7"},
    }


def test_the_checksum_is_that_of_java() -> None:
    assert [checksum(text) for text in ("", "abc", "eyJhIjoxfQ==", "漢字", "😀")] == [
        0,
        96354,
        -1930075513,
        905333,
        1772899,
    ]
    assert is_intact("abc", "crc=96354")
    assert is_intact("abc", "")
    assert not is_intact("abd", "crc=96354")


def test_damaged_data_is_refused_with_that_reason() -> None:
    assert refuse(damaged("abd", "crc=96354")) == Rejection(
        RejectionCode.WRONG_CHECKSUM, "the checksum in ext is not that of data: it was changed or cut on its way"
    )
    assert refuse({"data": "abc", "ext": "crc=96354"}).code == RejectionCode.UNKNOWN_TYPE


def test_what_the_request_says_is_noted_in_the_message() -> None:
    web = {"lib": {"$lib": "js"}}
    assert note_request(web, project="p", user_agent="a") == {**web, "project": "p", "_user_agent": "a"}
    assert note_request({**web, "project": "own"}, project="p", user_agent="") == {**web, "project": "own"}
    server = {"properties": {"$lib": "python"}}
    assert note_request(server, project="", user_agent="python-urllib") == server
    assert note_request({}, project="", user_agent="a") == {}
    assert note_request(5, project="p", user_agent="a") == 5
