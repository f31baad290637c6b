"""Segments in use while everything happens that can happen: what is stored is compared with a plain reading of the messages."""

import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.observations import Event
from identity_graph.errors import IdentityGraphError
from identity_graph.service.catalogue import changing
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.judging import Statement, judge
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.rules import changing as rules_changing
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.service.segments.members import read_members, read_now
from identity_graph.service.segments.pins import pin_member, unpin_member
from identity_graph.service.segments.recomputing import recompute
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.profiles import catalogues, scores
from tests.neo4j_server import wipe
from tests.worlds.live_segments import delete_segment, save_segment
from tests.worlds.segment_messages import Sending, Sent, messages, sheets_of
from tests.worlds.segment_reference import is_in
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import CATALOGUE, CUT, DAY, HOUR, ZONES, terms_of, times
from tests.worlds.stored import read_stored, same
from tests.worlds.worlds import keep_rules, to_yaml

SEGMENTS = ("seg_1", "seg_2", "seg_3")
PRESETS = ("default", "never-guess", "first-owner")
"""Rules that give a contested identifier to somebody else each."""
Step = tuple[str, Any]


@dataclass(frozen=True, kw_only=True)
class LiveWorld:
    """Messages, rules as they are written, and steps that send, save, correct, and let time pass."""

    base: int
    sent: list[Sent]
    rules: list[dict[str, Any]]
    steps: list[Step]
    has_cut: bool


def _steps() -> st.SearchStrategy[Step]:
    segments = st.sampled_from(SEGMENTS)
    keys = st.sampled_from(["user_id:1", "user_id:2", "anonymous_id:a", "anonymous_id:b", "device_id:d1"])
    return st.one_of(
        st.tuples(st.just("send"), st.integers(1, 4)),
        st.tuples(st.just("send"), st.integers(1, 4)),
        st.tuples(st.just("clock"), st.tuples(st.integers(0, 12), st.integers(-1, 1))),
        st.tuples(st.just("clock"), st.tuples(st.integers(0, 12), st.integers(-1, 1))),
        st.tuples(st.just("save"), st.tuples(segments, st.integers(0, 5), st.booleans())),
        st.tuples(st.just("save"), st.tuples(segments, st.integers(0, 5), st.booleans())),
        st.tuples(st.just("retract"), st.integers(0, 12)),
        st.tuples(st.just("judge"), st.tuples(keys, keys, st.sampled_from([Verdict.SAME, Verdict.DIFFERENT]))),
        st.tuples(st.just("zone"), st.sampled_from(ZONES)),
        st.tuples(st.just("rules"), st.sampled_from(PRESETS)),
        st.tuples(st.just("delete"), segments),
        st.tuples(st.just("pin"), st.tuples(segments, st.integers(0, 3), st.sampled_from([True, False, None]))),
        st.tuples(st.just("turns"), st.integers(1, 3)),
    )


@st.composite
def live_worlds(draw: DrawFn) -> LiveWorld:
    """Draw a world."""
    base = draw(times())
    saved: list[Step] = [("save", (id, number, draw(st.booleans()))) for number, id in enumerate(SEGMENTS)]
    return LiveWorld(
        base=base,
        sent=draw(messages(base)),
        rules=draw(st.lists(written_rules(base), min_size=6, max_size=6)),
        steps=[*saved[: draw(st.integers(1, 3))], *draw(st.lists(_steps(), min_size=4, max_size=12))],
        has_cut=draw(st.booleans()),
    )


