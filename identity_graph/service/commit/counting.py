"""Counts of what a process accepted: written together with it, and read again when it is unclear what was stored."""

from collections import Counter
from dataclasses import dataclass, field

from identity_graph.domain.collecting.ignored_counts import (
    IgnoredCounts,
    fold_ignored,
    label_of,
    namespaces_in,
    read_ignored,
    write_ignored,
)
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.commit.source_counting import SourceCounts
from identity_graph.service.commit.taking_in import TakenIn
from identity_graph.service.metrics import Metrics
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, run_together


@dataclass(frozen=True, slots=True)
class Totals:
    """What one process took in since it started."""

    accepted: int = 0
    duplicates: int = 0
    ignored: IgnoredCounts = field(default_factory=Counter[tuple[str, str]])


class Counts:
    """The totals of this process, in the graph and in the metrics.

    A commit whose answer is lost may or may not have been stored. So the totals are uncertain from when they are written
    to when the commit is answered, and whoever adds to uncertain ones reads first what is stored.
    """

    def __init__(self, writer: str, metrics: Metrics) -> None:
        self._writer = writer
        self._metrics = metrics
        self._known = Totals()
        self._sources = SourceCounts(writer)
        self.is_certain = True

    async def add(self, tx: WriteTransaction, taken: TakenIn, rules: RuleSet) -> Totals:
        """Write the totals with what a unit of work took in; ``settle`` takes them when it is committed."""
        before = self._known if self.is_certain else await self._read(tx)
        self.is_certain = False
        after = Totals(
            before.accepted + taken.accepted,
            before.duplicates + taken.duplicates,
            before.ignored + fold_ignored(taken.ignored, rules, namespaces_in(before.ignored)),
        )
        await run_together(
            tx,
            counter_store.set_counts.call(
                writer=self._writer,
                accepted=after.accepted,
                duplicates=after.duplicates,
                ignored=write_ignored(after.ignored),
            ),
            *self._sources.calls(taken.messages, taken.claims),
        )
        return after

    def settle(self, totals: Totals, rules: RuleSet) -> None:
        """Take note of totals that are stored for certain, and bring the metrics up to them."""
        known, self._known, self.is_certain = self._known, totals, True
        metrics = self._metrics
        # Less than was known is stored when somebody emptied the graph. Metrics never count down.
        metrics.accepted.inc(max(0, totals.accepted - known.accepted))
        metrics.duplicates.inc(max(0, totals.duplicates - known.duplicates))
        for (namespace, code), count in (totals.ignored - known.ignored).items():
            metrics.ignored.labels(label_of(namespace, code, rules), code).inc(count)

    async def _read(self, tx: ReadTransaction) -> Totals:
        rows = await counter_store.find_counts(tx, writer=self._writer)
        if not rows:
            return Totals()
        return Totals(rows[0].accepted, rows[0].duplicates, read_ignored(rows[0].ignored))
