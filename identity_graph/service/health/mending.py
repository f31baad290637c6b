"""Looking at a whole graph, or at some customers, for what does not follow from the events, and mending it.

Each page is derived anew in a transaction that is rolled back, and what differs is a finding. Mending is the same in
transactions that are committed, one for each finding, and then the same look again.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import structlog

from identity_graph.domain.profiles.regime import Regime
from identity_graph.errors import GraphUnavailableError, IdentityGraphError
from identity_graph.service.commit.converting import reread
from identity_graph.service.commit.units import Units
from identity_graph.service.health.checking import Checked, check_customer, find_part
from identity_graph.service.health.repairing import Difference, Suspect, end_empty, rederive
from identity_graph.service.identity.outdated import OutdatedError
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.health import checking as checking_store
from identity_graph.store.health import repairing as store
from identity_graph.store.health.repairing import CustomerKeys
from identity_graph.store.identity import customers as customer_store

AT_ONCE = 500
"""Identifiers, events and sessions that are looked at in one transaction."""

CUSTOMERS_AT_ONCE = 20
"""Customers that are derived anew in one transaction. They are locked meanwhile."""

MOST_EVENTS = 20_000
"""Observations that one transaction derives anew. A customer with more is left out, and named."""

NOBODY = Suspect()

RULES_VERSION = "the version of its rules"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that does not follow from the events: a customer, or what no customer leads to.

    ``subject`` is the id of a customer, an event or a session, or the key of an identifier. ``what`` says what differs.
    """

    subject: str
    what: tuple[str, ...]
    suspect: Suspect = NOBODY
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """What was repaired: of which finding, and which identifiers customers got and lost."""

    broken: Broken
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Unmended:
    """What could not be repaired, and why."""

    broken: Broken
    reason: str


@dataclass(slots=True)
class Walk:
    """What a look at a whole graph found; ``looked_at`` counts customers."""

    looked_at: int = 0
    broken: list[Broken] = field(default_factory=list[Broken])
    too_large: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Mending:
    """What came of mending."""

    mended: list[Mended] = field(default_factory=list[Mended])
    unmended: list[Unmended] = field(default_factory=list[Unmended])


async def look_at_all(units: Units, *, told: Callable[[int], None] = lambda _: None) -> Walk:
    """Compare all customers, events, identifiers and sessions with what follows from the events; nothing is written.

    ``told`` is called with the number of customers that were looked at.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    walk = Walk()
    async for broken in _stray(units):
        walk.broken.append(broken)
    async for page in _pages(units):
        await _look_at_page(units, page, walk)
        told(walk.looked_at)
    return walk


async def mend(units: Units, broken: Iterable[Broken]) -> Mending:
    """Repair what is broken, one transaction each, and look at it again.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    mending = Mending()
    for one in broken:
        try:
            differences = await _mend(units, one)
            differs = bool(differences) and await _still_differs(units, one)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not keep the others from being repaired
            if not isinstance(error, IdentityGraphError):
                _log.exception("a customer could not be derived anew")
            mending.unmended.append(Unmended(one, _reason_of(error)))
            continue
        if differences is None:
            mending.unmended.append(Unmended(one, "too much is connected with it for one transaction"))
        elif differs:
            mending.unmended.append(Unmended(one, "it still differs after it was derived again"))
        elif differences or RULES_VERSION in one.what:  # which a unit of work converts before it begins
            mending.mended.append(Mended(one, differences))
    return mending


def broken_of(checked: Checked) -> list[Broken]:
    """Name the customers of a sample that differ."""
    return [Broken(id, ("what its events say",)) for id in checked.wrong]


async def _mend(units: Units, broken: Broken) -> list[Difference] | None:
    async def unit(tx: WriteTransaction, regime: Regime) -> list[Difference] | None:
        if broken.is_empty:
            ended = await end_empty(tx, broken.subject, regime)
            return [Difference(broken.subject, ("identifiers",))] if ended else []
        suspect = await _reach(tx, broken, regime)
        if suspect is None:
            return None
        found = await rederive(tx, suspect, regime, doubts=True)
        return [*found, Difference("", ("sessions",))] if suspect.sessions and not found else found

    return await units.run(unit)


async def _reach(tx: WriteTransaction, broken: Broken, regime: Regime) -> Suspect | None:
    """Find all that hangs together with what is broken; None when it is too much."""
    keys = set(broken.suspect.keys)
    keys.update(row.key for row in await customer_store.list_members(tx, ids=[broken.subject]))
    part = await find_part(tx, keys, regime.rules, most_events=MOST_EVENTS) if keys else keys
    return None if part is None else replace(broken.suspect, keys=frozenset(part))