class Living:
    """Carries the steps of a world out, and compares."""

    def __init__(self, graph: Graph, world: LiveWorld, *, batch: int = 2) -> None:
        self._graph = graph
        self._world = world
        self._zone = ZONES[0]
        self._now = world.base - 4 * DAY
        self._rules = load_preset(PRESETS[0])
        self._waiting = Sending.of(world.sent, self._rules, world.base + 30 * DAY).events
        self._events: list[Event] = []
        self._retracted: set[str] = set()
        self._segments: dict[str, tuple[dict[str, Any], bool]] = {}
        self._deleted: set[str] = set()
        self._pins: dict[tuple[str, str], tuple[int, bool]] = {}
        self._decisions = 0
        catalogue = terms_of(self._zone).catalogue
        self.units = Units(graph, InForce(self._rules, 1, catalogue, 1), clock=lambda: self._now)
        self.evaluator = Evaluator(self.units, batch=batch)

    async def run(self) -> None:
        """Carry all steps out."""
        await self.open()
        for kind, what in self._world.steps:
            await getattr(self, kind)(what)
            if kind != "turns":
                await self.check(kind)

    async def open(self) -> None:
        """Begin with a graph that knows rules, a catalogue, and maybe a cut."""
        await wipe(self._graph)
        await keep_rules(self._graph, self._rules)
        text = CATALOGUE.replace("ZONE", self._zone)

        async def keep(tx: WriteTransaction) -> None:
            await catalogues.create_catalogue(
                tx, version=1, yaml=text, fingerprint="?", applied_by="?", status="ACTIVE", replaces=[], derivation=10**6,
                at_s=1, at_ns=0,
            )  # fmt: skip
            if self._world.has_cut:
                cut = CUT.boundaries
                await scores.create_rfm_cut(
                    tx, at_s=0, at_ns=0, method=CUT.method, population=CUT.population, currency=CUT.currency,
                    recency=[*cut.recency], frequency=[*cut.frequency], monetary=[str(one) for one in cut.monetary],
                    recency_classes=cut.recency_classes, frequency_classes=cut.frequency_classes,
                    monetary_classes=cut.monetary_classes, rhythm=CUT.rhythm,
                )  # fmt: skip

        await self._graph.write(keep)
        await self.units.open()

    async def send(self, count: int) -> None:
        """Take in the next messages."""
        events, self._waiting = self._waiting[:count], self._waiting[count:]
        await self.units.run(lambda tx, regime: take_in(tx, events, regime))
        self._events += events

    async def clock(self, step: tuple[int, int]) -> None:
        """Let time pass, to the edge of windows or right beside it."""
        steps, beside = step
        grid = self._world.base + (self._now - self._world.base) // (6 * HOUR) * 6 * HOUR
        self._now = max(self._now, grid + steps * 6 * HOUR + beside)

    async def save(self, what: tuple[str, int, bool]) -> None:
        """Save a segment, or change it; each uses only those before it."""
        id, number, known_only = what
        if id in self._deleted:
            return
        rule = _acyclic(self._world.rules[number], SEGMENTS.index(id))
        self._segments[id] = (rule, known_only)
        await save_segment(self.units, id, rule, "KNOWN" if known_only else "ALL")

    async def retract(self, number: int) -> None:
        """Take an observation back."""
        if number < len(self._events):
            event = self._events[number]
            with suppress(IdentityGraphError):
                await self.units.run(lambda tx, regime: retract(tx, event.source, event.message_id, "?", regime))
            self._retracted.add(event.id)

    async def judge(self, what: tuple[str, str, Verdict]) -> None:
        """Declare that two identifiers are one person's, or are not."""
        a, b, verdict = what
        if a != b:
            with suppress(IdentityGraphError):
                await self.units.run(
                    lambda tx, regime: judge(
                        tx, verdict, (min(a, b), max(a, b)), Statement(reason="?", actor="?", regime=regime)
                    )
                )

    async def zone(self, zone: str) -> None:
        """Change the zone of the project."""
        self._zone = zone
        version = self.units.in_force.catalogue_version
        await changing.put_in_force(self.units, CATALOGUE.replace("ZONE", zone), version, "?")
        await changing.apply_all(self.units)

    async def rules(self, preset: str) -> None:
        """Resolve everybody under other rules."""
        self._rules = load_preset(preset)
        await rules_changing.put_in_force(self.units, to_yaml(self._rules), self.units.in_force.version, "?")
        await rules_changing.apply_all(self.units)

    async def delete(self, id: str) -> None:
        """Delete a segment that no other one uses."""
        is_used = any(f'"inSegment": "{id}"' in json.dumps(rule) for rule, _ in self._segments.values())
        if id in self._segments and not is_used:
            del self._segments[id]
            self._deleted.add(id)
            await delete_segment(self.units, id)

    async def pin(self, what: tuple[str, int, bool | None]) -> None:
        """Pin a customer, or take back what was pinned."""
        segment, number, member = what
        parts = await self._parts()
        if segment in self._segments and number < len(parts):
            id, part = sorted(parts.items(), key=lambda one: sorted(one[1]))[number]
            for key in part:
                self._pins.pop((segment, key), None)
            if member is None:
                await unpin_member(self.units, segment, id)
                return
            sheet = self._sheets([part])[part]
            self._decisions += 1
            self._now += 1  # of two decisions the later one counts
            self._pins[segment, sheet.anchor] = (self._decisions, member)
            await pin_member(self.units, segment, id, member=member, reason="?", actor="?")

    async def turns(self, count: int) -> None:
        """Evaluate a part of what there is to do."""
        for _ in range(count):
            await self.evaluator.take_turn()

    async def check(self, step: str) -> None:
        """Compare the members of all segments with those by the messages, and with everybody evaluated from scratch."""
        await self.evaluator.catch_up()
        parts = await self._parts()
        expected = self._expected(parts)
        for id in self._segments:
            page = await read_members(self._graph, id, first=100, after=None)
            found = {parts[row.customer_id] for row in page.items if row.customer_id in parts}
            strangers = [row.customer_id for row in page.items if row.customer_id not in parts]
            same(f"members of {id} that are no customers after {step}", strangers, [])
            same(f"members of {id} after {step}: {json.dumps(self._segments[id])}", found, expected[id])
            same(f"size of {id}", (await read_now(self._graph, id, self._now)).size, len(page.items))
        recomputed = await recompute(self.evaluator, self.units)
        same("deviations", recomputed.deviations, ())
        await check_transitions(self._graph)

    async def _parts(self) -> dict[str, frozenset[str]]:
        stored = await read_stored(self._graph)
        members: defaultdict[str, set[str]] = defaultdict(set)
        for key, row in stored.identifiers.items():
            members[row["customers"][0]].add(key)
        for segment, key in [*self._pins]:
            if key not in stored.identifiers:
                del self._pins[segment, key]  # nobody knows whose that was
        return {id: frozenset(keys) for id, keys in members.items()}

    def _terms(self) -> Terms:
        return replace(terms_of(self._zone, has_cut=self._world.has_cut), rules=self._rules)

    def _sheets(self, parts: Iterable[frozenset[str]]) -> Any:
        terms = self._terms()
        events = [event for event in self._events if event.id not in self._retracted]
        return sheets_of(parts, events, terms, self._now)

    def _expected(self, parts: dict[str, frozenset[str]]) -> dict[str, set[frozenset[str]]]:
        terms = self._terms()
        found: dict[str, set[frozenset[str]]] = {id: set() for id in SEGMENTS}
        for part, sheet in self._sheets(parts.values()).items():
            own = frozenset[str]()
            for id in SEGMENTS:
                if id in self._segments:
                    rule, known_only = self._segments[id]
                    pinned = max((self._pins[id, key] for key in part if (id, key) in self._pins), default=None)
                    asked = replace(sheet, segments=own)
                    member = is_in(rule, asked, self._now, terms, known_only=known_only)
                    if member if pinned is None else pinned[1]:
                        own |= {id}
                        found[id].add(part)
        return found


