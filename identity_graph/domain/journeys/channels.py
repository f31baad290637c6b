"""The channel of a touchpoint, derived from what its message says of the SDK that sent it and of its surroundings."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from identity_graph.domain.journeys.channel_rules import ChannelRules
from identity_graph.domain.journeys.user_agents import channel_of_agent
from identity_graph.domain.values.observations import Channel

SENT_CHANNEL = "_channel"
"""Where a kept context has the message's own ``channel``, which stands beside the context."""

EMPTY: Mapping[str, Any] = {}

_BY_NAME = {channel.value: channel for channel in Channel}
_RUDDER_CHANNELS = {"web": Channel.WEB, "mobile": Channel.APP}
_MINI_PROGRAM_LIBRARIES = ("miniprogram", "mini-program", "mini_program", "weapp", "wechat")
_BROWSER_LIBRARIES = ("analytics.js", "analytics-next", "javascript", "browser")
_APP_LIBRARIES = frozenset({"ios", "android", "swift", "kotlin", "flutter", "harmony", "unity"})
_APP_SYSTEMS = frozenset({"ios", "ipados", "android", "harmonyos", "openharmony"})
_WORD = re.compile(r"[a-z]+")
_LONGEST_NAME = 64


class Said(NamedTuple):
    """What a message says, as far as its channel and its campaign follow from it. ``context`` is the one that is kept."""

    source: str
    type: str
    context: Mapping[str, Any]
    properties: Mapping[str, Any]


def find_channel(said: Said, rules: ChannelRules) -> Channel:
    """Tell where a touchpoint took place.

    In this order: what the rules say of the source; ``context.channel`` or ``properties.channel`` when it names one; a
    mini-program's SDK, user agent or scene; a page inside WeChat (H5); a browser's SDK or ``context.page``; a phone's
    ``context.device`` or ``context.os``, or its SDK; the message's own ``channel`` as rudder sends it; a page view (web) or a
    screen view (app); the user agent; what the rules say of the source otherwise; else other. What is wrongly typed says
    nothing.
    """
    of_source = rules.sources.get(said.source)
    if of_source is not None and of_source.channel is not None:
        return of_source.channel
    context = said.context
    named = by_name(context.get("channel")) or by_name(said.properties.get("channel"))
    if named is not None:
        return named
    found = _by_surroundings(said.type, context)
    if found is None and of_source is not None:
        found = of_source.otherwise
    return Channel.OTHER if found is None else found


def by_name(value: object) -> Channel | None:
    """Read the name of a channel in any of its spellings; None when it is none."""
    name = text_of(value)
    return _BY_NAME.get(name.upper().replace("-", "_").replace(" ", "_")) if name else None


def object_in(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give an object of a message; an empty one when there is none."""
    value = parent.get(name)
    return value if type(value) is dict else EMPTY


def text_of(value: object) -> str:
    """Give a short text of a message; an empty one when there is none."""
    return value if type(value) is str and len(value) <= _LONGEST_NAME else ""


def _by_surroundings(kind: str, context: Mapping[str, Any]) -> Channel | None:
    library = _by_library(text_of(object_in(context, "library").get("name")))
    if library is Channel.MINI_PROGRAM:
        return library
    agent = context.get("userAgent")
    agent = agent if type(agent) is str else ""
    if "micromessenger" in agent.lower():
        return Channel.MINI_PROGRAM if "miniprogram" in agent.lower() else Channel.H5
    if object_in(context, "miniProgram"):
        return Channel.MINI_PROGRAM
    if library is Channel.WEB or object_in(context, "page"):
        return Channel.WEB
    if _is_app(object_in(context, "device").get("type")) or _is_app(object_in(context, "os").get("name")):
        return Channel.APP
    own = _RUDDER_CHANNELS.get(text_of(context.get(SENT_CHANNEL))) or library
    if own is not None:
        return own
    if kind == "page":
        return Channel.WEB
    if kind == "screen":
        return Channel.APP
    return channel_of_agent(agent) if agent else None


def _is_app(value: object) -> bool:
    return type(value) is str and value.lower() in _APP_SYSTEMS


@lru_cache(maxsize=256)
def _by_library(name: str) -> Channel | None:
    lowered = name.lower()
    if any(hint in lowered for hint in _MINI_PROGRAM_LIBRARIES):
        return Channel.MINI_PROGRAM
    if any(hint in lowered for hint in _BROWSER_LIBRARIES):
        return Channel.WEB
    is_app = "react-native" in lowered or _APP_LIBRARIES.intersection(_WORD.findall(lowered))
    return Channel.APP if is_app else None
