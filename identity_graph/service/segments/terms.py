"""Under which terms segments are evaluated, and the segments as they are evaluated: read, checked, and in order."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.cycles import in_order, segments_used
from identity_graph.domain.segments.evaluation import Judge
from identity_graph.domain.segments.inputs import inputs_of
from identity_graph.domain.segments.read_models import SegmentState, StoredSegment
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.saved import SavedRule, read_saved
from identity_graph.domain.segments.sheet import Terms
from identity_graph.service.commit.units import Units
from identity_graph.service.profiles.scores import find_cut
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.evaluation import Work
from identity_graph.store.segments.segments import list_segments


@dataclass(frozen=True)
class Target:
    """A rule that customers are evaluated under: that of a segment in force, or one that is computed aside."""

    segment: StoredSegment
    edition: str
    is_live: bool
    rule: Rule
    audience: Audience
    judge: Judge
    inputs: Inputs
    fault: str | None

    @cached_property
    def uses(self) -> frozenset[str]:
        """The ids of the segments that the rule uses."""
        return frozenset(segments_used(self.rule))

    def key_of(self, customer_id: str) -> str:
        """Name the membership of a customer."""
        return f"{self.edition}/{customer_id}"


@dataclass(frozen=True)
class Loaded:
    """All segments under the terms in force, each after those that it uses; ``targets`` of a segment: in force first."""

    terms: Terms
    in_force: InForce
    segments: Mapping[str, StoredSegment]
    targets: tuple[Target, ...]
    by_edition: Mapping[str, Target] = field(default_factory=dict[str, Target])

    def needs_of(self, targets: Iterable[Target]) -> Inputs:
        """Tell what these targets read, and those that use them."""
        wanted = {target.edition: target for target in targets}
        names = {target.segment.id for target in wanted.values()}
        for target in self.targets:  # in order: a user comes after all that it uses
            if target.uses & names:
                wanted[target.edition] = target
                names.add(target.segment.id)
        inputs = Inputs()
        for target in wanted.values():
            inputs |= target.inputs
        return inputs


def edition_of(segment_id: str, edition: int) -> str:
    """Name an edition of the memberships of a segment."""
    return f"{segment_id}/{edition}"


class Loader:
    """Loads segments; what did not change since the last time is not read or checked again."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._known: dict[tuple[str, str, str], Target] = {}
        self._terms: tuple[str, Terms] | None = None
        self._rules: dict[tuple[str, str], SavedRule] = {}

    async def load(self, tx: ReadTransaction, work: Work) -> Loaded:
        """Read the segments that are not deleted, and what they are evaluated under."""
        in_force = await self._units.read_in_force(tx, work.rule_version, int((work.catalogue or ["0"])[0]))
        terms = await self._read_terms(tx, in_force, terms_of(work))
        rows = {row.id: row for row in await list_segments(tx)}
        live = {id: self._read(row.live_rule, row.live_audience) for id, row in rows.items()}
        rules = {id: saved.rule for id, saved in live.items()}
        targets: list[Target] = []
        known: dict[tuple[str, str, str], Target] = {}
        for id in in_order(rules):
            row = rows[id]
            made = [self._target(row, row.edition, live[id], terms, known, is_live=True)]
            if row.state == SegmentState.CHANGING and row.next_edition is not None:
                saved = self._read(row.next_rule or "", row.next_audience or "")
                made.append(self._target(row, row.next_edition, saved, terms, known, is_live=False))
            targets += made
        self._known = known
        return Loaded(terms, in_force, rows, tuple(targets), {target.edition: target for target in targets})

    async def _read_terms(self, tx: ReadTransaction, in_force: InForce, text: str) -> Terms:
        if self._terms is None or self._terms[0] != text:
            self._terms = (text, Terms(in_force.catalogue, in_force.rules, await find_cut(tx)))
            self._known = {}
        return self._terms[1]

    def _read(self, rule: str, audience: str) -> SavedRule:
        if (rule, audience) not in self._rules:
            if len(self._rules) > _MOST_RULES:
                self._rules.clear()
            self._rules[rule, audience] = read_saved(rule, audience)
        return self._rules[rule, audience]

    def _target(
        self,
        row: StoredSegment,
        number: int,
        saved: SavedRule,
        terms: Terms,
        known: dict[tuple[str, str, str], Target],
        *,
        is_live: bool,
    ) -> Target:
        edition = edition_of(row.id, number)
        key = (edition, row.live_rule if is_live else row.next_rule or "", saved.audience)
        former = self._known.get(key)
        judge = Judge(saved.rule, terms, saved.audience) if former is None else former.judge
        inputs = inputs_of(saved.rule, terms.catalogue, saved.audience) if former is None else former.inputs
        fault = saved.fault or judge.fault
        target = Target(row, edition, is_live, saved.rule, saved.audience, judge, inputs, fault)
        known[key] = target
        return target


_MOST_RULES = 5000
"""Rules that are kept as they were read."""


def terms_of(work: Work) -> str:
    """Write under which terms everybody is to be evaluated, as JSON."""
    return json.dumps(
        {"rules": [work.rule_version, work.rule_status], "catalogue": work.catalogue, "cut": work.cut_version},
        sort_keys=True,
    )


def changed_terms(before: str | None, after: str) -> Inputs | None:
    """Tell what changes when terms do: None for anything."""
    if before is None:
        return None
    old, new = json.loads(before), json.loads(after)
    if {key: value for key, value in old.items() if key != "cut"} != {k: v for k, v in new.items() if k != "cut"}:
        return None
    return Inputs(scores=old["cut"] != new["cut"])
