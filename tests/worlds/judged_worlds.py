"""Random worlds about which people said something, and what is true in them without one pair's evidence."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from hypothesis import strategies as st

from identity_graph.domain.identity.evidence import Evidence, gather
from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections, Judgement, Verdict
from identity_graph.domain.identity.resolution import Resolution, resolve_evidence
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.corrections.judgements import create_judgement
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from tests.worlds.worlds import SECOND, any_rules, identifier_keys, worlds


@dataclass(frozen=True)
class JudgedWorld:
    """Rules, events in batches, and what people said before the first of them came."""

    rules: RuleSet
    batches: list[list[Event]]
    judgements: frozenset[Judgement] = frozenset()
    corrections: Corrections = NO_CORRECTIONS
    _resolved: dict[Pair | None, Resolution] = field(
        default_factory=dict[Pair | None, Resolution], init=False, compare=False, repr=False
    )

    @property
    def events(self) -> list[Event]:
        """All events in the order in which they came."""
        return [event for batch in self.batches for event in batch]

    @cached_property
    def _evidence(self) -> Evidence:
        return gather(self.events, self.rules, self.corrections)

    def evidence(self) -> Evidence:
        """Gather what counts."""
        return self._evidence

    def resolve(self, without: Pair | None = None) -> Resolution:
        """Derive the customers, as if nothing were known of a pair, if one is given."""
        known = self._resolved.get(without)
        if known is None:
            known = self._resolved[without] = self._resolve(without)
        return known

    def _resolve(self, without: Pair | None) -> Resolution:
        links = {pair: link for pair, link in self._evidence.links.items() if pair != without}
        evidence = replace(self._evidence, links=links)
        judgements = [j for j in self.judgements if (j.a, j.b) != without]
        return resolve_evidence(evidence, judgements, self.rules, self.corrections.overruled)

    async def store(self, graph: Graph) -> None:
        """Write it all down."""
        for number, judgement in enumerate(sorted(self.judgements)):
            await _say(graph, f"jdg_{number}", judgement.verdict, judgement.a, judgement.b, None)
        for number, (pair, until) in enumerate(self.corrections.unlinked.items()):
            await _say(graph, f"jdg_u{number}", "unlinked", *pair, until)
        for number, key in enumerate(sorted(self.corrections.overruled)):
            await _say(graph, f"jdg_o{number}", "overruled", key, None, None)
        for number, batch in enumerate(self.batches):
            await graph.write(
                lambda tx, batch=batch, number=number: take_in(tx, batch, Regime(self.rules, 1, 10**15 + number))
            )


async def _say(graph: Graph, id: str, verdict: str, a: str, b: str | None, until: int | None) -> None:
    async def work(tx: object) -> None:
        await create_judgement(
            tx,  # pyright: ignore[reportArgumentType]
            id=id,
            verdict=verdict,
            a=a,
            b=b,
            until_s=None if until is None else seconds(until),
            until_ns=None if until is None else nanoseconds(until),
            reason="?",
            actor="test",
            at_s=1_000_000,
            at_ns=0,
        )

    await graph.write(work)


_pairs = st.tuples(identifier_keys, identifier_keys).filter(lambda pair: pair[0] < pair[1])


@st.composite
def judged_worlds(draw: st.DrawFn) -> JudgedWorld:
    """Draw a world; half of them are judged."""
    rules, batches = draw(worlds(any_rules))
    if draw(st.booleans()):
        return JudgedWorld(rules, batches)
    same = draw(st.sets(_pairs, max_size=3))
    different = draw(st.sets(_pairs, max_size=2)) - same
    unlinked = draw(st.dictionaries(_pairs, st.integers(0, 60).map(lambda second: second * SECOND), max_size=2))
    overruled = draw(st.frozensets(identifier_keys, max_size=1))
    judgements = {Judgement.of(Verdict.SAME, *pair) for pair in same}
    judgements |= {Judgement.of(Verdict.DIFFERENT, *pair) for pair in different}
    return replace(
        JudgedWorld(rules, batches), judgements=frozenset(judgements), corrections=Corrections(unlinked, overruled)
    )
