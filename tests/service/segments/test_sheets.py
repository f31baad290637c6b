"""Fact sheets of the graph are what the messages tell."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.segments.inputs import Inputs
from identity_graph.domain.segments.sheet import FactSheet, TraitFact, TraitStep
from identity_graph.domain.values.observations import Channel
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.properties import examples, replay
from tests.worlds.segment_messages import COMMERCE, CONTACTS, Sending, messages, reference_sheets, terms_with
from tests.worlds.segment_sheets import DAY, NAMES, ZONES, times, values_of
from tests.worlds.stored import read_stored, same

ALL = Inputs(
    events=frozenset({*NAMES, *COMMERCE, *CONTACTS, "identify", "page"}),
    all_traits=True,
    held=frozenset(values_of(0)),
    orders=True,
    identifiers=True,
    links=True,
    sessions=True,
    first_seen=True,
    preferred_channel=True,
)


@examples(10)
@given(
    world=times().flatmap(lambda base: st.tuples(st.just(base), messages(base))),
    zone=st.sampled_from(ZONES),
    sums=st.booleans(),
)
async def test_sheets_hold_what_the_messages_tell(graph: Graph, world: Any, zone: str, sums: bool) -> None:
    base, sent = world
    now = base + 30 * DAY
    terms = terms_with(zone, has_cut=True, sums=sums)
    await wipe(graph)
    sending = Sending.of(sent, terms.rules, now)
    await sending.into(graph, terms, now)
    expected = reference_sheets(sending.events, terms, now)
    stored = await read_stored(graph)
    ids = sorted(stored.customers)
    keys = {id: frozenset(key for key, row in stored.identifiers.items() if row["customers"] == [id]) for id in ids}
    for inputs in (ALL, replace(ALL, held=frozenset())):
        sheets = await graph.read(lambda tx, inputs=inputs: read_sheets(tx, ids, inputs, terms, now))
        found = {keys[id]: shown(sheet) for id, sheet in zip(ids, sheets, strict=True) if sheet is not None}
        wanted = {part: shown(sheet if inputs.held else in_force(sheet)) for part, sheet in expected.items()}
        same("customers", set(found), set(wanted))
        for part, facts in wanted.items():
            for what, fact in facts.items():
                same(f"{what} of {set(part)}", found[part][what], fact)

    seen = Inputs(channels=frozenset({Channel.WEB, Channel.APP}))
    for moment in (now, base):
        sheets = await graph.read(lambda tx, moment=moment: read_sheets(tx, ids, seen, terms, moment))
        found = {keys[id]: seen_on(sheet, moment) for id, sheet in zip(ids, sheets, strict=True) if sheet is not None}
        same("channels", found, {part: seen_on(sheet, moment) for part, sheet in expected.items()})


async def test_a_trait_that_was_taken_back_in_the_moment_in_which_it_was_told_was_never_there(graph: Graph) -> None:
    said: dict[str, Any] = {"type": "identify", "userId": "1", "timestamp": "2026-03-29T00:00:00Z"}
    sent = [{**said, "traits": {"city": city}, "messageId": f"m{number}"} for number, city in enumerate(("a", None))]
    await replay(
        test_sheets_hold_what_the_messages_tell,
        graph=graph,
        world=(1_774_742_400_000_000, sent),
        zone="Asia/Shanghai",
        sums=False,
    )


def shown(sheet: FactSheet) -> dict[str, Any]:
    """Show a sheet without ids that the graph gave, and in an order of its own."""
    return {
        "first seen": sheet.first_seen,
        "identifiers": dict(sheet.identifiers),
        "links": sheet.links,
        "traits": dict(sheet.traits),
        "claims": sheet.claims,
        "orders": sorted(
            sheet.orders.values(), key=lambda one: (one.at, one.state, one.currency, one.total, one.refunded)
        ),
        "events": sorted(sheet.events, key=lambda event: event.order),
        "sessions": sorted(sheet.sessions),
        "preferred channel": sheet.preferred_channel,
    }


def in_force(sheet: FactSheet) -> FactSheet:
    """Leave out values that are not in force any more."""
    last = {name: (fact.observed_at, fact.steps[-1].value) for name, fact in sheet.traits.items()}
    traits = {name: TraitFact((TraitStep(at, value),), at) for name, (at, value) in last.items() if value is not None}
    return replace(sheet, traits=traits)


def seen_on(sheet: FactSheet, now: int) -> dict[str, set[int]]:
    """Give of each channel when it was seen last by now, and later."""
    found: dict[str, set[int]] = {}
    for channel in (Channel.WEB, Channel.APP):
        times = [event.at for event in sheet.events if event.channel == channel]
        found[channel] = {at for at in times if at > now} | {max((at for at in times if at <= now), default=0)}
    return found
