"""Crowds: worlds in which everything is refused, quarantined and ignored that can be."""

import random
from dataclasses import dataclass, field, replace

from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict, RuleSet
from identity_graph.domain.values.identifiers import IgnoredIdentifier
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.errors import IdentityGraphError
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.corrections.judging import Statement, judge
from identity_graph.store.driver.graph import Graph
from tests.worlds.worlds import SECOND, VALUES, make_event, make_rules

KEYS = [f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values]
IGNORED = (
    IgnoredIdentifier("phone", "no number", "invalid"),
    IgnoredIdentifier("crm", "null", "blocked"),
    IgnoredIdentifier("phone", "9", "claimed"),
    IgnoredIdentifier("coat", "red: 1", "undeclared"),
)
NOW: Instant = 1_767_268_800 * SECOND
"""2026-01-01T12:00:00Z, when the first crowd is seen; each commit is a second later."""


@dataclass
class Crowds:
    """What was taken in so far, under rules that let nobody have much."""

    graph: Graph
    rules: RuleSet = field(
        default_factory=lambda: make_rules(conflict=Conflict.NEWEST, max_partners=1, max_identifiers=12)
    )
    judgements: set[Judgement] = field(default_factory=set[Judgement])
    commits: int = 0

    def now(self) -> Instant:
        """Give the time of the next commit."""
        self.commits += 1
        return NOW + self.commits * SECOND

    async def come(self, seed: int, *, events: int = 60) -> None:
        """Let a crowd be seen that shares no identifier with other crowds."""
        rng = random.Random(seed)
        seen = [self._event(seed, number, rng) for number in range(events)]
        for start in range(0, len(seen), 15):
            now = self.now()
            batch = [replace(event, received_at=now) for event in seen[start : start + 15]]
            await self.graph.write(lambda tx, batch=batch, now=now: take_in(tx, batch, Regime(self.rules, 1, now)))

    async def judge_different(self, seed: int, pairs: int = 12) -> None:
        """Say of some pairs of a crowd, which were seen together, that they are different persons'."""
        rows = await self.graph.run(
            "MATCH (a)-[l:OBSERVED_WITH]->(b) WHERE a.key ENDS WITH $end RETURN a.key AS a, b.key AS b ORDER BY a, b",
            end=f"#{seed}",
        )
        for row in random.Random(seed).sample(rows, min(pairs, len(rows))):
            said = Statement(reason="?", actor="?", regime=Regime(self.rules, 1, self.now()))
            pair = (row["a"], row["b"])
            try:
                await self.graph.write(lambda tx, pair=pair, said=said: judge(tx, Verdict.DIFFERENT, pair, said))
            except IdentityGraphError:
                continue
            self.judgements.add(Judgement.of(Verdict.DIFFERENT, *pair))

    def _event(self, seed: int, number: int, rng: random.Random) -> Event:
        keys = tuple(f"{key}{number // 20}#{seed}" for key in rng.sample(KEYS, 3))
        event = make_event(1000 * seed + number, rng.randrange(300), keys, self.rules)
        extra = rng.sample(IGNORED, rng.choice((0, 0, 0, 1, 2)))
        return replace(event, ignored=(*event.ignored, *extra))
