"""Traits: what is stored and what is answered is what follows from the messages, whatever happens to customers."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.catalogue import rebuilding
from identity_graph.service.catalogue.changing import APPLICABLE, apply_all, put_in_force
from identity_graph.service.profiles.catalogues import get_catalogue
from identity_graph.service.profiles.reading import count_traits_of, read_claims, read_traits_of
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.service.identity.test_revisions import LAX, ORIGIN, World
from tests.worlds.profiles import NAMES, POLICIES, random_traits, reference_traits, told_by
from tests.worlds.steps import Step, revising
from tests.worlds.stored import read_stored, same
from tests.worlds.worlds import any_rules, make_event, make_rules

ALL = POLICIES.replace("ZONE", "UTC")
OTHERWISE = (
    ALL.replace("UTC", "Africa/Monrovia").replace("sum: {type: decimal, policy: sum}", "sum: {policy: count}"),
    ALL.replace("[crm, web]", "[web]").replace("oldest: {policy: oldest}", "oldest: {type: text, policy: newest}"),
    ALL.replace("plain: {type: text}", "plain: {policy: union}").replace("  union: {policy: union}\n", ""),
)
TRAITS = "MATCH (i:Identifier)-[:HAS_TRAIT]->(t) RETURN i.key AS key, properties(t) AS stored ORDER BY t.key"


class ProfileWorld(World):
    """A world in which events say a lot, under a catalogue that may be changed in the midst of it."""

    def __init__(self, graph: Graph, rules: RuleSet, seed: int) -> None:
        super().__init__(graph, rules)
        self.seed = seed

    def make(self, number: int, at: int, keys: tuple[str, ...]) -> Event:
        source = ("web", "crm", "app")[number % 3]
        event = make_event(number, at, keys, LAX, origin=ORIGIN, source=source)
        return replace(event, traits=random_traits(self.seed * 1000 + number))

    async def put(self, yaml: str, some: int | None = None) -> None:
        """Put a catalogue in force, and take some steps of its application, or all."""
        current = await self.graph.read(get_catalogue)
        await put_in_force(self.units, yaml, current.version, "test")
        if some is None:
            await apply_all(self.units)
        for _ in range(some or 0):
            await take_step(self.units, APPLICABLE, current.version + 1, Totals(1, 1, 1))
        self.is_applied = (await self.graph.read(get_catalogue)).status == "ACTIVE"

    async def catalogue(self, what: tuple[int, int]) -> None:
        number, some = what
        await self.put((ALL, *OTHERWISE)[number], some)

    async def restart(self, _: object) -> None:
        await super().restart(_)
        current = await self.graph.read(get_catalogue)
        self.units.adopt_catalogue(parse_catalogue(current.yaml), current.version)

    async def finish(self, _: object = None) -> None:
        await super().finish()
        await apply_all(self.units)

    async def check(self) -> None:
        await super().check()
        await check_answers(self)


async def check_answers(world: ProfileWorld) -> None:
    """Compare what readers are told of all customers with what the messages say."""
    in_force = world.units.in_force
    stored = await read_stored(world.graph)
    customer_of = {key: row["customers"][0] for key, row in stored.identifiers.items()}
    ids = sorted(set(customer_of.values()))
    events = list(reversed(world.facts.remaining()))
    expected = reference_traits(events, customer_of, world.facts.rules, in_force.catalogue)
    reads = Reads(world.graph)
    found = [view for views in await read_traits_of(reads, ids, in_force) for view in views]
    by_policy = {
        (view.customer_id, view.name): (
            json.dumps(json.loads(view.value), sort_keys=True),
            view.order,
            view.identifier_key,
        )
        for view in found
    }
    if world.is_applied:
        same("answered traits", by_policy, {place: tuple(value) for place, value in expected.items()})
        counts = dict(zip(ids, await count_traits_of(reads, ids), strict=True))
        same("counts", counts, {id: sum(1 for customer, _ in expected if customer == id) for id in ids})


async def check_stored_traits(world: ProfileWorld) -> None:
    """Check that all that is stored of traits is what counting all events anew writes."""
    before = await world.graph.run(TRAITS)
    keys = list((await read_stored(world.graph)).identifiers)
    await world.units.run(lambda tx, regime: recount_traits(tx, keys, regime))
    same("stored traits", before, await world.graph.run(TRAITS))


async def check_claims(world: ProfileWorld, name: str) -> None:
    """Check that the claims of each customer are what events say, each once, with those that count."""
    in_force = world.units.in_force
    stored = await read_stored(world.graph)
    customer_of = {key: row["customers"][0] for key, row in stored.identifiers.items()}
    told = told_by(list(reversed(world.facts.remaining())), world.facts.rules).get(name, [])
    for id in sorted(set(customer_of.values())):
        found, after = [], None
        while True:
            page = await read_claims(Reads(world.graph), id, name, in_force, first=2, after=after)
            found += page.items
            if not page.has_next_page:
                break
            after = (found[-1].observed_at, found[-1].source, found[-1].message_id)
        own = sorted((one for one in told if customer_of[one.owner] == id), reverse=True, key=lambda one: one.order)
        shown = [
            ((c.observed_at, c.source, c.message_id), c.identifier_key, c.value, c.deleted, c.reason) for c in found
        ]
        same(
            "claims",
            [(*row[:2], json.loads(row[2]), row[3]) for row in shown],
            [(*one, one.value is None) for one in own],
        )
        await _check_winners(world, id, name, [c for c in found if c.won])


async def _check_winners(world: ProfileWorld, id: str, name: str, won: list[object]) -> None:
    in_force = world.units.in_force
    (views,) = await read_traits_of(Reads(world.graph), [id], in_force, names=(name,))
    policy = in_force.catalogue.trait(name).policy
    if not views:
        same("winners of no value", won, [])
    elif policy == "count":
        same("claims that count", len(won), json.loads(views[0].value))
    elif policy in {"newest", "oldest", "min", "max", "source_priority", "first", "last"}:
        same("winner", [(c.observed_at, c.source, c.message_id) for c in won], [views[0].order])  # type: ignore[attr-defined]


catalogues: st.SearchStrategy[Step] = st.tuples(
    st.just("catalogue"), st.tuples(st.integers(0, len(OTHERWISE)), st.integers(0, 4))
)


@st.composite
def interleaved(draw: st.DrawFn) -> list[Step]:
    """Draw steps, and changes of the catalogue between them."""
    steps = draw(revising)
    for change in draw(st.lists(catalogues, max_size=3)):
        steps.insert(draw(st.integers(0, len(steps))), change)
    return steps


@examples(15)
@given(rules=any_rules, steps=interleaved(), seed=st.integers(0, 1000))
async def test_traits_are_what_follows_from_the_messages_whatever_happens_to_customers(
    graph: Graph, rules: RuleSet, steps: list[Step], seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuilding, "IDENTIFIERS_AT_ONCE", 2)
        world = ProfileWorld(graph, rules, seed)
        await world.open()
        await world.put(ALL)
        for step in steps:
            await world.run(step)
        await world.run(("finish", None))
    await check_stored_traits(world)
    for name in random.Random(seed).sample(NAMES, 2):
        await check_claims(world, name)


async def open_world(graph: Graph) -> ProfileWorld:
    world = ProfileWorld(graph, make_rules(), 0)
    await world.open()
    await world.put(ALL)
    return world
