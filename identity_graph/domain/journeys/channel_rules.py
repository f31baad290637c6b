"""What a project says of its channels: the section ``channels`` of its catalogue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from yaml.nodes import Node

from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

CHANNEL_KEYS = ("own_hosts", "search_hosts", "social_hosts", "click_ids", "sources")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_A_HOST = "a host in small letters and without a path, such as shop.example.com"
_CHANNELS = {channel.value: channel for channel in Channel}


@dataclass(frozen=True, slots=True)
class SourceChannels:
    """Where the events of one source take place: all of them in ``channel``, or in ``otherwise`` when nothing else says so."""

    channel: Channel | None = None
    otherwise: Channel | None = None


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """How channels and campaigns are read, beside what the product knows by itself.

    ``own_hosts`` refer nobody. ``search_hosts`` and ``social_hosts`` give further sites their names; a host stands for all
    below it. ``click_ids`` gives further parameters of addresses their source and medium.
    """

    own_hosts: frozenset[str] = frozenset()
    search_hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    social_hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    click_ids: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    sources: Mapping[str, SourceChannels] = field(default_factory=dict[str, SourceChannels])


DEFAULT_CHANNELS = ChannelRules()
"""What holds where a project says nothing."""


def read_channels(section: Section) -> ChannelRules:
    """Read the section ``channels``, whose problems are noted line by line; once there is one, the result is of no use."""
    return ChannelRules(
        own_hosts=frozenset(_read_hosts(section)),
        search_hosts=_read_sites(section, "search_hosts"),
        social_hosts=_read_sites(section, "social_hosts"),
        click_ids=_read_click_ids(section),
        sources=_read_sources(section),
    )


def _read_hosts(section: Section) -> list[str]:
    if "own_hosts" not in section:
        return []
    nodes = read_list(section["own_hosts"])
    if nodes is None:
        section.reject("own_hosts", "a list of hosts")
    return [_read_host(section, f"own_hosts[{number}]", node) for number, node in enumerate(nodes or [])]


def _read_host(section: Section, path: str, node: Node) -> str:
    text = read_text(node) or ""
    if _HOST.fullmatch(text) is None:
        section.problems.reject(node, section.path(path), _A_HOST)
    return text


def _read_sites(section: Section, key: str) -> dict[str, str]:
    sites: dict[str, str] = {}
    for host, within in _entries(section, key):
        if _HOST.fullmatch(host) is None:
            section.problems.add(within.line_of_key(host), within.path(host), f"expected {_A_HOST}")
        sites[host] = within.text(host, "the name of the site") or ""
    return sites


def _read_click_ids(section: Section) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, within in _entries(section, "click_ids"):
        one = Section(section.problems, within[name], within.path(name), ("source", "medium"))
        for key in ("source", "medium"):
            if key not in one:
                section.problems.add(
                    within.line_of_key(name), one.path(key), "missing; who is paid for the click, and how?"
                )
        found[name] = (
            one.text("source", "a name, such as google") or "",
            one.text("medium", "a name, such as cpc") or "",
        )
    return found


def _read_sources(section: Section) -> dict[str, SourceChannels]:
    found: dict[str, SourceChannels] = {}
    for name, within in _entries(section, "sources"):
        one = Section(section.problems, within[name], within.path(name), ("channel", "otherwise"))
        found[name] = SourceChannels(
            one.choice("channel", _CHANNELS, default=None), one.choice("otherwise", _CHANNELS, default=None)
        )
    return found


def _entries(section: Section, key: str) -> list[tuple[str, Section]]:
    if key not in section:
        return []
    within = Section(section.problems, section[key], section.path(key))
    return [(name, within) for name in within]
