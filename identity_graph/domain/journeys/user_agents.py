"""User agents: the program that sent a message, as far as it tells where a touchpoint took place."""

from functools import cache, lru_cache

from ua_parser import Parser
from ua_parser.loaders import load_lazy_builtins
from ua_parser.re2 import Resolver

from identity_graph.domain.values.observations import Channel

_LONGEST = 512
"""Characters of a user agent that are read; those of browsers and apps have at most 300."""

_PHONES = frozenset({"iOS", "Android", "HarmonyOS", "OpenHarmony", "HarmonyOS NEXT"})
_APP_PROGRAMS = frozenset({"CFNetwork", "okhttp", "Dalvik", "Alamofire", "Dart"})


@lru_cache(maxsize=4096)
def channel_of_agent(agent: str) -> Channel | None:
    """Tell a browser (web) from an app of a phone; None for robots, servers and what nobody knows."""
    found = _parser().parse(agent[:_LONGEST])
    if found.device is not None and found.device.family == "Spider":
        return None
    program = found.user_agent.family if found.user_agent is not None else ""
    if program in _APP_PROGRAMS or program.endswith("WebView"):
        return Channel.APP
    is_phone = found.os is not None and found.os.family in _PHONES
    if agent.startswith("Mozilla/"):
        return Channel.WEB if program else None
    return Channel.APP if is_phone else None


@cache
def _parser() -> Parser:
    """Make the parser when it is first needed: RE2 finds the expressions that match, in linear time whatever the sender makes up."""
    return Parser(Resolver(load_lazy_builtins()))
