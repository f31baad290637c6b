"""Checking a sample of customers: whether they follow from their events under the rules in force.

The events of a customer are read as they came, and those of all that hangs together with it. What is derived from them is
compared with what is stored: who belongs together, who is quarantined, when each identifier was first and last seen. The
stored links, witnesses and counts, which resolution goes by, are not asked. Nothing is locked and nothing is written.
"""

import asyncio
import random
from dataclasses import dataclass, field

from identity_graph.domain.identity.derivation import derive
from identity_graph.domain.identity.evidence import Evidence
from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.identity.resolution import find_quarantined, member_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.commit.converting import reread
from identity_graph.service.rules.judged_otherwise import JudgedOtherwise
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.health import checking as store
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity.customers import CustomerMember
from identity_graph.store.rules import previews

SAMPLE = 100
"""Customers that are looked at, at most."""

MOST_EVENTS = 5000
"""Observations of what hangs together with one customer, beyond which it is left out."""

_TRIES = 3
_WAIT_SECONDS = 0.5
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it: ids of customers. ``too_large``: too much hangs together with them to be read for this."""

    right: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    too_large: list[str] = field(default_factory=list[str])

    @property
    def looked_at(self) -> int:
        """How many were compared."""
        return len(self.right) + len(self.wrong)


async def check_sample(
    graph: Graph, rules: RuleSet, *, sample: int = SAMPLE, most_events: int = MOST_EVENTS
) -> Checked:
    """Check customers: all of a small graph, and of a large one some by chance. It is resolved under these rules.

    A customer that differs is looked at again, since an event may have come in between two reads.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    checked = Checked()
    for drawn in await _draw(graph, sample):
        found = await check_customer(graph, drawn, rules, most_events=most_events)
        (checked.too_large if found is None else checked.right if found else checked.wrong).append(drawn)
    return checked


async def check_customer(graph: Graph, id: str, rules: RuleSet, *, most_events: int = MOST_EVENTS) -> bool | None:
    """Tell whether a customer follows from its events; None when too much hangs together with it.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """

    async def look(tx: ReadTransaction) -> bool | None:
        judged = JudgedOtherwise.read(await previews.list_preview_judgements(tx), rules)
        return await _is_right(tx, id, rules, judged, most_events)

    found = None
    for attempt in range(_TRIES):
        if attempt:
            await asyncio.sleep(_WAIT_SECONDS)
        found = await graph.read(look)
        if found is not False:
            break
    return found


async def _draw(graph: Graph, sample: int) -> list[str]:
    """Draw customers: ids are random, so the next one after a random id is as likely as any other."""
    few = await graph.read(lambda tx: store.page_ids(tx, after="", limit=sample + 1))
    if len(few) <= sample:
        return [row.id for row in few]
    drawn: set[str] = set()
    for _ in range(sample):
        after = "cus_" + "".join(random.choices(_HEX, k=32))  # noqa: S311 - no secret
        rows = await graph.read(lambda tx, after=after: store.page_ids(tx, after=after, limit=1))
        drawn.update(row.id for row in rows or few[:1])
    return sorted(drawn)


async def _is_right(
    tx: ReadTransaction, id: str, rules: RuleSet, judged: JudgedOtherwise, most_events: int
) -> bool | None:
    """Compare a customer with its events; None when too much hangs together with it."""
    members = {row.key: row for row in await customer_store.list_members(tx, ids=[id])}
    if not members:
        return True  # merged, or gone, since it was drawn
    part = await _Facts(rules, judged, most_events).read(tx, set(members))
    if part is None:
        return None
    expected = part.customer_of(next(iter(members)))
    return part.reads_as_stored and expected == members.keys() and part.agrees_with(members)


async def find_part(
    tx: ReadTransaction, keys: set[str], rules: RuleSet, *, most_events: int = MOST_EVENTS
) -> set[str] | None:
    """Give all that belongs to the customers of some identifiers by their events; None when there is too much of it."""
    judged = JudgedOtherwise.read(await previews.list_preview_judgements(tx), rules)
    part = await _Facts(rules, judged, most_events).read(tx, keys)
    return None if part is None else keys.union(*(part.customer_of(key) for key in keys))


@dataclass(slots=True)
class _Facts:
    """What hangs together with a customer, read from events. ``complete`` are the keys whose events were all read."""

    rules: RuleSet
    judged: JudgedOtherwise
    most_events: int
    evidence: Evidence = field(default_factory=Evidence)
    complete: set[str] = field(default_factory=set[str])
    quarantined: set[str] = field(default_factory=set[str])
    reads_as_stored: bool = True
    _events: set[str] = field(default_factory=set[str])
    _observations: int = 0

    async def read(self, tx: ReadTransaction, keys: set[str]) -> "_Facts | None":
        """Read events until nothing outside matters; None when there are too many."""
        wanted = set(keys)
        while wanted:
            (counted,) = await store.count_observations(tx, keys=sorted(wanted))
            self._observations += counted.observations
            if self._observations > self.most_events:
                return None
            for row in await reading_store.list_readings(tx, keys=sorted(wanted)):
                if row.id not in self._events:
                    self._events.add(row.id)
                    again = reread(row, self.rules)
                    self.reads_as_stored = self.reads_as_stored and not again.is_changed
                    self.evidence.add(again.observation(), self.rules, self.judged.corrections)
            self.complete |= wanted
            overruled = self.judged.corrections.overruled
            self.quarantined = find_quarantined(self.evidence.links, self._members(), overruled) & self.complete
            wanted = self._neighbours() - self.complete
        return self

    def customer_of(self, key: str) -> frozenset[str]:
        """Derive whose an identifier is, as all keys of that customer."""
        held = self.complete - self.quarantined
        members = {key: member for key, member in self._members().items() if key in self.complete}
        links = [link for (a, b), link in self.evidence.links.items() if a in held and b in held]
        parts = derive(members, links, self.judged.of(members), self.rules).parts
        return next((part for part in parts if key in part), frozenset())

    def agrees_with(self, members: dict[str, CustomerMember]) -> bool:
        """Whether identifiers are stored as their events show them."""
        return all(
            (seen := self.evidence.identifiers.get(key)) is not None
            and (row.first_seen, row.last_seen) == (seen.first_seen, seen.last_seen)
            and row.quarantined == (key in self.quarantined)
            for key, row in members.items()
        )

    def _neighbours(self) -> set[str]:
        """Name what is linked to a complete identifier that is not quarantined, or judged to be the same person's."""
        found = self.judged.same_as(self.complete)
        for a, b in self.evidence.links:
            for near, far in ((a, b), (b, a)):
                if near in self.complete and near not in self.quarantined:
                    found.add(far)
        return found

    def _members(self) -> dict[str, Member]:
        return {
            key: member_of(seen.identifier, seen.last_seen, self.rules)
            for key, seen in self.evidence.identifiers.items()
        }
