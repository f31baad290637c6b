"""Channels that follow from the user agent, from libraries of apps, and from what the project says of its sources."""

from typing import Any

import pytest

from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules, SourceChannels
from identity_graph.domain.journeys.channels import Said, find_channel
from identity_graph.domain.journeys.user_agents import channel_of_agent
from identity_graph.domain.values.observations import Channel

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
WEB_VIEW = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def channel(context: dict[str, Any], rules: ChannelRules = DEFAULT_CHANNELS, **properties: Any) -> Channel:
    return find_channel(Said("shop", "track", context, properties), rules)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (CHROME, Channel.WEB),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", Channel.WEB),
        (WEB_VIEW, Channel.APP),
        ("okhttp/4.12.0", Channel.APP),
        ("Shop/7 CFNetwork/1494.0.7 Darwin/23.4.0", Channel.APP),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-S901B Build/TP1A)", Channel.APP),
        (ROBOT, None),
        ("python-requests/2.32.3", None),
        ("Mozilla/5.0", None),
        ("x", None),
        ("(" * 5000, None),
    ],
)  # fmt: skip
def test_a_user_agent_tells_browsers_from_apps(agent: str, expected: Channel | None) -> None:
    assert channel_of_agent(agent) == expected
    assert channel({"userAgent": agent}) == (expected or Channel.OTHER)


def test_all_else_outranks_the_user_agent() -> None:
    assert channel({"userAgent": CHROME, "device": {"type": "ios"}}) == Channel.APP
    assert channel({"userAgent": CHROME, "channel": "store"}) == Channel.STORE


@pytest.mark.parametrize(
    "library", ["analytics-ios", "analytics-kotlin", "@segment/analytics-react-native", "rudder-sdk-flutter"]
)
def test_an_app_is_known_by_its_sdk(library: str) -> None:
    assert channel({"library": {"name": library}}) == Channel.APP


def test_a_library_that_only_sounds_like_one_says_nothing() -> None:
    assert channel({"library": {"name": "axios"}}) == Channel.OTHER


def test_a_mini_program_may_describe_itself() -> None:
    assert channel({"miniProgram": {"appId": "wx1"}}) == Channel.MINI_PROGRAM


def test_the_project_may_say_where_the_events_of_a_source_take_place() -> None:
    always = ChannelRules(sources={"shop": SourceChannels(channel=Channel.STORE)})
    otherwise = ChannelRules(sources={"shop": SourceChannels(otherwise=Channel.CRM)})
    another = ChannelRules(sources={"other": SourceChannels(channel=Channel.STORE)})
    assert channel({"userAgent": CHROME}, always) == Channel.STORE
    assert channel({"channel": "web"}, always) == Channel.STORE
    assert channel({"userAgent": CHROME}, otherwise) == Channel.WEB
    assert channel({}, otherwise) == Channel.CRM
    assert channel({}, another) == Channel.OTHER
