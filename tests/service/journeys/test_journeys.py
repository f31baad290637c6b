"""Journeys and sessions follow from the events, in any order, after whatever is observed late, taken back and judged."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from hypothesis import given

from identity_graph.domain.collecting.segment.messages import extract, reread_event
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.contexts import unpack_context
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.journeys.sessions import first_event_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.json_reader import read_json
from identity_graph.domain.values.observations import Campaign, Channel, Event, Message
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.journeys.reading import (
    JourneyFilter,
    count_journeys,
    read_campaigns,
    read_journeys,
    read_sessions_of,
)
from identity_graph.service.positions import TimePosition
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.service.identity.test_revisions import LAX, ORIGIN, World
from tests.worlds.session_reference import reference_sessions
from tests.worlds.steps import Step, revising
from tests.worlds.stored import same
from tests.worlds.worlds import SECOND, any_rules, make_event


class Sent(NamedTuple):
    """What a message says of its origin, and what a person reads out of it."""

    message: dict[str, Any]
    channel: Channel
    campaign: Campaign | None


PAGE = {"url": "https://shop.example/"}
SENT = [
    Sent({"type": "track", "context": {"channel": "store"}}, Channel.STORE, None),
    Sent({"type": "page", "context": {"page": {**PAGE, "referrer": "https://www.baidu.com/s"}}}, Channel.WEB, Campaign("baidu", "organic")),
    Sent(
        {"type": "track", "context": {"page": {"url": "https://shop.example/?utm_source=a&utm_campaign=b&gdt_vid=9"}}},
        Channel.WEB,
        Campaign("a", None, "b", click_id="9", click_id_name="gdt_vid"),
    ),
    Sent({"type": "track", "context": {"library": {"name": "weapp"}, "scene": 1047}}, Channel.MINI_PROGRAM, Campaign("wechat", "qr-code")),
    Sent({"type": "track", "channel": "mobile", "context": {"ip": "203.0.113.9"}}, Channel.APP, None),
    Sent({"type": "screen", "context": {"campaign": {"name": "spring", "medium": "email"}}}, Channel.APP, Campaign(None, "email", "spring")),
    Sent({"type": "track", "context": {"userAgent": "okhttp/4.12.0"}}, Channel.APP, None),
    Sent({"type": "track"}, Channel.OTHER, None),
]  # fmt: skip
NAMES = ("Viewed", "Bought", "")


def read_sent(number: int) -> Message:
    message = {**SENT[number % len(SENT)].message, "userId": "u"}
    found = extract(message, source="test", received_at=1)
    assert isinstance(found, Message)
    return found


class Journeys(World):
    """A world whose messages say where they came from; ``told`` are the ids of these."""

    told: frozenset[str] = frozenset()

    async def observe(self, seen: list[tuple[int, tuple[str, ...]]]) -> None:
        start = len(self.facts.events)
        events = [
            reread_event(of_message(start + n, make_event(start + n, at, keys, LAX, origin=ORIGIN)), self.facts.rules)
            for n, (at, keys) in enumerate(seen)
        ]
        await self.units.run(lambda tx, regime: take_in(tx, events, regime))
        self.facts.events += events
        self.told |= {event.id for event in events}

    async def check_journeys(self) -> None:
        await check_journeys(self.graph, self.facts.remaining(), self.facts.rules, self.facts.membership[-1][1])
        # What unbinds is told by hand, and says nothing of its origin.
        await check_kept(self.graph, [event for event in self.facts.events if event.id in self.told])


def of_message(number: int, event: Event) -> Event:
    """Let an event say what one of the messages says, and nothing of orders."""
    message, expected = read_sent(number), SENT[number % len(SENT)]
    same("channel of a message", (message.channel, message.campaign), (expected.channel, expected.campaign))
    return replace(
        event,
        type=message.type,
        name=NAMES[number % len(NAMES)],
        channel=expected.channel,
        properties={"number": number},
        context=message.context,
        campaign=expected.campaign,
    )


class Touch(NamedTuple):
    """A touchpoint of a journey, as the plain reference gives it."""

    at: int
    id: str
    name: str
    channel: str
    campaign: Campaign | None
    of_session: tuple[str, str, Campaign | None]


def reference_journeys(events: Collection[Event], rules: RuleSet, owners: dict[str, str]) -> dict[str, list[Touch]]:
    """Compute the journeys from the definition: sessions by the slow reference, then who owns their owners."""
    by_name = {event.message_id: event for event in events}
    journeys: dict[str, list[Touch]] = {id: [] for id in owners.values()}
    for session in reference_sessions(list(events), rules):
        *_, owner, members = session
        run = sorted((by_name[name] for name in members), key=lambda e: (e.occurred_at, e.source, e.message_id))
        first = (str(run[0].channel), run[0].source, run[0].campaign)
        journeys[owners[owner]] += [
            Touch(e.occurred_at, e.id, e.name or e.type, str(e.channel), e.campaign, first) for e in run
        ]
    return {id: sorted(touches, reverse=True, key=lambda t: (t.at, t.id)) for id, touches in journeys.items()}


async def check_journeys(graph: Graph, events: Collection[Event], rules: RuleSet, owners: dict[str, str]) -> None:
    expected = reference_journeys(events, rules, owners)
    for id, journey in expected.items():
        same(f"journey of {id}", await _read_all(graph, id, JourneyFilter()), journey)
        picked = [touch for touch in journey if touch.name == "Bought" and touch.channel in {"WEB", "STORE"}]
        wanted = JourneyFilter(names=("Bought",), channels=("WEB", "STORE"))
        same(f"journey of {id}, filtered", await _read_all(graph, id, wanted), picked)
        same(f"length of that of {id}", await count_journeys(Reads(graph), [id], wanted), [len(picked)])
        picked = [touch for touch in journey if touch.campaign and touch.campaign.name == "spring"]
        same(f"campaign of {id}", await _read_all(graph, id, JourneyFilter(campaigns=("spring",))), picked)
        (sessions,) = await read_sessions_of(Reads(graph), [id], first=100, after=None)
        told = await read_campaigns(Reads(graph), [first_event_of(row.id) for row in sessions.items])
        firsts = {(row.channel, row.source, campaign) for row, campaign in zip(sessions.items, told, strict=True)}
        same(f"sessions of {id}", firsts, {touch.of_session for touch in journey})


async def _read_all(graph: Graph, id: str, wanted: JourneyFilter) -> list[Touch]:
    """Read a journey in pages of three."""
    found: list[Touch] = []
    after: TimePosition | None = None
    while True:
        reads = Reads(graph)
        (page,) = await read_journeys(reads, [id], wanted, first=3, after=after)
        campaigns = await read_campaigns(
            reads, [one for row in page.items for one in (row.id, first_event_of(row.session_id))]
        )
        for row, own, first in zip(page.items, campaigns[::2], campaigns[1::2], strict=True):
            session = (row.session_channel, row.session_source, first)
            found.append(Touch(row.occurred_at, row.id, row.name, row.channel, own, session))
        if not page.has_next_page:
            return found
        after = TimePosition(page.items[-1].occurred_at, page.items[-1].id)


@pytest.mark.parametrize("number", range(len(SENT)))
def test_channel_and_campaign_follow_from_what_is_kept(number: int) -> None:
    message, expected = read_sent(number), SENT[number]
    assert (message.channel, message.campaign) == (expected.channel, expected.campaign)
    said = Said("test", message.type, message.context, message.properties)
    assert find_origin(said, DEFAULT_CHANNELS) == (expected.channel, expected.campaign)


@examples(15)
@given(rules=any_rules, steps=revising)
async def test_journeys_are_what_follows_from_the_facts_that_remain(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    world = Journeys(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.check_journeys()


async def check_kept(graph: Graph, events: Collection[Event]) -> None:
    """Check that the graph still has what each message said, and that channel and campaign follow from that."""
    rows = await graph.run(
        "MATCH (e:Event) RETURN e.id AS id, e.source AS source, e.type AS type, e.channel AS channel, e.context AS context, "
        "e.properties AS properties, [e.campaign_source, e.campaign_medium, e.campaign_name, e.campaign_term, "
        "e.campaign_content, e.click_id, e.click_id_name] AS campaign"
    )
    stored = {row["id"]: row for row in rows}
    for event in events:
        row = stored[event.id]
        context = read_json(unpack_context(row["context"]).encode())
        same(f"context of {event.id}", context, dict(event.context))
        said = Said(row["source"], row["type"], context, read_json((row["properties"] or "{}").encode()))
        campaign = Campaign(*row["campaign"]) if any(row["campaign"]) else None
        same(f"origin of {event.id}", (row["channel"], campaign), tuple(find_origin(said, DEFAULT_CHANNELS)))


async def test_a_late_first_event_gives_its_session_another_origin(graph: Graph) -> None:
    world = Journeys(graph, LAX)
    await world.open()
    await world.run(("observe", [(20, ("cookie:1",)), (25, ("cookie:1", "crm:1"))]))
    await world.run(("observe", [(12, ("cookie:1",))]))
    await world.run(("observe", [(40, ("crm:1", "phone:1")), (41, ("phone:2",))]))
    await world.run(("same", ("phone:1", "phone:2")))
    await world.check_journeys()
    await world.run(("retract", 1))
    await world.check_journeys()
    journeys = reference_journeys(world.facts.remaining(), LAX, world.facts.membership[-1][1])
    assert sorted(len(journey) for journey in journeys.values()) == [2, 2]
    assert ORIGIN + 12 * SECOND in {touch.at for journey in journeys.values() for touch in journey}
