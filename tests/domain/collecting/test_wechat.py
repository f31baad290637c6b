from collections.abc import Callable
from typing import Any

import pytest

from identity_graph.domain.collecting.protocols import Protocol, read_message
from identity_graph.domain.collecting.segment.fields import Rejection, RejectionCode
from identity_graph.domain.collecting.wechat.messages import extract_account_message, extract_company_message
from identity_graph.domain.values.observations import Channel, Message

NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""
SECONDS = NOW // 1_000_000
APP = "wx0123456789abcdef"

Extract = Callable[..., Message | Rejection]


def push(**fields: Any) -> dict[str, Any]:
    return {
        "appId": APP, "ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": str(SECONDS - 60), "MsgType": "event",
        **fields,
    }  # fmt: skip


def contact(change: str, **fields: Any) -> dict[str, Any]:
    return push(
        FromUserName="sys",
        Event="change_external_contact",
        ChangeType=change,
        UserID="zhao",
        ExternalUserID="wm1",
        **fields,
    )


def read(message: object, extract: Extract = extract_account_message) -> Message:
    result = extract(message, source="store", received_at=NOW)
    assert isinstance(result, Message), result
    return result


def refuse(message: object, extract: Extract = extract_account_message) -> Rejection:
    result = extract(message, source="store", received_at=NOW)
    assert isinstance(result, Rejection), result
    return result


def test_a_follow_is_an_event_of_the_openid_with_the_scene_of_the_code() -> None:
    message = read(push(Event="subscribe", EventKey="qrscene_shop-17", Ticket="t"))

    assert message == Message(
        source="store",
        message_id=message.message_id,
        type="track",
        name="Account Followed",
        occurred_at=NOW - 60_000_000,
        received_at=NOW,
        channel=Channel.WECHAT_OFFICIAL_ACCOUNT,
        context={"channel": "WECHAT_OFFICIAL_ACCOUNT"},
        identifiers=message.identifiers,
        properties={
            "appId": APP, "ToUserName": "gh_1", "CreateTime": str(SECONDS - 60), "MsgType": "event", "Event": "subscribe",
            "EventKey": "qrscene_shop-17", "Ticket": "t", "scene": "shop-17",
        },
    )  # fmt: skip
    assert [one.text for one in message.identifiers] == [f"openid:{APP}/o1"]
    assert read_message(Protocol.WECHAT, push(Event="subscribe"), source="store", received_at=NOW) == read(
        push(Event="subscribe")
    )


@pytest.mark.parametrize(
    ("fields", "name", "scene"),
    [
        ({"Event": "unsubscribe", "EventKey": ""}, "Account Unfollowed", None),
        ({"Event": "SCAN", "EventKey": 17}, "QR Code Scanned", "17"),
        ({"Event": "CLICK", "EventKey": "menu-1"}, "Menu Clicked", None),
        ({"Event": "VIEW", "EventKey": "https://shop.example/"}, "Menu Link Opened", None),
        ({"Event": "LOCATION", "Latitude": "23.1"}, "Location Reported", None),
        ({"Event": "TEMPLATESENDJOBFINISH", "MsgID": "5"}, "TEMPLATESENDJOBFINISH", None),
        ({"Event": 5}, "5", None), ({"Event": []}, "event", None),
        ({"MsgType": "text", "Content": "hello", "MsgId": "9"}, "Message Received", None),
    ],
)  # fmt: skip
def test_each_push_has_a_name(fields: dict[str, Any], name: str, scene: str | None) -> None:
    message = read(push(**fields))
    assert (message.name, message.properties.get("scene")) == (name, scene)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("add_external_contact", "External Contact Added"), ("del_follow_user", "External Contact Left"),
        ("msg_audit_approved", "msg_audit_approved"),
    ],
)  # fmt: skip
def test_a_contact_of_a_company_is_a_wecom_id(change: str, name: str) -> None:
    message = read(contact(change, State="shop-17", UnionID="u1"), extract_company_message)
    assert (message.name, message.channel, message.properties["scene"]) == (name, Channel.WECOM, "shop-17")
    assert [one.text for one in message.identifiers] == ["wecom_id:wm1", "unionid:u1"]
    assert message.properties["UserID"] == "zhao"
    assert read_message(Protocol.WECOM, contact(change), source="store", received_at=NOW) == read(
        contact(change), extract_company_message
    )


def test_a_message_counts_by_its_id_and_an_event_by_who_when_and_what() -> None:
    text = push(MsgType="text", MsgId=24_000_000_000_000_001, Content="hello")
    assert read(text).message_id == "24000000000000001"
    click = push(Event="CLICK", EventKey="menu-1", MsgId="7")
    assert read(click).message_id == read({**click, "MsgId": "8"}).message_id
    assert (
        len({read({**click, **other}).message_id for other in ({}, {"EventKey": "m"}, {"CreateTime": "1767225000"})})
        == 3
    )
    assert read(push(MsgType="text", Content="hello")).message_id.startswith("wechat-")


def test_a_message_about_nobody_is_refused() -> None:
    assert refuse(push(FromUserName="")).code == RejectionCode.NO_IDENTIFIER
    staff = refuse(push(Event="enter_agent", FromUserName="zhao"), extract_company_message)
    assert staff.reason == (
        "the message names no person; it needs an ExternalUserID: it is about the company's own staff"
    )
    assert refuse(push(FromUserName=1.5)).code == RejectionCode.INVALID_FIELD


def test_what_is_no_push_is_refused() -> None:
    for extract in (extract_account_message, extract_company_message):
        assert refuse([1], extract).code == RejectionCode.NOT_AN_OBJECT
        assert refuse(push(MsgType=None), extract).code == RejectionCode.UNKNOWN_TYPE
    assert refuse(push(Content="x" * 33_000)).code == RejectionCode.MESSAGE_TOO_LARGE
    assert refuse(push(CreateTime="soon")).code == RejectionCode.INVALID_TIMESTAMP


@pytest.mark.parametrize(
    ("time", "seconds"), [(SECONDS - 5, -5), (SECONDS + 5, 0), (None, 0), ("", 0), ("2025-12-31T23:59:55Z", -5)]
)
def test_the_time_is_in_seconds_and_never_in_the_future(time: object, seconds: int) -> None:
    assert read(push(CreateTime=time, Event="CLICK")).occurred_at == NOW + seconds * 1_000_000
