"""Finding whom a rule holds for: Cypher decides where it can, the evaluator decides of the others on their fact sheets."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from identity_graph.domain.identity.read_models import ListedCustomer
from identity_graph.domain.segments.cycles import in_order, segments_used
from identity_graph.domain.segments.evaluation import Judge
from identity_graph.domain.segments.inputs import Inputs, inputs_of
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.instants import LATEST
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import ABOVE_ALL, Page, cut
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import matching as store
from identity_graph.store.segments.compiling import Compiled, compile_rule
from identity_graph.store.segments.compiling_asked import Definition

SHEETS_AT_ONCE = 500
"""Customers whose facts are read with one statement."""

IDS_AT_ONCE = 20_000
"""Customers whose ids are read with one statement."""

MOST_CANDIDATES = 1000
"""Customers that are looked at with one statement for a page of a list."""


@dataclass(frozen=True)
class Matching:
    """A rule that is asked of all customers, under terms, at a moment and beside the other segments."""

    definition: Definition
    terms: Terms
    now: Instant
    segments: Mapping[str, Definition] = field(default_factory=dict[str, Definition])

    @cached_property
    def compiled(self) -> Compiled:
        """The rule as Cypher."""
        return compile_rule(self.definition, self.terms, self.now, self.segments)

    @cached_property
    def inputs(self) -> Inputs:
        """All that it reads, with what the segments read that it uses."""
        inputs = inputs_of(self.definition.rule, self.terms.catalogue, self.definition.audience)
        for one in self._used.values():
            inputs |= inputs_of(one.rule, self.terms.catalogue, one.audience)
        return inputs

    def holds(self, sheet: FactSheet) -> bool:
        """Decide of one customer, by the evaluator alone."""
        return _is_in(self.definition, self._judge, self.with_segments(sheet), self.now)

    def with_segments(self, sheet: FactSheet) -> FactSheet:
        """Tell on a sheet in which of the segments that the rule uses the customer is."""
        for id, judge in self._judges.items():
            if _is_in(self._used[id], judge, sheet, self.now):
                sheet = replace(sheet, segments=sheet.segments | {id})
        return sheet

    @cached_property
    def _used(self) -> Mapping[str, Definition]:
        """The segments that the rule uses, directly or through others, each after all that it uses itself."""
        found: dict[str, Definition] = {}
        waiting = [*segments_used(self.definition.rule)]
        while waiting:
            id = waiting.pop()
            if id in self.segments and id not in found:
                found[id] = self.segments[id]
                waiting += segments_used(self.segments[id].rule)
        return {id: found[id] for id in in_order({id: one.rule for id, one in found.items()})}

    @cached_property
    def _judges(self) -> Mapping[str, Judge]:
        return {id: Judge(one.rule, self.terms, one.audience) for id, one in self._used.items()}

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.definition.rule, self.terms, self.definition.audience)


def _is_in(definition: Definition, judge: Judge, sheet: FactSheet, now: Instant) -> bool:
    pinned = definition.pins.get(sheet.customer_id)
    return judge.holds(sheet, now) if pinned is None else pinned


async def decide(tx: ReadTransaction, matching: Matching, ids: Sequence[str]) -> list[str]:
    """Read the facts of some customers, and list those that a rule holds for."""
    sheets = await read_sheets(tx, ids, matching.inputs, matching.terms, matching.now)
    return [sheet.customer_id for sheet in sheets if sheet is not None and matching.holds(sheet)]


class Decided(NamedTuple):
    """How many customers were looked at, and which of them a rule holds for."""

    looked_at: int
    members: list[str]


async def list_members(tx: ReadTransaction, matching: Matching) -> AsyncIterator[list[str]]:
    """List the ids of all customers that a rule holds for, in portions and in no order."""
    ids: list[str] = []
    while ids := await store.page_sure_ids(tx, matching.compiled, after=ids[-1] if ids else "", limit=IDS_AT_ONCE):
        yield ids
    async for decided in decide_unsure(tx, matching):
        yield decided.members


async def count_members(tx: ReadTransaction, matching: Matching) -> int:
    """Count the customers that a rule holds for."""
    sure = await store.count_sure(tx, matching.compiled)
    return sure + sum([len(decided.members) async for decided in decide_unsure(tx, matching)])


async def decide_unsure(tx: ReadTransaction, matching: Matching) -> AsyncIterator[Decided]:
    """Decide of the customers of whom Cypher cannot tell, in portions, in the order of their ids."""
    ids: list[str] = []
    while ids := await page_unsure(tx, matching, after=ids[-1] if ids else ""):
        for portion in portions_of(ids):
            yield Decided(len(portion), await decide(tx, matching, portion))


async def page_unsure(tx: ReadTransaction, matching: Matching, *, after: str = "") -> list[str]:
    """List the first customers after one of whom Cypher cannot tell."""
    return await store.page_unsure_ids(tx, matching.compiled, after=after, limit=IDS_AT_ONCE)


def portions_of(ids: list[str]) -> Iterator[list[str]]:
    """Divide customers into portions whose facts are read together."""
    for start in range(0, len(ids), SHEETS_AT_ONCE):
        yield ids[start : start + SHEETS_AT_ONCE]


async def page_filtered(
    tx: ReadTransaction,
    rule: Rule,
    terms: Terms,
    now: Instant,
    *,
    order: str,
    first: int,
    after: tuple[int, str] | None,
    audience: Audience = Audience.ALL,
    segments: Mapping[str, Definition] | None = None,
) -> Page[ListedCustomer]:
    """Read a page of the customers that a rule holds for.

    ``order`` is a field of ``ListedCustomer`` (``last_seen``, ``first_seen``, ``created_at`` or ``size``), greatest first and ties
    by id; ``after`` is a value of it, and an id.
    """
    matching = Matching(Definition(rule, audience), terms, now, segments or {})
    before, before_id = after or (ABOVE_ALL if order == "size" else LATEST, "")
    found: list[ListedCustomer] = []
    limit = first + 1
    while len(found) <= first:
        rows = await store.page_candidates(
            tx, matching.compiled, order=order, before=before, before_id=before_id, limit=limit
        )
        unsure = [row.customer.id for row in rows if not row.sure]
        members = set(await decide(tx, matching, unsure)) if unsure else set[str]()
        found += [row.customer for row in rows if row.sure or row.customer.id in members]
        if len(rows) < limit:
            break
        last = rows[-1].customer
        before, before_id = getattr(last, order), last.id
        limit = min(MOST_CANDIDATES, 4 * limit)
    return cut(found, first)
