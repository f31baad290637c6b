"""A preview of what other rules would change in the graph, without writing anything.

All customers are gone through in pages. Those that provably stay what they are (``domain.rules.difference``) are counted; what
the others hang together with is derived under the other rules. In memory are two pages, the parts that it leads to, and
the ids of the customers that were derived; where values are read otherwise, also the ids of the events that are.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import orjson

from identity_graph.domain.identity.customer_diff import RuleDiff
from identity_graph.domain.rules.difference import Difference, MemberFacts, compare, may_differ
from identity_graph.domain.rules.file import parse_stored_rules
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.identifiers import Identifier, RawIdentifier
from identity_graph.errors import IdentityGraphError
from identity_graph.service.commit.converting import reread
from identity_graph.service.identity.partners import recount_partners
from identity_graph.service.rules.changing import get_rule_set
from identity_graph.service.rules.judged_otherwise import JudgedOtherwise
from identity_graph.service.rules.preview_parts import Rereader, load_stored
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.rules import previews, rule_sets
from identity_graph.store.rules.rule_sets import PagedCustomer

EVENTS_AT_ONCE = 2000
CUSTOMERS_AT_ONCE = 2000
DERIVED_AT_ONCE = 2000
"""Identifiers whose parts are loaded together, unless one customer alone has more."""

_REMEDIES = {
    False: "Try again when it is, or apply other rules, or roll back: neither has to wait.",
    True: "Applying it failed: apply other rules, or roll back.",
}

OnProgress = Callable[[float], None]
"""Told what share of the work is done, from 0 to 1."""


class PreviewTooLargeError(IdentityGraphError):
    """The graph has more identifiers than a request may go through."""

    code = "PREVIEW_TOO_LARGE"


class RulesApplyingError(IdentityGraphError):
    """The rules that were put in force last are not applied to the end; ``progress`` tells how far."""

    code = "RULES_APPLYING"


def _ignore(_: float) -> None: ...


async def preview_rules(
    graph: Graph, new: RuleSet, *, max_identifiers: int | None = None, on_progress: OnProgress = _ignore
) -> RuleDiff:
    """Tell what rules would come to, in place of those in force.

    What comes in meanwhile may be counted or not.

    Raises:
        NotFoundError: no rules were ever applied.
        RulesApplyingError: the rules in force are not applied to the end yet, so there is nothing to compare with.
        PreviewTooLargeError: the graph has more than ``max_identifiers``.
        GraphUnavailableError: Neo4j does not answer.
    """
    current = await graph.read(get_rule_set)
    if current.status != RuleSetStatus.ACTIVE:
        raise RulesApplyingError(
            f"Version {current.version} of the rules is not completely applied ({current.progress:.0%}), so there is nothing "
            f"to compare with. {_REMEDIES[current.status == RuleSetStatus.FAILED]}",
            version=current.version,
            progress=current.progress,
        )
    (size,) = await graph.read(rule_sets.count_all)
    if max_identifiers is not None and size.identifiers > max_identifiers:
        raise PreviewTooLargeError(
            f"The graph has {size.identifiers} identifiers, but a request may read {max_identifiers} at most. Run "
            "`identity-graph rules diff NEW.yaml` instead, or raise IDENTITY_GRAPH_PREVIEW_MAX_IDENTIFIERS.",
            identifiers=size.identifiers,
            max_identifiers=max_identifiers,
        )
    old = parse_stored_rules(current.yaml, name=f"rules version {current.version}")
    return await preview(graph, old, new, on_progress=on_progress)


async def preview(graph: Graph, old: RuleSet, new: RuleSet, *, on_progress: OnProgress = _ignore) -> RuleDiff:
    """Compare the customers under the rules in force with those under others.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    (size,) = await graph.read(rule_sets.count_all)
    difference = compare(old, new)
    work = _Work(graph, old, new, difference, on_progress)
    work.total = size.customers + (size.events if difference.reads_events else 0)
    if difference.deriving:
        work.judged = JudgedOtherwise.read(await graph.read(previews.list_preview_judgements), new)
    if difference.reads_events:
        await work.find_changed_events()
    await work.go_through_customers()
    on_progress(1.0)
    return work.diff


