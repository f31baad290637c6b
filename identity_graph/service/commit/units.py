"""Units of work that write: each is one transaction, under the rules in force, and alone among those of its process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar
from uuid import uuid4

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.difference import NO_DIFFERENCE, Difference, compare, read_anew
from identity_graph.domain.rules.file import parse_stored_rules
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.observations import Instant
from identity_graph.service.changes.feed import ChangeFeed
from identity_graph.service.clock import now_instant
from identity_graph.service.commit.converting import convert, find_waiting, reread
from identity_graph.service.commit.marking import read_watched, write_marks
from identity_graph.service.commit.watching import Watch
from identity_graph.service.consent.writing import bar_customers
from identity_graph.service.identity.outdated import OutdatedError, UnreadError, find_unread
from identity_graph.service.journeys.feed import JourneyFeed
from identity_graph.service.profiles.catalogues import read_version
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting.readings import find_readings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity.customers import find_owners
from identity_graph.store.rules import rule_sets

T = TypeVar("T")

_UNKNOWN = -1
"""The version of a set of segments that is to be read."""


Unit = Callable[[WriteTransaction, Regime], Awaitable[T]]
"""What a unit of work does, given the rules in force and the time at which it runs. It may run several times."""


class _TriedOutError(Exception):
    """Ends a transaction of which nothing is to stay."""


class Units:
    """Runs units of work for one process.

    ``marked`` is set after a commit that marked customers for the evaluation of segments. ``in_force`` is what the process knows to be in force. Each unit looks whether it still is: another process, or this
    one, may have put other rules, or another catalogue, in force meanwhile. Customers that a unit touches and that are still to be resolved
    under these are converted first.
    """

    def __init__(self, graph: Graph, in_force: InForce, *, clock: Callable[[], Instant] = now_instant) -> None:
        self.writer = uuid4().hex
        self.feed = ChangeFeed(graph)
        self.journeys = JourneyFeed(graph, clock=clock)
        self.watch = Watch()
        self.in_force = in_force
        self.marked = asyncio.Event()
        self.graph = graph
        self._clock = clock
        self._rules_of: dict[int, RuleSet] = {in_force.version: in_force.rules}
        self._catalogues: dict[int, Catalogue] = {in_force.catalogue_version: in_force.catalogue}
        self._settled: dict[str, int] = {}

    def now(self) -> Instant:
        """Tell the time by the clock of this process."""
        return self._clock()

    async def open(self) -> None:
        """Make the writer known, so that whoever changes the rules waits for its units."""
        await self.graph.write(lambda tx: counter_store.begin_unit(tx, writer=self.writer))

    def adopt_rules(self, rules: RuleSet, version: int) -> None:
        """Take note of rules that this process put in force."""
        self._rules_of[version] = rules
        self.in_force = replace(self.in_force, rules=rules, version=version)

    def adopt_catalogue(self, catalogue: Catalogue, version: int) -> None:
        """Take note of a catalogue that this process put in force."""
        self._catalogues[version] = catalogue
        # What segments read follows from the catalogue, too: the next unit finds it out.
        self.in_force = replace(
            self.in_force, catalogue=catalogue, catalogue_version=version, segments_version=_UNKNOWN, watched=None
        )

    async def settle(self, what: str, version: int) -> None:
        """Wait until no unit of work runs any more that began under an earlier version of what is in force.

        Whoever takes a step of an application does that first, whichever process put it in force: such a unit could
        write a customer after the application has passed it.
        """
        if self._settled.get(what, 0) < version:
            await self.graph.write(counter_store.lock_counters)
            self._settled[what] = version

    async def run(self, unit: Unit[T]) -> T:
        """Run a unit in a transaction of its own; a conflict with another writer starts it anew.

        What it finds undone while rules are being applied is done in a transaction before, so that nothing is left of
        what it wrote until then.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        looked = False
        while True:
            try:
                return await self._run_once(unit)
            except OutdatedError as outdated:
                await self._convert_first(outdated.ids)
            except UnreadError as unread:
                # At first it runs again whatever is found: a step of the application may have read the event meanwhile.
                if not await self._read_first(unread) and looked:
                    raise unread.otherwise from None
                looked = True

    async def try_out(self, unit: Unit[T]) -> T:
        """Run a unit and roll back all that it wrote: the result tells what it would do.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
            OutdatedError: customers matter that are still to be resolved under the rules in force.
        """
        found: list[T] = []

        async def work(tx: WriteTransaction) -> None:
            in_force = await self._begin(tx)
            found[:] = [await unit(tx, in_force.at(self._clock()))]
            raise _TriedOutError

        with suppress(_TriedOutError):
            await self.graph.write(work)
        return found[0]

    async def _run_once(self, unit: Unit[T]) -> T:
        async def work(tx: WriteTransaction) -> tuple[T, InForce, bool]:
            in_force = await self._begin(tx)
            regime = in_force.at(self._clock())
            result = await unit(tx, regime)
            await bar_customers(tx, regime)
            return result, in_force, await write_marks(tx, regime)

        result, self.in_force, has_marked = await self.graph.write(work)
        self.feed.announce()
        if has_marked:
            self.marked.set()
        return result

    async def _convert_first(self, ids: Iterable[str]) -> None:
        async def unit(tx: WriteTransaction, regime: Regime) -> None:
            waiting = await find_waiting(tx, ids, regime.version)
            if waiting:
                await self.convert(tx, waiting, regime)

        await self._run_once(unit)

    async def _read_first(self, unread: UnreadError) -> bool:
        """Read events anew that show what a unit looks for; False when there are none."""

        async def look(tx: ReadTransaction) -> tuple[RuleSet, Difference, str] | None:
            for current in await rule_sets.find_rule_set(tx):
                (application,) = await rule_sets.find_application(tx, version=current.version)
                if application.status != RuleSetStatus.ACTIVE and application.phase == "events":
                    in_force = VersionedRules(await self._read_rules(tx, current.version), current.version)
                    return in_force.rules, await self.read_difference(tx, in_force), application.cursor
            return None

        reading = await self.graph.read(look)
        ids = await find_unread(self.graph, unread.wanted, *reading) if reading else []

        async def unit(tx: WriteTransaction, regime: Regime) -> bool:
            return await self.reread(tx, ids, regime)

        return bool(ids) and await self._run_once(unit)

    async def reread(self, tx: WriteTransaction, event_ids: list[str], regime: Regime) -> bool:
        """Convert whoever is behind those of some events that say otherwise; False when none is read otherwise."""
        difference = await self.read_difference(tx, regime)
        found = [reread(row, regime.rules) for row in await find_readings(tx, ids=event_ids)]
        rows = [again.stored for again in found if again.says_otherwise(difference)]
        orphans = [row.id for row in rows if not row.keys]
        if orphans:
            await self.convert(tx, (), regime, orphans)
        keys = sorted({key for row in rows for key in row.keys})
        owners = {row.customer_id for row in await find_owners(tx, keys=keys)} if keys else set()
        for id in sorted(owners):
            if await find_waiting(tx, [id], regime.version):
                await self.convert(tx, [id], regime)
        return any(again.is_changed for again in found)

    async def _begin(self, tx: WriteTransaction) -> InForce:
        begun = await counter_store.begin_unit(tx, writer=self.writer)
        known = self.in_force
        if not begun or begun[0] == (
            known.version,
            known.catalogue_version,
            known.segments_version,
            known.salt,
            known.has_bars,
        ):
            return known  # without any rules, the graph was emptied since this process opened it
        version, catalogue_version, segments_version, salt, has_bars = begun[0]
        catalogue = await self._read_catalogue(tx, catalogue_version)
        watched = known.watched
        if (catalogue_version, segments_version) != (known.catalogue_version, known.segments_version):
            watched = await read_watched(tx, catalogue)
        return InForce(
            await self._read_rules(tx, version),
            version,
            catalogue,
            catalogue_version,
            segments_version,
            watched,
            salt,
            has_bars,
        )

    async def convert(
        self, tx: WriteTransaction, ids: Iterable[str], regime: Regime, event_ids: Iterable[str] = ()
    ) -> None:
        """Convert customers to the rules in force, and read events anew in which nobody was seen until now."""
        difference = await self.read_difference(tx, regime)
        await convert(tx, ids, regime, difference, event_ids)

    async def read_difference(self, tx: ReadTransaction, to: VersionedRules) -> Difference:
        """Tell what may differ for customers that still stand under rules that those in force replace."""
        (current,) = await rule_sets.list_rule_sets(tx, versions=[to.version])
        difference = NO_DIFFERENCE
        former = await rule_sets.list_rule_sets(tx, versions=current.replaces) if current.replaces else []
        for stored in former:
            rules = await self._read_rules(tx, stored.version)
            difference = difference.union(compare(rules, to.rules))
            if stored.reading < current.reading:
                difference = difference.union(read_anew(rules, to.rules))
        return difference

    async def read_in_force(self, tx: ReadTransaction, version: int, catalogue_version: int) -> InForce:
        """Read the rules and the catalogue of versions, as far as they are not known."""
        return InForce(
            await self._read_rules(tx, version),
            version,
            await self._read_catalogue(tx, catalogue_version),
            catalogue_version,
        )

    async def _read_rules(self, tx: ReadTransaction, version: int) -> RuleSet:
        known = self._rules_of.get(version)
        if known is None:
            (stored,) = await rule_sets.list_rule_sets(tx, versions=[version])
            known = self._rules_of[version] = parse_stored_rules(stored.yaml, name=f"rules version {version}")
        return known

    async def _read_catalogue(self, tx: ReadTransaction, version: int) -> Catalogue:
        known = self._catalogues.get(version)
        if known is None:
            known = self._catalogues[version] = await read_version(tx, version)
        return known
