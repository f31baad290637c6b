"""Whatever is observed, taken back and judged, in any order: the stored graph is what follows from the facts that remain."""

import random
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.sources import SourceRule
from identity_graph.domain.values.observations import UNBIND, Event, Instant
from identity_graph.service import new_ids
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.unbinding import unbinding_id
from identity_graph.service.commit.units import Unit, Units
from identity_graph.service.corrections.judging import Statement, judge, overrule, unlink, withdraw
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.rules import applying
from identity_graph.service.rules.changing import APPLICABLE, apply_all, get_rule_set, put_in_force, roll_back
from identity_graph.store.driver.graph import Graph
from identity_graph.store.rules.rule_sets import list_rule_sets
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.facts import Facts, Refusal
from tests.worlds.remembered import check_log, check_memory
from tests.worlds.steps import Change, Step, changed, living, revising
from tests.worlds.stored import check_stored, read_stored, same
from tests.worlds.worlds import SECOND, any_rules, keep_rules, make_event, make_rules, other_rules, to_yaml

T = TypeVar("T")

START: Instant = 10**15
ORIGIN: Instant = -30 * SECOND - 1
"""When events happen, less their second: half of them before 1970, with a fraction."""
LAX = make_rules()


class World:
    """Carries steps out, on the graph and on the plain facts."""

    def __init__(self, graph: Graph, rules: RuleSet) -> None:
        self.graph = graph
        self.facts = Facts(rules)
        self.units = Units(graph, InForce(rules, 1), clock=self.now)
        self.is_applied = True

    async def open(self) -> None:
        await wipe(self.graph)
        await keep_rules(self.graph, self.facts.rules)
        await self.units.open()

    def said(self, regime: Regime) -> Statement:
        return Statement(reason="?", actor="test", regime=regime)

    def now(self) -> Instant:
        return START + len(self.facts.membership) * SECOND

    async def run(self, step: Step) -> None:
        kind, what = step
        await getattr(self, kind)(what)
        await self.check()

    async def check(self) -> None:
        facts = self.facts
        if self.is_applied:
            await check_stored(
                self.graph,
                facts.events_as_read(),
                facts.rules,
                facts.judgements(),
                facts.corrections(),
                facts.retracted,
                may_end=True,
                catalogue=self.units.in_force.catalogue,
            )
        stored = await read_stored(self.graph)
        same("identifiers without exactly one customer", stored.homeless(), {})
        facts.membership.append(
            (self.now() + SECOND - 1, {key: row["customers"][0] for key, row in stored.identifiers.items()})
        )

    async def observe(self, seen: list[tuple[int, tuple[str, ...]]]) -> None:
        start = len(self.facts.events)
        rules = self.facts.rules
        events = [reread_event(self.make(start + n, at, keys), rules) for n, (at, keys) in enumerate(seen)]
        again = [reread_event(event, rules) for event in self.facts.events if event.id in self.facts.retracted]
        taken = await self.units.run(lambda tx, regime: take_in(tx, [*events, *again], regime))
        same("events taken in and repeats", (taken.accepted, taken.duplicates), (len(events), len(again)))
        self.facts.events += events

    def make(self, number: int, at: int, keys: tuple[str, ...]) -> Event:
        return make_event(number, at, keys, LAX, origin=ORIGIN)

    async def retract(self, number: int) -> None:
        event = self.facts.events[number] if number < len(self.facts.events) else None
        name = ("test", f"m{number}") if event is None else (event.source, event.message_id)
        if await self.attempt(
            lambda tx, regime: retract(tx, *name, "test", regime), self.facts.refusal_to_retract(event)
        ):
            assert event is not None
            self.facts.retracted.add(event.id)
            if event.type == UNBIND:
                self.facts.withdrawn.update(unbinding_id(event.id, raw.text) for raw in event.raw_identifiers)

    async def same(self, pair: tuple[str, str]) -> None:
        await self._judge(Verdict.SAME, pair)

    async def different(self, pair: tuple[str, str]) -> None:
        await self._judge(Verdict.DIFFERENT, pair)

    async def _judge(self, verdict: Verdict, keys: tuple[str, str]) -> None:
        pair = (self.facts.as_read(keys[0]), self.facts.as_read(keys[1]))
        for id in await self.attempt(
            lambda tx, regime: judge(tx, verdict, pair, self.said(regime)), self.facts.refusal_to_judge(verdict, pair)
        ):
            # What is in force already stays as it was said, maybe in another spelling.
            self.facts.judged.setdefault(id, (verdict.value, Judgement.of(verdict, *pair)))

    async def unlink(self, what: tuple[str, str, int]) -> None:
        a, b, at = self.facts.as_read(what[0]), self.facts.as_read(what[1]), what[2]
        pair = (min(a, b), max(a, b))
        until = ORIGIN + at * SECOND
        for id in await self.attempt(
            lambda tx, regime: unlink(tx, pair, until, self.said(regime)), self.facts.refusal_to_unlink(pair, until)
        ):
            self.facts.judged[id] = ("unlink", (pair, until))

    async def unbind(self, what: tuple[str, int]) -> None:
        """Let an event unbind what it observes, and come twice."""
        key, at = what
        event = make_event(len(self.facts.events), at, (key,), LAX, origin=ORIGIN)
        event = replace(event, type=UNBIND, name="$UnbindID", properties={})
        event = reread_event(event, self.facts.rules)
        taken = await self.units.run(lambda tx, regime: take_in(tx, [event, event], regime))
        same("unbinding events taken in and repeats", (taken.accepted, taken.duplicates), (1, 1))
        self.facts.events.append(event)
        for raw in self.facts.unbound_by(event):
            self.facts.judged[unbinding_id(event.id, raw.text)] = ("unbind", (raw.text, event.occurred_at))

    async def overrule(self, key: str) -> None:
        key = self.facts.as_read(key)
        for id in await self.attempt(
            lambda tx, regime: overrule(tx, key, self.said(regime)), self.facts.refusal_to_overrule(key)
        ):
            self.facts.judged.setdefault(id, ("overrule", key))

    async def withdraw(self, number: int) -> None:
        ids = list(self.facts.judged)
        id = ids[number] if number < len(ids) else "jdg_unknown"
        if await self.attempt(
            lambda tx, regime: withdraw(tx, id, self.said(regime)), self.facts.refusal_to_withdraw(id)
        ):
            self.facts.withdrawn.add(id)

    async def attempt(self, unit: Unit[T], refusal: Refusal) -> list[T]:
        """Run a unit, which is refused as the facts predict and in no other case; give its result, nothing when refused."""
        if refusal is None:
            return [await self.units.run(unit)]
        with pytest.raises(refusal):
            await self.units.run(unit)
        return []

    async def rules(self, what: tuple[RuleSet, int]) -> None:
        """Put other rules in force, whether the last ones are applied or not, and take some steps of their application."""
        rules, some = what
        await put_in_force(self.units, to_yaml(rules), await self.version(), "test")
        self.facts.rules = rules
        await self._apply_some(some)

    async def change(self, what: tuple[Change, int]) -> None:
        """Put rules in force that differ from the last ones in one thing."""
        change, some = what
        await self.rules((changed(self.facts.rules, change), some))

    async def _apply_some(self, some: int) -> None:
        self.is_applied = False
        for _ in range(some):
            if not await take_step(self.units, APPLICABLE, (await self.version()), Totals(1, 1, 1)):
                self.is_applied = True
                break

    async def finish(self, _: object = None) -> None:
        await apply_all(self.units)
        self.is_applied = True

    async def back(self, what: tuple[int, int]) -> None:
        """Roll back to an earlier version, and take some steps of its application."""
        number, some = what
        version = number % await self.version() + 1
        found = await self.graph.read(lambda tx: list_rule_sets(tx, versions=[version]))
        await roll_back(self.units, version, "test")
        self.facts.rules = parse_rules(found[0].yaml, name="?")
        await self._apply_some(some)

    async def restart(self, _: object) -> None:
        """Go on as another process that knows nothing but the graph."""
        current = await self.graph.read(get_rule_set)
        self.units = Units(self.graph, InForce(parse_rules(current.yaml, name="?"), current.version), clock=self.now)
        await self.units.open()

    async def version(self) -> int:
        return (await self.graph.read(get_rule_set)).version