@dataclass(slots=True)
class _Work:
    """A preview under way.

    ``touched`` are customers with events that are read otherwise. ``done`` are those that were derived, ``derived`` in
    number, and the keys of ``events_of`` that were. ``events_of`` names, for every identifier that some event would newly
    hold, all such events.
    """

    graph: Graph
    old: RuleSet
    new: RuleSet
    difference: Difference
    on_progress: OnProgress
    total: int = 0
    seen: int = 0
    diff: RuleDiff = field(default_factory=RuleDiff)
    judged: JudgedOtherwise = field(default_factory=JudgedOtherwise)
    events_of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    touched: set[str] = field(default_factory=set[str])
    done: set[str] = field(default_factory=set[str])
    derived: int = 0

    async def find_changed_events(self) -> None:
        """Find the events that would hold other identifiers, and whom they concern."""
        after: str | None = ""
        while after is not None:
            page = await self.graph.read(
                lambda tx, after=after: reading_store.page_events(tx, after=after, limit=EVENTS_AT_ONCE)
            )
            suspects = [event.id for event in page if self._may_reread(event.identifiers)]
            if suspects:
                await self.graph.read(lambda tx, ids=suspects: self._look_at(tx, ids))
            after = page[-1].id if page else None
            self._advance(len(page))
        if self.judged.moved:
            keys = sorted(self.judged.moved)
            owners = await self.graph.read(lambda tx: customer_store.find_owners(tx, keys=keys))
            self.touched |= {row.customer_id for row in owners}

    def _may_reread(self, texts: Iterable[str]) -> bool:
        return any(self.difference.may_reread(RawIdentifier.from_text(text).namespace) for text in texts)

    async def _look_at(self, tx: ReadTransaction, ids: list[str]) -> None:
        changed = [
            again
            for row in await reading_store.find_readings(tx, ids=ids)
            if (again := reread(row, self.new)).is_changed
        ]
        keys = {key for event in changed for key in event.before | event.after}
        owners = await customer_store.find_owners(tx, keys=sorted(keys)) if keys else []
        self.touched |= {row.customer_id for row in owners}
        for event in changed:
            for key in event.after - event.before:
                self.events_of[key].append(event.stored.id)

    async def go_through_customers(self) -> None:
        """Derive what may differ, count what does not."""
        streamed = 0
        page = await self._read_page("")
        while page:
            affected = [(row.id, row.size) for row in page if self._may_differ(row)]
            streamed += len(page)
            self._advance(len(page))
            # Neo4j reads the next page while this one is derived.
            _, page = await asyncio.gather(self._derive(affected, ()), self._read_page(page[-1].id))
        for key in sorted(self.events_of):  # what nobody was seen with until now
            await self._derive((), (key,))
        self.diff.add_unchanged(max(0, streamed - self.derived))

    async def _read_page(self, after: str) -> list[PagedCustomer]:
        async def read(tx: ReadTransaction) -> list[PagedCustomer]:
            page = await rule_sets.page_customers(tx, after=after, limit=CUSTOMERS_AT_ONCE)
            return await recount_partners(tx, page, self.difference, self.new) if self.difference.recounts_any else page

        return await self.graph.read(read)

    def _may_differ(self, row: PagedCustomer) -> bool:
        if not self.difference.deriving or row.id in self.done:
            return False
        if row.id in self.touched:
            return True
        # Its events are read as they were, so of the reading nothing is left to ask.
        difference = replace(self.difference, reading=frozenset(), undeclared_but=None)
        members = [
            MemberFacts(
                *Identifier.from_key(key),
                _NONE if partners == "{}" else orjson.loads(partners),
                quarantined,
                ambiguous,
                overruled,
            )
            for key, partners, quarantined, ambiguous, overruled in row.members
        ]
        return may_differ(members, contested=row.contested, judged=row.judged, difference=difference, rules=self.new)

    async def _derive(self, customers: Iterable[tuple[str, int]], keys: Iterable[str]) -> None:
        """Derive the parts that hold these, some at once."""
        batch: list[str] = []
        size = 0
        for id, members in customers:
            if id not in self.done:
                batch.append(id)
                size += members
            if size >= DERIVED_AT_ONCE:
                await self._derive_batch(batch, ())
                batch, size = [], 0
        wanted = [key for key in keys if key not in self.done]
        if batch or wanted:
            await self._derive_batch(batch, wanted)

    async def _derive_batch(self, ids: list[str], keys: Iterable[str]) -> None:
        if self.difference.reads_events:
            rereader = Rereader(self.old, self.new, self.judged, self.events_of)
            part, complete = await self.graph.read(lambda tx: rereader.load(tx, ids, keys))
        else:
            part, complete = (
                await self.graph.read(lambda tx: load_stored(tx, ids, self.judged, self.new, self.difference)),
                set[str](),
            )
        part.tally(self.diff, self.judged, self.new, self.done)
        self.derived += len(part.before.keys() - self.done)
        self.done |= part.before.keys()
        self.done |= complete & self.events_of.keys()

    def _advance(self, count: int) -> None:
        self.seen += count
        self.on_progress(min(0.999, self.seen / max(1, self.total)))


_NONE: dict[str, int] = {}