async def check_transitions(graph: Graph) -> None:
    """Check that the transitions of each customer are numbered, take turns, and end with how it stands."""
    rows = await graph.run(
        "MATCH (t:Transition) WITH t ORDER BY t.number "
        "WITH t.segment_id AS segment, t.customer_id AS customer, collect(t.number) AS numbers, collect(t.entered) AS entered "
        "RETURN segment, customer, numbers, entered, "
        "EXISTS { (s:Segment {id: segment}) WHERE s.deleted_at IS NULL } AS is_kept"
    )
    for row in rows:
        numbers: list[int] = row["numbers"]
        same("numbers", numbers, [*range(1, len(numbers) + 1)])
        same("in and out", row["entered"], [number % 2 == 1 for number in numbers])
    inside = {(row["segment"], row["customer"]) for row in rows if row["entered"][-1] and row["is_kept"]}
    stored = await graph.run(
        "MATCH (s:Segment) WHERE s.deleted_at IS NULL "
        "MATCH (m:SegmentMembership) WHERE m.edition = s.id + '/' + s.edition AND m.since IS NOT NULL "
        "RETURN s.id AS segment, m.customer_id AS customer"
    )
    same("who entered and is in", inside, {(row["segment"], row["customer"]) for row in stored})


def _acyclic(rule: dict[str, Any], number: int) -> dict[str, Any]:
    """Let a rule use only segments before its own."""
    text = json.dumps(rule)
    for later in SEGMENTS[number:]:
        text = text.replace(f'"inSegment": "{later}"', f'"inSegment": "{SEGMENTS[number - 1] if number else "seg_0"}"')
    return json.loads(text)
