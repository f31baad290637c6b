"""The judgements in force: what people said about identifiers that a unit of work touches."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.store.corrections import judgements as judgement_store
from identity_graph.store.corrections.judgements import OVERRULED, UNBOUND, UNLINKED
from identity_graph.store.driver.query import ReadTransaction

_FEW = 10


@dataclass(slots=True)
class InForce:
    """What people said about some keys and did not withdraw.

    ``customer_of`` tells, for the keys that ``same`` judgements name, whose they are; unknown ones are left out.
    """

    judgements: set[Judgement] = field(default_factory=set[Judgement])
    unlinked: dict[Pair, Instant] = field(default_factory=dict[Pair, Instant])
    overruled: set[str] = field(default_factory=set[str])
    unbound: dict[str, Instant] = field(default_factory=dict[str, Instant])
    customer_of: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def judged(self) -> set[str]:
        """The keys that a judgement of two identifiers names, and those that are unbound."""
        named = {key for judgement in self.judgements for key in (judgement.a, judgement.b)}
        return named.union(*self.unlinked, self.unbound)

    def corrections(self) -> Corrections:
        """Tell what does not count as evidence."""
        return Corrections(self.unlinked, frozenset(self.overruled), self.unbound)

    def add(self, row: ActiveJudgement) -> None:
        """Add a judgement as it is stored."""
        if row.verdict == OVERRULED:
            self.overruled.add(row.a)
        elif row.verdict == UNBOUND:
            self.unbound[row.a] = max(row.until or 0, self.unbound.get(row.a, row.until or 0))
        elif row.b is None or row.a == row.b:
            return  # under the rules in force the other is no identifier, or the two are one
        elif row.verdict == UNLINKED:
            pair = pair_of(row.a, row.b)
            self.unlinked[pair] = max(row.until or 0, self.unlinked.get(pair, row.until or 0))
        else:
            self.judgements.add(Judgement.of(Verdict(row.verdict), row.a, row.b))
            for key, customer in ((row.a, row.customer_a), (row.b, row.customer_b)):
                if customer is not None:
                    self.customer_of[key] = customer

    def update(self, other: "InForce") -> None:
        """Add all that was read of other keys."""
        self.judgements |= other.judgements
        self.unlinked.update(other.unlinked)
        self.overruled |= other.overruled
        self.unbound.update(other.unbound)
        self.customer_of.update(other.customer_of)

    def partners_of(self, key: str) -> set[str]:
        """Name the keys that were judged to be the same person's as this one."""
        return {
            judgement.b if judgement.a == key else judgement.a
            for judgement in self.judgements
            if judgement.verdict is Verdict.SAME and key in (judgement.a, judgement.b)
        }


async def read_in_force(tx: ReadTransaction, keys: Iterable[str]) -> InForce:
    """Read the judgements in force that name these keys."""
    found = InForce()
    wanted = sorted(keys)
    if not wanted:
        return found
    # Few keys are looked up as fast as judgements are counted; for many it pays to know first that there are none.
    if len(wanted) <= _FEW or (await judgement_store.count_judgements(tx))[0].total:
        for row in await judgement_store.list_judgements(tx, keys=wanted):
            found.add(row)
    return found
