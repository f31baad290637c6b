"""Erasure: the person is gone, stays gone, and what others have is what follows from their events alone."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.consent.statements import PURPOSE, ConsentState, Statement, write_statements
from identity_graph.domain.privacy.receipts import Receipt, read_receipt
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.sources import CLAIMED, SourceRule
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import UNBIND, Event
from identity_graph.errors import NotFoundError
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.unbinding import unbinding_id
from identity_graph.service.privacy.erasing import erase
from identity_graph.store.driver.graph import Graph
from identity_graph.store.privacy.erasing import stop_messages
from tests.properties import examples
from tests.service.identity.test_revisions import LAX, ORIGIN, World
from tests.worlds.activation import make_destination, put, transition
from tests.worlds.steps import Step, revising
from tests.worlds.stored import read_stored, same
from tests.worlds.worlds import any_rules, identifier_keys, make_event, make_rules

SIGNER = Signer(bytes(32))
OWN_EVENTS = """MATCH (:Identifier {key: $key})-[:BELONGS_TO]->(c:Customer)
OPTIONAL MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
OPTIONAL MATCH (i)<-[:OF]-(:Session)<-[:IN]-(e:Event)
RETURN collect(DISTINCT i.key) AS keys, collect(DISTINCT e.id) AS events"""
EVERYTHING = """MATCH (n) RETURN properties(n) AS all, labels(n) AS kind
UNION ALL MATCH ()-[r]->() RETURN properties(r) AS all, [type(r)] AS kind"""


class ErasingWorld(World):
    """A world in which people are erased. What was erased is kept here alone, to be sent again."""

    def __init__(self, graph: Graph, rules: RuleSet) -> None:
        super().__init__(graph, rules)
        self.made = 1000  # steps name events by small numbers
        self.erased: list[Event] = []
        self.buried: set[str] = set()
        self.receipts: list[Receipt] = []

    def make(self, number: int, at: int, keys: tuple[str, ...]) -> Event:  # noqa: ARG002 - numbers of erased events do not come again
        self.made += 1
        return make_event(self.made, at, keys, LAX, origin=ORIGIN)

    async def observe(self, seen: list[tuple[int, tuple[str, ...]]]) -> None:
        events = [reread_event(self.make(0, at, keys), self.facts.rules) for at, keys in seen]
        late = [one for one in events if self.buried & self._read(one)]
        taken = await self.units.run(lambda tx, regime: take_in(tx, [*events, *self.erased], regime))
        self.facts.events += [event for event in events if event not in late]
        same("events taken in", taken.accepted, len(events) - len(late))

    async def unbind(self, what: tuple[str, int]) -> None:
        key, at = what
        event = replace(self.make(0, at, (key,)), type=UNBIND, name="$UnbindID", properties={})
        event = reread_event(event, self.facts.rules)
        is_late = bool(self.buried & self._read(event))
        taken = await self.units.run(lambda tx, regime: take_in(tx, [event], regime))
        same("unbinding events taken in", taken.accepted, 0 if is_late else 1)
        if not is_late:
            self.facts.events.append(event)
            for raw in self.facts.unbound_by(event):
                self.facts.judged[unbinding_id(event.id, raw.text)] = ("unbind", (raw.text, event.occurred_at))

    async def erase(self, key: str) -> None:
        (row,) = await self.graph.run(OWN_EVENTS, key=key) or [{"keys": [], "events": []}]
        facts = self.facts
        left = [event for event in facts.events if event.id not in row["events"]]
        own = set[str]()
        while own != (own := set(row["keys"]) - self._shown(left)):
            left = [event for event in left if event.id in facts.retracted or not own & self._claimed(event)]
        try:
            receipt = await self.units.run(lambda tx, regime: erase(tx, key, regime, SIGNER))
        except NotFoundError:
            same("identifiers and events of one's own", (own, row["events"]), (set(), []))
            return
        left = [one for one in left if one.id not in facts.retracted or not own.intersection(self._read(one))]
        same("a receipt", (receipt.identifiers, receipt.events), (len(own), len(facts.events) - len(left)))
        self.receipts.append(receipt)
        self.erased += [event for event in facts.events if event not in left]
        self.buried |= own
        facts.events = left
        facts.judged = {id: said for id, said in facts.judged.items() if not own & self._named(*said)}
        await self.search(own)

    async def search(self, keys: set[str]) -> None:
        """Look for erased keys in all properties of the graph."""
        for row in await self.graph.run(EVERYTHING):
            text = repr(row["all"])
            same(f"traces in {row['kind']}", {key for key in keys if f"'{key}'" in text or f'"{key}"' in text}, set())

    def _shown(self, events: list[Event]) -> set[str]:
        counted = [reread_event(event, self.facts.rules) for event in events if event.id not in self.facts.retracted]
        return {identifier.key for event in counted for identifier in event.identifiers}

    def _claimed(self, event: Event) -> set[str]:
        ignored = reread_event(event, self.facts.rules).ignored
        return {f"{item.namespace}:{item.value}" for item in ignored if item.code == CLAIMED}

    def _read(self, event: Event) -> set[str]:
        return {key for raw in event.raw_identifiers if (key := read_key(raw.text, self.facts.rules)) is not None}

    def _named(self, kind: str, what: Any) -> set[str]:
        named = {"overrule": lambda: [what], "unbind": lambda: [what[0]], "unlink": lambda: list(what[0])}
        keys = named[kind]() if kind in named else [what.a, what.b]
        return {read for key in keys if (read := read_key(key, self.facts.rules)) is not None}


erasing = st.tuples(st.just("erase"), identifier_keys)


@examples(25)
@given(rules=any_rules, steps=revising, ends=st.lists(erasing, min_size=1, max_size=3), more=revising)
async def test_who_is_erased_stays_gone_and_the_others_are_what_follows_from_their_own_events(
    graph: Graph, rules: RuleSet, steps: list[Step], ends: list[Step], more: list[Step]
) -> None:
    world = ErasingWorld(graph, rules)
    await world.open()
    for step in [*steps, *ends, *more[:4]]:
        await world.run(step)
    await world.search(world.buried)


async def test_the_neighbour_on_a_shared_tablet_keeps_what_is_theirs(graph: Graph) -> None:
    world = ErasingWorld(graph, make_rules())
    await world.open()
    await world.run(("observe", [(0, ("cookie:1",)), (1, ("crm:1", "cookie:1", "device:1"))]))
    await world.run(("observe", [(30, ("crm:2", "device:1")), (31, ("crm:2", "phone:2"))]))
    before = await read_stored(graph)
    bob = before.identifiers["crm:2"]["customers"]
    await world.run(("erase", "crm:1"))
    after = await read_stored(graph)
    assert {key: row["customers"] for key, row in after.identifiers.items()} == dict.fromkeys(
        ("crm:2", "device:1", "phone:2"), bob
    )
    assert [(receipt.identifiers, receipt.events) for receipt in world.receipts] == [(2, 2)]
    kept = await graph.run("MATCH (r:ErasureReceipt) RETURN r.signature AS signature")
    assert [read_receipt(row["signature"]) for row in kept] == world.receipts
    await world.run(("observe", [(40, ("crm:1", "phone:3"))]))
    assert (await read_stored(graph)).parts() == after.parts()


async def test_an_event_of_somebody_else_that_only_claims_an_identifier_goes_with_it(graph: Graph) -> None:
    world = ErasingWorld(graph, make_rules(sources={"test": SourceRule(links=frozenset({("cookie", "device")}))}))
    await world.open()
    await world.run(("observe", [(0, ("crm:1",)), (1, ("cookie:1", "crm:1")), (2, ("cookie:1", "device:1"))]))
    await world.run(("observe", [(3, ("crm:1", "crm:2")), (4, ("crm:2",))]))
    await world.run(("erase", "crm:1"))
    assert sorted((await read_stored(graph)).identifiers) == ["cookie:1", "crm:2", "device:1"]


async def test_a_new_consent_lets_somebody_come_back_and_nothing_of_before(graph: Graph) -> None:
    world = ErasingWorld(graph, make_rules())
    await world.open()
    await world.run(("observe", [(0, ("crm:1", "phone:1"))]))
    await world.run(("erase", "crm:1"))
    said = write_statements([Statement(PURPOSE + "ads", ConsentState.GRANTED)])
    event = replace(make_event(99, 0, ("crm:1",), LAX), occurred_at=2 * world.now(), consents=said)
    early = replace(event, message_id="early", occurred_at=0)
    taken = await world.units.run(lambda tx, regime: take_in(tx, [early], regime))
    assert taken.accepted == 0
    taken = await world.units.run(lambda tx, regime: take_in(tx, [event, *world.erased], regime))
    assert taken.accepted == 1
    assert (await read_stored(graph)).parts() == frozenset([frozenset(["crm:1"])])


async def test_every_destination_that_was_told_of_somebody_is_told_to_forget_them(graph: Graph) -> None:
    world = ErasingWorld(graph, make_rules())
    await world.open()
    await world.run(("observe", [(0, ("crm:1",)), (1, ("crm:2",))]))
    owners = {key: row["customers"][0] for key, row in (await read_stored(graph)).identifiers.items()}
    for id in ("dst_told", "dst_pending", "dst_tried", "dst_other", "dst_gone"):
        await make_destination(graph, id, segments=[f"seg_{id}"])
    for id, key in (
        ("dst_told", "crm:1"),
        ("dst_pending", "crm:1"),
        ("dst_tried", "crm:1"),
        ("dst_other", "crm:2"),
        ("dst_gone", "crm:1"),
    ):
        await put(graph, transition(owners[key], segment=f"seg_{id}"))
    await graph.run("MATCH (d:Destination {id: 'dst_gone'}) DELETE d")
    await graph.run("MATCH (t:ToldEntry) WHERE t.destination_id IN ['dst_pending', 'dst_tried'] DELETE t")
    await graph.run("MATCH (d:Delivery {destination_id: 'dst_tried'}) SET d.claim = 'somebody'")
    await graph.write(lambda tx: stop_messages(tx, ids=[owners["crm:1"]]))
    (row,) = await graph.run("MATCH (d:Delivery) WHERE d.due_at IS NOT NULL RETURN collect(d.destination_id) AS due")
    assert row["due"] == ["dst_other"]
    await world.run(("erase", "crm:1"))
    rows = await graph.run(
        "MATCH (d:Delivery) RETURN d.destination_id AS to, d.kind AS kind, d.customer_id AS customer, d.payload AS payload"
    )
    told = {(row["to"], row["kind"], row["customer"]) for row in rows}
    assert told == {
        ("dst_told", "customer.erased", owners["crm:1"]),
        ("dst_tried", "customer.erased", owners["crm:1"]),
        ("dst_other", "segment.entered", owners["crm:2"]),
    }
    (payload,) = (json.loads(row["payload"]) for row in rows if row["to"] == "dst_told")
    (receipt,) = world.receipts
    at = format_instant(receipt.erased_at)
    data = {"customer": owners["crm:1"], "receipt": receipt.id, "at": at}
    assert payload == {"type": "customer.erased", "timestamp": at, "data": data}