async def _still_differs(units: Units, broken: Broken) -> bool:
    if broken.is_empty:
        return False

    async def unit(tx: WriteTransaction, regime: Regime) -> list[Difference]:
        suspect = await _reach(tx, broken, regime)
        return [] if suspect is None else await rederive(tx, replace(suspect, sessions=()), regime, doubts=False)

    return bool(await units.try_out(unit))


async def _pages(units: Units) -> AsyncIterator[list[CustomerKeys]]:
    after = ""
    while True:
        page = await units.graph.read(
            lambda tx, after=after: store.page_members(tx, after=after, limit=CUSTOMERS_AT_ONCE)
        )
        if not page:
            return
        after = page[-1].id
        yield page


async def _look_at_page(units: Units, page: list[CustomerKeys], walk: Walk) -> None:
    walk.broken += [Broken(row.id, ("it has no identifiers",), is_empty=True) for row in page if not row.keys]
    rows = [row for row in page if row.keys]
    walk.looked_at += len(rows)
    sizes: dict[str, int] = {}
    for row in rows:
        (counted,) = await units.graph.read(lambda tx, keys=row.keys: checking_store.count_observations(tx, keys=keys))
        if counted.observations > MOST_EVENTS:
            walk.too_large.append(row.id)
        else:
            sizes[row.id] = counted.observations
    for group in _groups([row for row in rows if row.id in sizes], sizes):
        if not await _differences_of(units, group):
            continue
        for row in group:  # one of them, or several
            if found := await _differences_of(units, [row]):
                walk.broken.append(Broken(row.id, tuple(dict.fromkeys(what for one in found for what in one.what))))
    known = {one.subject for one in walk.broken}
    for row in rows:
        # Independently of the code that writes: customers that witnesses keep apart, though nothing refuses their links.
        if row.id in sizes and row.id not in known:
            right = await check_customer(units.graph, row.id, units.in_force.rules, most_events=MOST_EVENTS)
            if right is False:
                walk.broken.append(Broken(row.id, ("identifiers",)))
            elif right is None:
                walk.too_large.append(row.id)


def _groups(rows: list[CustomerKeys], sizes: dict[str, int]) -> Iterator[list[CustomerKeys]]:
    """Give customers in groups that one transaction can derive anew."""
    group: list[CustomerKeys] = []
    events = 0
    for row in rows:
        if group and events + sizes[row.id] > MOST_EVENTS:
            yield group
            group, events = [], 0
        group.append(row)
        events += sizes[row.id]
    if group:
        yield group


async def _differences_of(units: Units, rows: list[CustomerKeys]) -> list[Difference]:
    suspect = Suspect(frozenset(key for row in rows for key in row.keys))
    try:
        return await units.try_out(lambda tx, regime: rederive(tx, suspect, regime, doubts=False))
    except OutdatedError as outdated:
        return [Difference(id, (RULES_VERSION,)) for id in sorted(outdated.ids)]
    except GraphUnavailableError:
        if units.graph.trouble is not None:
            raise
        return _unreadable(rows)  # a customer that cannot be locked since it lacks what each has
    except (KeyError, TypeError, ValueError):
        return _unreadable(rows)


def _unreadable(rows: list[CustomerKeys]) -> list[Difference]:
    return [Difference(row.id, ("it, or something linked with it, cannot be read",)) for row in rows]


async def _stray(units: Units) -> AsyncIterator[Broken]:
    """Find what no customer leads to: events that are read otherwise, homeless identifiers, sessions without events."""
    rules, after = units.in_force.rules, ""
    while page := await units.graph.read(
        lambda tx, after=after: reading_store.page_readings(tx, after=after, limit=AT_ONCE)
    ):
        after = page[-1].id
        for row in page:
            if reread(row, rules).is_changed:
                yield Broken(row.id, ("what it observes",), Suspect(frozenset(row.keys), events=(row.id,)))
            elif row.keys and row.visitor is None:
                yield Broken(row.id, ("its session",), Suspect(frozenset(row.keys), events=(row.id,)))
    after = ""
    while shapes := await units.graph.read(lambda tx, after=after: store.page_shapes(tx, after=after, limit=AT_ONCE)):
        after = shapes[-1].key
        for shape in shapes:
            if (shape.relations, shape.customers, shape.observed) != (1, 1, True):
                what = "its customer" if shape.observed else "no event observes it"
                yield Broken(shape.key, (what,), Suspect(frozenset([shape.key])))
    after = ""
    while visits := await units.graph.read(lambda tx, after=after: store.page_visits(tx, after=after, limit=AT_ONCE)):
        after = visits[-1].id
        for visit in visits:
            if not visit.whole:
                yield Broken(visit.id, ("its events or owner",), Suspect(frozenset(visit.keys), sessions=(visit.id,)))


def _reason_of(error: Exception) -> str:
    return error.message if isinstance(error, IdentityGraphError) else f"unexpected {type(error).__name__}, see the log"
