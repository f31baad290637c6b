"""Consents: what is stored, and what customers allow, is what follows from the messages, whatever happens to customers."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.consent.decisions import Said
from identity_graph.domain.consent.statements import (
    BAR,
    CATEGORY,
    OPT_OUT,
    PURPOSE,
    ConsentState,
    Statement,
    read_statements,
    write_statements,
)
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, Event
from identity_graph.service.consent.reading import read_people, read_standings_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.properties import examples
from tests.service.identity.test_revisions import LAX, ORIGIN, World
from tests.worlds.consent_reference import allowed_by, barred_by
from tests.worlds.steps import Step, living, revising
from tests.worlds.stored import instant, read_stored, same
from tests.worlds.worlds import any_rules, make_event, make_rules

SUBJECTS = [
    PURPOSE + "ads",
    PURPOSE + "sharing",
    CATEGORY + "Advertising",
    CATEGORY + "Marketing",
    CATEGORY + "Nobody's",
    OPT_OUT,
    BAR + "RESTRICTED",
    BAR + "NOT_PERSONALISED",
]
STORED = f"""MATCH (i:Identifier)-[:GAVE]->(k:Consent) RETURN i.key AS key, k.subject AS subject, k.channel AS channel,
  k.state AS state, {instant("k.at")} AS at, k.message_id AS first, {instant("k.last_at")} AS last_at,
  k.last_message_id AS last, k.version AS version, k.text AS text"""


class ConsentWorld(World):
    """A world in which many events say something of consents."""

    def __init__(self, graph: Graph, rules: RuleSet, seed: int) -> None:
        super().__init__(graph, rules)
        self.seed = seed

    def make(self, number: int, at: int, keys: tuple[str, ...]) -> Event:
        event = make_event(number, at, keys, LAX, origin=ORIGIN)
        return replace(event, consents=write_statements(random_statements(self.seed * 1000 + number)))

    async def check(self) -> None:
        await super().check()
        if self.is_applied:
            await check_consents(self)


def random_statements(seed: int) -> list[Statement]:
    rng = random.Random(seed)
    return [
        Statement(
            subject,
            rng.choice(list(ConsentState)),
            rng.choice([None, None, Channel.SMS]) if subject.startswith(PURPOSE) else None,
            version=rng.choice(["", "2"]),
            of_visitor=rng.random() < 0.5,
        )
        for subject in SUBJECTS
        if rng.random() < 0.4
    ]


def giver_of(statement: Statement, identifiers: Sequence[Identifier], rules: RuleSet) -> str | None:
    """Say whose a statement is, by the definition of visitor and strongest."""
    ranked = sorted((rules.get_namespace(one.namespace).rank, one.value, one) for one in identifiers)
    visitors = [row for row in ranked if rules.get_namespace(row[2].namespace).visitor]
    if statement.of_visitor and visitors:
        weakest = max(row[0] for row in visitors)
        return min(row for row in visitors if row[0] == weakest)[2].key
    return ranked[0][2].key if ranked else None


async def check_consents(world: ConsentWorld) -> None:
    """Compare what is stored, and what readers are told, with a plain reading of all events that are left."""
    rules = world.facts.rules
    said: dict[str, list[Said]] = defaultdict(list)
    for event in world.facts.remaining():
        for statement in read_statements(event.consents):
            giver = giver_of(statement, event.identifiers, rules)
            if giver is not None:
                said[giver].append(Said((event.occurred_at, event.source, event.message_id), statement))
    expected = {row for key, own in said.items() for row in runs_of(key, own)}
    found = {tuple(row.values()) for row in await world.graph.run(STORED)}
    same("stored decisions", found, expected)
    stored = await read_stored(world.graph)
    members: dict[str, dict[str, list[Said]]] = defaultdict(dict)
    for key, own in said.items():
        members[stored.identifiers[key]["customers"][0]][key] = own
    ids = sorted(members)
    strongest_first = [rule.name for rule in sorted(rules.namespaces.values(), key=lambda rule: rule.rank)]
    strongest_first += sorted({key.partition(":")[0] for key in said} - set(strongest_first))
    in_force = world.units.in_force
    told = await read_standings_of(Reads(world.graph), ids, in_force)
    people = await read_people(Reads(world.graph), ids, in_force)
    same("bars", {id: one.bar for id, one in zip(ids, people, strict=True)}, {id: barred_by(members[id]) for id in ids})
    for id, standings in zip(ids, told, strict=True):
        shown = {
            (purpose, channel): "GRANTED" if one.state is ConsentState.GRANTED else "REFUSED"
            for (purpose, channel), one in standings.items()
        }
        same("what is allowed", shown, allowed_by(members[id], in_force.catalogue.consent, strongest_first))


def runs_of(key: str, said: list[Said]) -> set[tuple[object, ...]]:
    """Give the decisions of one identifier as rows: the first message of each answer, and the last that repeats it."""
    rows: set[tuple[object, ...]] = set()
    for topic in {(one.statement.subject, one.statement.channel) for one in said}:
        run: list[Said] = []
        line = sorted(
            (one for one in said if (one.statement.subject, one.statement.channel) == topic), key=lambda one: one.order
        )
        for one, after in zip(line, [*line[1:], None], strict=True):
            run.append(one)
            if after is None or after.statement.state is not one.statement.state:
                first = run[0]
                rows.add(
                    (
                        key,
                        topic[0],
                        topic[1],
                        one.statement.state,
                        first.order[0],
                        first.order[2],
                        one.order[0],
                        one.order[2],
                        first.statement.version or None,
                        None,
                    )
                )
                run = []
    return rows


@examples(15)
@given(rules=any_rules, steps=st.one_of(revising, living), seed=st.integers(0, 1000))
async def test_consents_are_what_follows_from_the_messages_whatever_happens_to_customers(
    graph: Graph, rules: RuleSet, steps: list[Step], seed: int
) -> None:
    world = ConsentWorld(graph, rules, seed)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.run(("finish", None))


async def test_a_late_statement_and_one_that_is_taken_back_leave_what_the_others_say(graph: Graph) -> None:
    world = ConsentWorld(graph, make_rules(), 0)
    await world.open()
    for seed, at in enumerate((1, 5, 3, 3, 9, 4)):
        world.seed = seed
        await world.run(("observe", [(at, ("crm:1", "device:1"))]))
    for number in (4, 1, 0, 5):
        await world.run(("retract", number))
    await world.run(("observe", [(2, ("crm:2", "device:1")), (7, ("crm:1", "phone:1"))]))


async def test_other_rules_say_whose_a_statement_is(graph: Graph) -> None:
    rules = make_rules()
    own = rules.namespaces
    reordered = {
        "phone": replace(own["phone"], priority=0),
        "openid": replace(own["openid"], priority=1, visitor=False),
        "crm": replace(own["crm"], priority=2),
        "device": replace(own["device"], priority=3, visitor=True),
        "cookie": replace(own["cookie"], priority=4, visitor=False),
    }
    world = ConsentWorld(graph, rules, 0)
    await world.open()
    for seed, at in enumerate((1, 3, 5)):
        world.seed = seed
        await world.run(("observe", [(at, ("crm:1", "phone:1", "device:1", "cookie:1"))]))
    await world.run(("rules", (replace(rules, namespaces=reordered), 0)))
    await world.run(("finish", None))
