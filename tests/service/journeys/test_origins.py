"""What a catalogue says of channels counts for new events, and for stored ones after their origins were derived again."""

from dataclasses import replace

import pytest

from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules, SourceChannels
from identity_graph.domain.journeys.origins import with_origin
from identity_graph.domain.profiles.difference import channels_differ, list_changes
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Channel
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.journeys import origins
from identity_graph.service.journeys.origins import rebuild_origins_page
from identity_graph.store.driver.graph import Graph
from tests.service.identity.test_revisions import LAX
from tests.service.journeys.test_journeys import check_journeys, of_message
from tests.worlds.worlds import make_event

STORE = ChannelRules(sources={"test": SourceChannels(channel=Channel.STORE)}, own_hosts=frozenset({"baidu.com"}))
EVENTS = [of_message(n, make_event(n, 2 * n, ("cookie:1",), LAX)) for n in range(9)]


def regime(rules: ChannelRules) -> Regime:
    return Regime(LAX, 1, 10**15, replace(load_catalogue(), channels=rules))


async def owners(graph: Graph) -> dict[str, str]:
    rows = await graph.run("MATCH (i:Identifier)-[:BELONGS_TO]->(c) RETURN i.key AS key, c.id AS id")
    return {row["key"]: row["id"] for row in rows}


async def derive_all(graph: Graph, rules: ChannelRules) -> int:
    after, seen = "", 0
    while page := await graph.write(lambda tx, after=after: rebuild_origins_page(tx, rules, after)):
        after, seen = page[0], seen + page[1]
    return seen


async def test_new_events_are_taken_in_under_the_catalogue_in_force(graph: Graph) -> None:
    await graph.write(lambda tx: take_in(tx, EVENTS, regime(STORE)))
    expected = [with_origin(event, STORE) for event in EVENTS]
    assert {event.channel for event in expected} == {Channel.STORE}
    assert expected[1].campaign is None
    await check_journeys(graph, expected, LAX, await owners(graph))


@pytest.mark.parametrize("at_once", [2, 500])
async def test_stored_events_and_sessions_follow_another_catalogue(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(origins, "EVENTS_AT_ONCE", at_once)
    await graph.write(lambda tx: take_in(tx, EVENTS, regime(DEFAULT_CHANNELS)))
    assert await derive_all(graph, STORE) == len(EVENTS)
    await check_journeys(graph, [with_origin(event, STORE) for event in EVENTS], LAX, await owners(graph))
    rows = await graph.run("MATCH (s:Session) RETURN DISTINCT s.channel AS channel")
    assert rows == [{"channel": "STORE"}]
    await derive_all(graph, DEFAULT_CHANNELS)
    await check_journeys(graph, EVENTS, LAX, await owners(graph))


def test_a_catalogue_says_it_in_a_section_of_its_own() -> None:
    other = parse_catalogue("channels: {sources: {till: {channel: STORE}}}")
    assert other.channels == ChannelRules(sources={"till": SourceChannels(channel=Channel.STORE)})
    plain = parse_catalogue("channels: {}")
    assert plain.channels == load_catalogue().channels == DEFAULT_CHANNELS
    assert {change.part for change in list_changes(plain, other)} == {"channels"}
    assert channels_differ(plain, other)
    assert not channels_differ(plain, plain)
