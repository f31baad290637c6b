"""The section ``channels`` of a catalogue."""

from typing import Any

import pytest

from identity_graph.domain.journeys.channel_rules import (
    CHANNEL_KEYS,
    DEFAULT_CHANNELS,
    ChannelRules,
    SourceChannels,
    read_channels,
)
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import Problems, Section, compose
from identity_graph.errors import RulesError

FULL = """
channels:
  own_hosts: [shop.example.com, pay.example.net]
  search_hosts: {find.example.org: find}
  social_hosts: {club.example.org: club}
  click_ids:
    pid: {source: partner, medium: affiliate}
  sources:
    till: {channel: STORE}
    crm: {otherwise: CRM}
"""


def read(text: str) -> ChannelRules:
    problems = Problems("catalogue.yaml")
    root = Section(problems, compose(text, problems), "")
    rules = read_channels(root.part("channels", CHANNEL_KEYS))
    problems.raise_if_any()
    return rules


def problems_of(text: str) -> list[str]:
    with pytest.raises(RulesError) as refused:
        read(text)
    found: Any = refused.value.facts["problems"]
    return found


def test_everything_can_be_said() -> None:
    assert read(FULL) == ChannelRules(
        own_hosts=frozenset({"shop.example.com", "pay.example.net"}),
        search_hosts={"find.example.org": "find"},
        social_hosts={"club.example.org": "club"},
        click_ids={"pid": ("partner", "affiliate")},
        sources={"till": SourceChannels(channel=Channel.STORE), "crm": SourceChannels(otherwise=Channel.CRM)},
    )


def test_nothing_need_be_said() -> None:
    assert read("channels: {}") == DEFAULT_CHANNELS


def test_each_problem_is_named_with_its_line() -> None:
    text = """channels:
  own_host: [a.example]
  own_hosts: [https://shop.example.com/]
  search_hosts: {Google: g}
  social_hosts: [x]
  click_ids:
    pid: {source: partner}
  sources:
    till: {channel: SHOP}
"""
    assert problems_of(text) == [
        "catalogue.yaml:2: channels.own_host: unknown key; did you mean 'own_hosts'?",
        (
            "catalogue.yaml:3: channels.own_hosts[0]: expected a host in small letters and without a path, such as "
            "shop.example.com, got 'https://shop.example.com/'"
        ),
        "catalogue.yaml:4: channels.search_hosts.Google: expected a host in small letters and without a path, such as shop.example.com",
        "catalogue.yaml:5: channels.social_hosts: expected a mapping, got a list",
        "catalogue.yaml:7: channels.click_ids.pid.medium: missing; who is paid for the click, and how?",
        "catalogue.yaml:9: channels.sources.till.channel: expected "
        + " or ".join(Channel)
        + ", got 'SHOP'; known are "
        + ", ".join(Channel),
    ]
    assert problems_of("channels: {own_hosts: here}") == [
        "catalogue.yaml:1: channels.own_hosts: expected a list of hosts, got 'here'"
    ]
