"""Computed traits: what is answered is what the messages in the sessions of a customer come to, whatever happens."""

import json
from dataclasses import replace

from hypothesis import given

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event
from identity_graph.service.profiles.computed_reading import read_computed_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.service.identity.test_revisions import ORIGIN, World
from tests.worlds.computing import COMPUTED, reference_computed
from tests.worlds.steps import Step, living, revising
from tests.worlds.stored import read_stored, reference_sessions, same
from tests.worlds.worlds import SECOND, any_rules, other_rules

CATALOGUE = parse_catalogue(COMPUTED)
MOMENTS = [ORIGIN + at * SECOND for at in (20, 45, 61, 100)]
"""When somebody asks: in the midst of the events, at their end, and when windows are empty again."""


class ComputedWorld(World):
    """A world in which somebody always asks for computed traits."""

    async def check(self) -> None:
        await super().check()
        if self.is_applied:
            await check_computed(self)


async def check_computed(world: World) -> None:
    """Compare all computed traits of all customers, at several moments, with those of the messages."""
    stored = await read_stored(world.graph)
    customer_of = {key: row["customers"][0] for key, row in stored.identifiers.items()}
    ids = sorted(set(customer_of.values()))
    events = {event.message_id: event for event in world.facts.remaining()}
    own: dict[str, list[Event]] = {id: [] for id in ids}
    for *_, owner, members in reference_sessions([*events.values()], world.facts.rules):
        own[customer_of[owner]] += [events[id] for id in members]
    in_force = replace(world.units.in_force, catalogue=CATALOGUE)
    for now in MOMENTS:
        found = await read_computed_of(Reads(world.graph), ids, in_force, now)
        answered = {id: {one.name: json.loads(one.value) for one in row} for id, row in zip(ids, found, strict=True)}
        same(f"computed traits at {now}", answered, {id: reference_computed(own[id], now) for id in ids})


@examples(25)
@given(rules=any_rules, steps=revising)
async def test_computed_traits_are_what_the_remaining_messages_come_to(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    world = ComputedWorld(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)


@examples(25)
@given(rules=other_rules, steps=living)
async def test_computed_traits_are_what_the_messages_come_to_when_rules_come_and_go(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    world = ComputedWorld(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.run(("finish", None))
