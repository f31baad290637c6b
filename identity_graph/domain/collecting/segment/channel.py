"""The channel of a message, derived from what SDKs send about themselves and their environment."""

from functools import lru_cache
from typing import Any

from identity_graph.domain.collecting.segment.fields import EMPTY, OddFields
from identity_graph.domain.values.observations import Channel

_BY_NAME = {channel.value: channel for channel in Channel}
_RUDDER_CHANNELS = {"web": Channel.WEB, "mobile": Channel.APP}
_MINI_PROGRAM_LIBRARIES = ("miniprogram", "mini-program", "mini_program", "weapp", "wechat")
_BROWSER_LIBRARIES = ("analytics.js", "analytics-next", "javascript", "browser")
_APP_SYSTEMS = frozenset({"ios", "ipados", "android", "harmonyos", "openharmony"})
_LONGEST_NAME = 64


def read_channel(
    kind: str, message: dict[str, Any], context: dict[str, Any], properties: dict[str, Any], odd: OddFields
) -> Channel:
    """Tell the channel of a message of type ``kind``.

    In this order: ``context.channel`` or ``properties.channel`` when it names one; a mini-program's SDK or user agent;
    a page inside WeChat (H5); a browser's SDK or ``context.page``; a phone's ``context.device`` or ``context.os``;
    the message's own ``channel`` as rudder sends it; a page view (web) or a screen view (app); else other. What is
    wrongly typed here says nothing, and is no reason to refuse the message; a channel that is no text is added to ``odd``.
    """
    named = _by_name(context.get("channel"), "context.channel", odd)
    named = named or _by_name(properties.get("channel"), "properties.channel", odd)
    if named is not None:
        return named
    library = _by_library(_text(_object(context, "library").get("name")))
    if library is Channel.MINI_PROGRAM:
        return library
    agent = context.get("userAgent")
    if type(agent) is str and "micromessenger" in agent.lower():
        return Channel.MINI_PROGRAM if "miniprogram" in agent.lower() else Channel.H5
    if library is Channel.WEB or _object(context, "page"):
        return Channel.WEB
    if _is_app(_object(context, "device").get("type")) or _is_app(_object(context, "os").get("name")):
        return Channel.APP
    own = _named(message.get("channel"), "channel", odd)
    if own in _RUDDER_CHANNELS:
        return _RUDDER_CHANNELS[own]
    if kind == "page":
        return Channel.WEB
    return Channel.APP if kind == "screen" else Channel.OTHER


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    value = parent.get(name)
    return value if type(value) is dict else EMPTY


def _text(value: object) -> str:
    return value if type(value) is str and len(value) <= _LONGEST_NAME else ""


def _by_name(value: object, path: str, odd: OddFields) -> Channel | None:
    name = _named(value, path, odd)
    return _BY_NAME.get(name.upper().replace("-", "_").replace(" ", "_")) if name else None


def _named(value: object, path: str, odd: OddFields) -> str:
    if value is not None and type(value) is not str:
        odd.add(path, value, "must be a string, such as WEB")
    return _text(value)


def _is_app(value: object) -> bool:
    return type(value) is str and value.lower() in _APP_SYSTEMS


@lru_cache(maxsize=256)
def _by_library(name: str) -> Channel | None:
    lowered = name.lower()
    if any(hint in lowered for hint in _MINI_PROGRAM_LIBRARIES):
        return Channel.MINI_PROGRAM
    if any(hint in lowered for hint in _BROWSER_LIBRARIES):
        return Channel.WEB
    return None