@examples(25)
@given(rules=any_rules, steps=revising)
async def test_the_stored_graph_is_what_follows_from_the_facts_that_remain(
    graph: Graph, rules: RuleSet, steps: list[Step]
) -> None:
    world = World(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.run(("finish", None))
    await check_memory(graph, world.facts.membership)


@examples(25)
@given(rules=other_rules, steps=living, ids=st.integers(0, 1000))
async def test_rules_come_and_go_and_the_graph_is_always_what_follows_from_facts_and_rules(
    graph: Graph, rules: RuleSet, steps: list[Step], ids: int
) -> None:
    await live(graph, rules, steps, ids)


async def live(graph: Graph, rules: RuleSet, steps: list[Step], ids: int = 0) -> World:
    """Carry steps out with rules that are applied in small portions, check each, and give the world at its end.

    ``ids`` makes the ids of customers: their order is the one in which they are converted.
    """
    rng = random.Random(ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(new_ids, "uuid4", lambda: UUID(int=rng.getrandbits(128), version=4))
        patch.setattr(applying, "EVENTS_AT_ONCE", 5)
        patch.setattr(applying, "CUSTOMERS_AT_ONCE", 2)
        patch.setattr(applying, "IDENTIFIERS_AT_ONCE", 3)
        world = World(graph, rules)
        await world.open()
        for step in steps:
            await world.run(step)
        await world.run(("finish", None))
    await check_memory(graph, world.facts.membership)
    await check_log(graph, world.facts.membership)
    return world


async def test_customers_join_when_a_limit_gets_a_window_whichever_is_converted_first(graph: Graph) -> None:
    whole, windowed = make_rules(window=None), make_rules(window=20 * SECOND)
    seen = [
        (46, ("cookie:3", "device:3")),
        (36, ("openid:a/1", "crm:3")),
        (5, ("cookie:2", "crm:3")),
        (49, ("cookie:4", "openid:a/1", "device:3")),
        (28, ("crm:1",)),
        (24, ("crm:2",)),
    ]
    for ids in range(6):
        world = await live(graph, whole, [("observe", seen), ("rules", (windowed, 0))], ids)
        assert len((await read_stored(world.graph)).parts()) == 3


async def test_customers_split_and_join_as_the_rules_believe_a_source_less_or_more(graph: Graph) -> None:
    claims = SourceRule(links=frozenset({("cookie", "device"), ("cookie", "crm")}))
    silent = SourceRule(asserts=frozenset({"cookie"}))
    limited, silenced = make_rules(sources={"test": claims}), make_rules(sources={"test": silent})
    seen = [
        (1, ("crm:1", "phone:1")),
        (2, ("crm:1", "phone:1", "cookie:1")),
        (3, ("phone:1", "cookie:2", "device:1")),
        (4, ("crm:2", "crm:1", "cookie:3")),
    ]
    steps: list[Step] = [("observe", seen), ("rules", (limited, 1)), ("observe", [(5, ("crm:2", "cookie:1"))])]
    steps += [("finish", None), ("rules", (silenced, 2)), ("observe", [(6, ("phone:1", "cookie:2"))]), ("finish", None)]
    steps += [("same", ("cookie:1", "cookie:2")), ("rules", (LAX, 1)), ("observe", [(7, ("crm:1", "device:1"))])]
    await live(graph, LAX, steps)


async def test_a_namespace_goes_while_events_beside_the_converted_ones_still_hold_it(graph: Graph) -> None:
    rules = make_rules()
    without_cookies = replace(rules, namespaces={n: rule for n, rule in rules.namespaces.items() if n != "cookie"})
    world = World(graph, rules)
    await world.open()
    # The openid is the first person's. Its third event is read anew only with this person, after the second is converted.
    events = [
        (10, ("crm:2", "openid:wxa/1", "cookie:1")),
        (30, ("crm:1", "openid:wxa/1")),
        (5, ("device:1",)),
        (9, ("openid:wxa/1", "cookie:2")),
    ]

    await world.run(("observe", events))
    await world.run(("rules", (without_cookies, 0)))
    await world.run(("observe", [(40, ("crm:2",))]))
    await world.run(("finish", None))


@pytest.mark.parametrize("back", [False, True])
async def test_who_counts_as_a_partner_follows_the_rules_of_customers_too_that_stay_as_they_are(
    graph: Graph, back: bool
) -> None:
    loose = make_rules(max_partners=2)
    loose = replace(loose, namespaces=loose.namespaces | {"phone": replace(loose.namespaces["phone"], limit=None)})
    limited = make_rules(max_partners=2)
    weak = replace(limited.namespaces["device"], priority=2), replace(limited.namespaces["phone"], priority=3)
    device_first = replace(limited, namespaces=limited.namespaces | {rule.name: rule for rule in weak})
    seen = [(n, (f"crm:{n}", "phone:1")) for n in (1, 2, 3)]  # so the phone is quarantined
    seen += [(4, ("device:1", "phone:1")), (5, ("device:2", "phone:2")), (6, ("device:1", "cookie:1"))]
    more: list[Step] = [("observe", [(7, ("device:1", "phone:2"))]), ("observe", [(8, ("device:1", "phone:3"))])]
    other = device_first if back else loose
    await live(graph, other, [("observe", seen), ("rules", (limited, 9)), *more, ("rules", (other, 9)), *more])
    rows = await graph.run("MATCH (i:Identifier {key: 'device:1'}) RETURN i.partners AS partners")
    assert rows == [{"partners": "{}"}]


async def test_an_unbinding_that_was_only_claimed_can_be_retracted(graph: Graph) -> None:
    rules = make_rules(sources={"test": SourceRule(links=frozenset())})
    await live(graph, rules, [("observe", [(1, ("crm:1",))]), ("unbind", ("crm:1", 2)), ("retract", 1)])
