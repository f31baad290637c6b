from typing import Any

import pytest

from identity_graph.domain.collecting.segment.messages import extract
from identity_graph.domain.values.observations import Channel, Message

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
PAGE = {"path": "/", "url": "https://shop.example/"}


def channel(context: dict[str, Any] | None = None, **fields: Any) -> Channel:
    message = {"type": "track", "userId": "u", "context": context, **fields}
    result = extract(message, source="s", received_at=1_767_225_600_000_000)
    assert isinstance(result, Message), result
    return result.channel


@pytest.mark.parametrize("name", ["CALL_CENTRE", "call_centre", "Call-Centre", "call centre"])
def test_a_message_may_name_its_channel(name: str) -> None:
    assert channel({"channel": name}) == Channel.CALL_CENTRE
    assert channel(properties={"channel": name}) == Channel.CALL_CENTRE
    assert channel({"channel": name}, properties={"channel": "store"}) == Channel.CALL_CENTRE


@pytest.mark.parametrize("name", ["billboard", 5, [], {}, "", None, "x" * 10_000])
def test_an_unknown_channel_says_nothing(name: object) -> None:
    assert channel({"channel": name}, channel=name) == Channel.OTHER


@pytest.mark.parametrize("library", ["sa-miniprogram", "wechat-analytics", "weapp-sdk", "analytics-mini-program"])
def test_a_mini_program_is_known_by_its_sdk(library: str) -> None:
    assert channel({"library": {"name": library}, "page": PAGE}) == Channel.MINI_PROGRAM


def test_pages_inside_wechat_are_h5_unless_a_mini_program_shows_them() -> None:
    context = {"library": {"name": "analytics.js"}, "page": PAGE}

    assert channel({**context, "userAgent": WECHAT}) == Channel.H5
    assert channel({**context, "userAgent": WECHAT + " miniProgram/wx123"}) == Channel.MINI_PROGRAM


@pytest.mark.parametrize(
    "context",
    [
        {"library": {"name": "analytics.js", "version": "next-1.84.3"}},
        {"library": {"name": "RudderLabs JavaScript SDK"}, "os": {"name": "Android"}},
        {"library": {"name": "analytics-python"}, "page": PAGE},
        {"userAgent": "Mozilla/5.0", "page": PAGE},
    ],
)
def test_browsers_are_web(context: dict[str, Any]) -> None:
    assert channel(context) == Channel.WEB


@pytest.mark.parametrize(
    "context",
    [
        {"device": {"type": "ios"}}, {"device": {"type": "Android"}}, {"os": {"name": "iOS"}},
        {"library": {"name": "analytics-ios"}, "os": {"name": "HarmonyOS"}},
    ],
)  # fmt: skip
def test_phones_are_apps(context: dict[str, Any]) -> None:
    assert channel(context) == Channel.APP


def test_the_channel_that_rudder_sends_is_understood() -> None:
    assert channel(channel="web") == Channel.WEB
    assert channel(channel="mobile") == Channel.APP
    assert channel(channel="server") == Channel.OTHER


def test_a_page_view_is_web_and_a_screen_view_an_app() -> None:
    assert channel(type="page") == Channel.WEB
    assert channel(type="screen") == Channel.APP


@pytest.mark.parametrize("context", [None, {"library": {"name": "analytics-python"}}, {"library": {"name": "x" * 99}}])
def test_servers_are_other(context: dict[str, Any] | None) -> None:
    assert channel(context) == Channel.OTHER


def test_wrong_types_in_the_surroundings_are_no_reason_to_refuse() -> None:
    assert channel({"library": [], "page": 1, "os": "x", "userAgent": {}}, type="track") == Channel.OTHER
    assert channel({"os": {"name": 5}, "library": {"name": {}}}) == Channel.OTHER
