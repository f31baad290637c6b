"""Steps: what is put in force as a version is brought to all that is stored, one transaction after the other.

Each step goes through one page of one phase and stores where the next one begins. Steps lock the version, so several
processes take turns; whoever takes one first waits for all units of work that began under an earlier version.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.read_models import Application
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.errors import IdentityGraphError
from identity_graph.service.commit.units import Units
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.rules import rule_sets


class VersionConflictError(IdentityGraphError):
    """Others put another version in force meanwhile; ``version`` is that one."""

    code = "VERSION_CONFLICT"


class Stored(Protocol):
    """A version, as a graph keeps it."""

    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def progress(self) -> float: ...  # noqa: D102


S = TypeVar("S", bound=Stored)


class Totals(NamedTuple):
    """What there is to go through, to tell the progress."""

    events: int
    customers: int
    identifiers: int


class Page(NamedTuple):
    """How far a step came, and through how many things."""

    last: str
    passed: int


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of an application: ``total`` things, of which ``turn`` goes through some after a cursor; None after the last.

    Without a turn there is nothing to do.
    """

    name: str
    total: int
    turn: Callable[[str], Awaitable[Page | None]] | None


@dataclass(frozen=True, slots=True)
class Applicable(Generic[S]):
    """What is put in force as numbered versions and then applied: where they are kept, and what applying one takes.

    ``get`` reads the version in force, ``version_of`` tells the one that a unit of work runs under.
    """

    name: str
    get: Callable[[ReadTransaction], Awaitable[S]]
    version_of: Callable[[Regime], int]
    phases: Callable[[WriteTransaction, Units, Regime, Totals], Awaitable[Sequence[Phase]]]
    lock_application: Callable[..., Awaitable[Sequence[Application]]]
    save_application: Callable[..., Awaitable[None]]
    finish_application: Callable[..., Awaitable[None]]
    fail_application: Callable[..., Awaitable[None]]


class _Place(NamedTuple):
    """Where an application stands: the last id or key of a phase, and how many things were gone through in all."""

    phase: str
    cursor: str
    seen: int


async def take_step(units: Units, what: Applicable[Any], version: int, totals: Totals) -> bool:
    """Take the next step of the application of a version; False when there is none to take, or another is in force.

    Raises:
        GraphUnavailableError: Neo4j does not answer; the step can be taken again.
    """

    async def step(tx: WriteTransaction, regime: Regime) -> bool:
        (application,) = await what.lock_application(tx, version=version)
        if application.status != RuleSetStatus.APPLYING or what.version_of(regime) != version:
            return False
        phases = await what.phases(tx, units, regime, totals)
        place = await _advance(phases, application)
        if place is None:
            await what.finish_application(tx, version=version)
            return False
        work = sum(phase.total for phase in phases if phase.turn is not None)
        progress = min(0.999, place.seen / max(1, work))
        await what.save_application(
            tx, version=version, phase=place.phase, cursor=place.cursor, seen=place.seen, progress=progress
        )
        return True

    await units.settle(what.name, version)
    return await units.run(step)


async def apply_all(units: Units, what: Applicable[S], *, on_progress: Callable[[float], None] = lambda _: None) -> S:
    """Apply the version in force to the end, also those that others put in force meanwhile, and give it.

    Raises:
        GraphUnavailableError: Neo4j does not answer; what was done stays done, and this can be called again.
    """
    current = await units.graph.read(what.get)
    totals = await _count(units.graph)
    while current.status == RuleSetStatus.APPLYING:
        await take_step(units, what, current.version, totals)
        current = await units.graph.read(what.get)
        on_progress(current.progress)
    return current


def check_expected(what: str, current: Stored, expected_version: int) -> None:
    """Refuse to replace another version than the expected one.

    Raises:
        VersionConflictError: another one is in force.
    """
    if current.version != expected_version:
        raise VersionConflictError(
            f"The {what} in force {'have' if what.endswith('s') else 'has'} version {current.version}, not "
            f"{expected_version}: read {'them' if what.endswith('s') else 'it'}, then expect that version.",
            version=current.version,
            expected=expected_version,
        )


async def _advance(phases: Sequence[Phase], application: Application) -> _Place | None:
    """Go through one page; None when that was the end of the last phase."""
    names = [phase.name for phase in phases]
    number = names.index(application.phase) if application.phase in names else 0
    turn = phases[number].turn if phases else None
    page = None if turn is None else await turn(application.cursor)
    if page is not None:
        return _Place(names[number], page.last, application.seen + page.passed)
    return _Place(names[number + 1], "", application.seen) if number + 1 < len(phases) else None


async def _count(graph: Graph) -> Totals:
    async def count(tx: ReadTransaction) -> Totals:
        (row,) = await rule_sets.count_all(tx)
        return Totals(row.events, row.customers, row.identifiers)

    return await graph.read(count)
