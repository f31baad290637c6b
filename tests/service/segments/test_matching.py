"""A compiled rule holds for whom the evaluator says on the facts that are stored, and a plain reading of the messages says."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sheet import Terms
from identity_graph.service.segments.matching import Matching, decide
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import matching as store
from identity_graph.store.segments.compiling_asked import Definition
from tests.domain.segments.test_evaluation_properties import parts_of
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.segment_messages import Sending, messages, reference_sheets, terms_with
from tests.worlds.segment_reference import is_in
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import DAY, HOUR, ZONES, times
from tests.worlds.stored import read_stored, same


@dataclass(frozen=True, kw_only=True)
class SentWorld:
    """Messages, and rules as they are written, which are asked at some moments of those who are known by then."""

    sent: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    moments: list[int]
    received_at: int
    zone: str
    has_cut: bool
    sums: bool
    known_only: bool

    @property
    def terms(self) -> Terms:
        """By what customers are judged."""
        return terms_with(self.zone, has_cut=self.has_cut, sums=self.sums)


@st.composite
def sent_worlds(draw: DrawFn) -> SentWorld:
    """Draw a world."""
    base = draw(times())
    steps = st.tuples(st.integers(-4, 36), st.integers(-1, 1))
    return SentWorld(
        sent=draw(messages(base)),
        rules=draw(st.lists(written_rules(base), min_size=2, max_size=3)),
        moments=[base + step * 6 * HOUR + beside for step, beside in draw(st.lists(steps, min_size=1, max_size=2))],
        received_at=base + 30 * DAY,
        zone=draw(st.sampled_from(ZONES)),
        has_cut=draw(st.booleans()),
        sums=draw(st.booleans()),
        known_only=draw(st.booleans()),
    )


@examples(8)
@given(world=sent_worlds())
async def test_a_compiled_rule_holds_for_whom_the_evaluator_and_the_messages_say(
    graph: Graph, world: SentWorld
) -> None:
    await wipe(graph)
    terms = world.terms
    sending = Sending.of(world.sent, terms.rules, world.received_at)
    await sending.into(graph, terms, world.received_at)
    stored = await read_stored(graph)
    keys = {
        id: frozenset(k for k, row in stored.identifiers.items() if row["customers"] == [id]) for id in stored.customers
    }
    audience = Audience.KNOWN if world.known_only else Audience.ALL
    for now in world.moments:
        told = reference_sheets(sending.events, terms, now)
        known = {id for id in keys if told[keys[id]].first_seen <= now}
        for written in (part for rule in world.rules for part in parts_of(rule)):
            said = {id for id in known if is_in(written, told[keys[id]], now, terms, known_only=world.known_only)}
            matching = Matching(Definition(read_rule(written), audience), terms, now)
            await agree(graph, matching, said, known, written)


async def agree(graph: Graph, matching: Matching, said: set[str], known: set[str], written: Any) -> None:
    """Compare what the compiled rule, the evaluator on stored facts, and the messages say."""
    bounds = matching.compiled.bounds

    async def ask(tx: ReadTransaction) -> tuple[set[str], set[str], set[str], set[str]]:
        sure = await store.page_sure_ids(tx, matching.compiled, after="", limit=1000)
        unsure = await store.page_unsure_ids(tx, matching.compiled, after="", limit=1000)
        decided = await decide(tx, matching, unsure)
        sheets = await read_sheets(tx, sorted(known), matching.inputs, matching.terms, matching.now)
        evaluated = {sheet.customer_id for sheet in sheets if sheet is not None and matching.holds(sheet)}
        return {*sure}, {*unsure}, {*sure, *decided}, evaluated

    sure, unsure, members, evaluated = (found & known for found in await graph.read(ask))
    same(f"the evaluator on stored facts: {written}", evaluated, said)
    assert sure <= said, f"{written}: wrongly sure of {sure - said}: {bounds.lower} {matching.compiled.parameters}"
    assert said <= sure | unsure, (
        f"{written}: forgot {said - sure - unsure}: {bounds.upper} {matching.compiled.parameters}"
    )
    same(f"members: {written}", members, said)
