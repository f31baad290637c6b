"""What the classes of customer data count is what the messages say, whatever happens to customers."""

from collections import Counter

from hypothesis import given

from identity_graph.domain.profiles.interactions import Interaction, InteractionRules
from identity_graph.domain.profiles.read_models import VisitCount
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.service.profiles.class_reading import count_interactions, count_visits_of, read_events_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.service.identity.test_revisions import ORIGIN, World
from tests.worlds.steps import Step, living, revising
from tests.worlds.stored import read_stored, reference_sessions, same
from tests.worlds.worlds import SECOND, any_rules, other_rules

NAMES = ["Order Completed", "Order Refunded"]


class ClassWorld(World):
    """A world in which somebody always asks for classes."""

    async def check(self) -> None:
        await super().check()
        if self.is_applied:
            await check_classes(self)


async def check_classes(world: World) -> None:
    """Compare what is counted of each customer with what the messages in its sessions say."""
    stored = await read_stored(world.graph)
    customer_of = {key: row["customers"][0] for key, row in stored.identifiers.items()}
    ids = sorted(set(customer_of.values()))
    events = {event.message_id: event for event in world.facts.remaining()}
    visits: dict[str, Counter[str]] = {id: Counter() for id in ids}
    starts: dict[str, dict[str, list[Instant]]] = {id: {} for id in ids}
    own: dict[str, list[Event]] = {id: [] for id in ids}
    for _, started_at, _, channel, *_, owner, members in reference_sessions([*events.values()], world.facts.rules):
        customer = customer_of[owner]
        visits[customer][channel] += 1
        starts[customer].setdefault(channel, []).append(started_at)
        own[customer] += [events[id] for id in members]
    reads = Reads(world.graph)
    same(
        "visits",
        {id: set(rows) for id, rows in zip(ids, await count_visits_of(reads, ids), strict=True)},
        {
            id: {
                VisitCount(id, channel, count, min(starts[id][channel]), max(starts[id][channel]))
                for channel, count in visits[id].items()
            }
            for id in ids
        },
    )
    rules = InteractionRules(events=dict.fromkeys(NAMES, Interaction.SERVICE))
    counts = await count_interactions(reads, ids, rules=rules)
    same(
        "interactions",
        {id: {(row.name, row.channel): row.events for row in rows} for id, rows in zip(ids, counts, strict=True)},
        {id: Counter((event.name, event.channel) for event in own[id] if event.name in NAMES) for id in ids},
    )
    since = ORIGIN + 20 * SECOND
    found = await read_events_of(reads, ids, names=NAMES, since=since)
    same(
        "events",
        {id: sorted((row.message_id, row.occurred_at) for row in rows) for id, rows in zip(ids, found, strict=True)},
        {
            id: sorted(
                (event.message_id, event.occurred_at)
                for event in own[id]
                if event.name in NAMES and event.occurred_at >= since
            )
            for id in ids
        },
    )


@examples(25)
@given(rules=any_rules, steps=revising)
async def test_classes_count_what_the_remaining_messages_say(graph: Graph, rules: RuleSet, steps: list[Step]) -> None:
    world = ClassWorld(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)


@examples(25)
@given(rules=other_rules, steps=living)
async def test_classes_count_what_the_messages_say_when_rules_come_and_go(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    world = ClassWorld(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.run(("finish", None))
