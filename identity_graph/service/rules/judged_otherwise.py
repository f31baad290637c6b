"""All judgements in force, as other rules would read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.identity.in_force import InForce
from identity_graph.store.rules.previews import JudgementInForce


@dataclass(slots=True)
class JudgedOtherwise:
    """Judgements by the keys that they name under the other rules.

    ``moved`` are the keys of judgements that name others than now: those that they name now and those that they would.
    """

    corrections: Corrections = field(default_factory=Corrections)
    moved: set[str] = field(default_factory=set[str])
    by_key: dict[str, list[Judgement]] = field(default_factory=dict[str, list[Judgement]])

    @classmethod
    def read(cls, rows: Iterable[JudgementInForce], rules: RuleSet) -> Self:
        """Read what was judged under the rules."""
        in_force = InForce()
        read = cls()
        for row in rows:
            a, b = read_key(row.a, rules), None if row.b is None else read_key(row.b, rules)
            if (a, b) != (row.key_a, row.key_b):
                read.moved |= {key for key in (a, b, row.key_a, row.key_b) if key is not None}
            if a is not None:
                in_force.add(ActiveJudgement("", row.verdict, a, b, row.until, "", "", 0, None, None))
        for judgement in sorted(in_force.judgements):
            for key in (judgement.a, judgement.b):
                read.by_key.setdefault(key, []).append(judgement)
        read.corrections = in_force.corrections()
        return read

    def of(self, keys: Iterable[str]) -> set[Judgement]:
        """List the judgements of identifiers that name one of these."""
        return {judgement for key in keys for judgement in self.by_key.get(key, ())} if self.by_key else set()

    def same_as(self, keys: Iterable[str]) -> set[str]:
        """List what was judged to be the same person's as one of these."""
        return {key for one in self.of(keys) if one.verdict is Verdict.SAME for key in (one.a, one.b)}
