"""Changing the catalogue of a graph that is in use: another is in force at once, and applied in the background."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from identity_graph.domain.profiles.catalogue import fingerprint
from identity_graph.domain.profiles.difference import DERIVATION
from identity_graph.domain.profiles.file import SHIPPED, parse_catalogue, parse_stored_catalogue
from identity_graph.domain.profiles.read_models import StoredCatalogue
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.errors import CatalogueError, NotFoundError, SchemaError
from identity_graph.service.applying import steps
from identity_graph.service.applying.steps import (
    Applicable,
    Page,
    Phase,
    Totals,
    VersionConflictError,
    check_expected,
)
from identity_graph.service.applying.versions import Applied, list_versions, put_and_apply
from identity_graph.service.catalogue.rebuilding import PARTS, Part
from identity_graph.service.commit.units import Units
from identity_graph.service.profiles.catalogues import get_catalogue, read_version
from identity_graph.service.reads import Reads
from identity_graph.service.rules.changing import open_units
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.profiles import catalogues as catalogue_store

UPGRADE = "upgrade"
"""Who puts a catalogue in force when a new version of the program derives profiles otherwise."""

_log = structlog.get_logger(__name__)


async def apply_on_graph(
    graph: Graph, yaml: str, expected: int | None, actor: str, *, on_progress: Callable[[float], None]
) -> Applied[StoredCatalogue]:
    """Put a catalogue in force and apply it to the end, without a service; called again with the same text, it goes on.

    ``expected`` is the version that it is to replace, None for the one in force.

    Raises:
        IdentityGraphError: as ``put_in_force`` does.
    """
    units, _ = await open_units(graph)
    return await put_and_apply(units, APPLICABLE, put_in_force, yaml, expected, actor, on_progress=on_progress)


async def roll_back_on_graph(
    graph: Graph, version: int, actor: str, *, on_progress: Callable[[float], None]
) -> Applied[StoredCatalogue]:
    """Put the catalogue of an earlier version in force again and apply it to the end, without a service.

    Raises:
        IdentityGraphError: as ``roll_back`` does.
    """
    units, _ = await open_units(graph)
    current = await roll_back(units, version, actor)
    return Applied(current, await apply_all(units, on_progress=on_progress))


async def list_catalogues(graph: Graph) -> list[StoredCatalogue]:
    """List all catalogues that were ever in force, the latest first."""
    return await list_versions(graph, catalogue_store.page_catalogues)


async def read_yaml(graph: Graph) -> str:
    """Read the text of the catalogue in force."""
    return (await graph.read(get_catalogue)).yaml


async def read_catalogue(reads: Reads) -> StoredCatalogue:
    """Read the catalogue in force, together with what else a request reads."""

    async def read(tx: ReadTransaction) -> list[StoredCatalogue]:
        return [await get_catalogue(tx)]

    (found,) = await reads.run(read)
    return found


async def put_in_force(units: Units, yaml: str, expected_version: int, actor: str) -> StoredCatalogue:
    """Put a catalogue in force as the next version. Its application is still to be done: see ``apply_all`` and ``Applier``.

    The one in force may still be being applied: that ends where it is, and all versions that are left are brought under
    the new one.

    Raises:
        CatalogueError: the text holds no catalogue.
        VersionConflictError: the version in force is another than the expected one.
        GraphUnavailableError: Neo4j does not answer.
    """
    # What is in force may be put in force anew, though an earlier version wrote it that took more than this one.
    is_in_force = yaml == units.in_force.catalogue.yaml
    read = parse_stored_catalogue if is_in_force else parse_catalogue
    catalogue = read(yaml, name="catalogue")

    async def change(tx: WriteTransaction, regime: Regime) -> StoredCatalogue:
        await catalogue_store.lock_catalogues(tx)
        current = await get_catalogue(tx)
        check_expected("catalogue", current, expected_version)
        # A step that is being taken ends first, and tells whether the last one is applied; none is taken after it.
        former = await catalogue_store.lock_application(tx, version=current.version)
        is_applied = not former or former[0].status == RuleSetStatus.ACTIVE
        if former and former[0].status == RuleSetStatus.APPLYING:
            await catalogue_store.supersede_application(tx, version=current.version)
        await catalogue_store.create_catalogue(
            tx,
            version=current.version + 1,
            yaml=yaml,
            fingerprint=fingerprint(catalogue),
            applied_by=actor,
            status=RuleSetStatus.APPLYING,
            replaces=[*([] if is_applied else current.replaces), current.version],
            derivation=DERIVATION,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )
        return await get_catalogue(tx)

    changed = await units.run(change)
    units.adopt_catalogue(catalogue, changed.version)
    return changed


async def roll_back(units: Units, version: int, actor: str) -> StoredCatalogue:
    """Put the catalogue of an earlier version in force again, as a new version.

    Raises:
        NotFoundError: there is no such version.
        VersionConflictError: others changed the catalogue in this moment.
        CatalogueError: this version of the product takes this catalogue no longer.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> tuple[list[StoredCatalogue], StoredCatalogue]:
        return await catalogue_store.list_catalogues(tx, versions=[version]), await get_catalogue(tx)

    found, current = await units.graph.read(read)
    if not found or version < 1:
        raise NotFoundError(f"There is no catalogue with version {version}; version {current.version} is in force.")
    yaml = found[0].yaml
    if yaml != units.in_force.catalogue.yaml:
        _check_still_taken(yaml, version)
    return await put_in_force(units, yaml, current.version, actor)


def _check_still_taken(yaml: str, version: int) -> None:
    """Refuse a catalogue that an earlier version of the product took and this one does not.

    Raises:
        CatalogueError: it is such; it says what to do.
    """
    try:
        parse_catalogue(yaml, name=f"catalogue version {version}")
    except CatalogueError as error:
        raise CatalogueError(
            f"Version {version} of the catalogue is from an earlier release, and this release does not accept it. Write it "
            f"to a file, correct the following, and apply the file:\n{error}",
            **error.facts,
        ) from None


async def bring_up_to_date(units: Units) -> None:
    """Put the catalogue in force again when profiles were derived by an earlier version of this program.

    Raises:
        SchemaError: a later version of this program was at work on the graph.
        GraphUnavailableError: Neo4j does not answer.
    """
    current = await units.graph.read(get_catalogue)
    if current.derivation > DERIVATION:
        raise SchemaError(
            "A newer release derived the profiles of this graph differently. Use that release, or a newer one.",
            derivation=current.derivation,
        )
    if current.derivation == DERIVATION:
        return
    with suppress(VersionConflictError):  # another process was quicker, or another one came: either derives all anew
        changed = await put_in_force(units, current.yaml, current.version, UPGRADE)
        _log.warning(
            "profiles are derived otherwise than by the version that wrote this graph: the same catalogue is applied anew",
            catalogue_version=changed.version,
        )


async def apply_all(units: Units, *, on_progress: Callable[[float], None] = lambda _: None) -> StoredCatalogue:
    """Apply the catalogue in force to the end, also one that others put in force meanwhile, and give it.

    Raises:
        GraphUnavailableError: Neo4j does not answer; what was done stays done, and this can be called again.
    """
    return await steps.apply_all(units, APPLICABLE, on_progress=on_progress)


async def _plan_phases(tx: WriteTransaction, _: Units, regime: Regime, totals: Totals) -> Sequence[Phase]:
    """Plan what applying a catalogue goes through: the parts in which it differs from any that it replaces."""
    current = await get_catalogue(tx)
    former = [await read_version(tx, version) for version in current.replaces]
    stored = await catalogue_store.list_catalogues(tx, versions=current.replaces)
    # Where the one that ships was never written down, no version of the product derived anything by a catalogue.
    is_new = SHIPPED in current.replaces or any(row.derivation < current.derivation for row in stored)
    return [
        _phase(tx, regime, part, totals)
        for part in PARTS
        if is_new or any(part.differs(before, regime.catalogue) for before in former)
    ]


def _phase(tx: WriteTransaction, regime: Regime, part: Part, totals: Totals) -> Phase:
    async def turn(after: str) -> Page | None:
        return await part.rebuild(tx, regime, after)

    return Phase(part.name, part.count(totals), turn)


APPLICABLE = Applicable(
    name="catalogue",
    get=get_catalogue,
    version_of=lambda regime: regime.catalogue_version,
    phases=_plan_phases,
    lock_application=catalogue_store.lock_application,
    save_application=catalogue_store.save_application,
    finish_application=catalogue_store.finish_application,
    fail_application=catalogue_store.fail_application,
)
"""The catalogue, for whoever applies what was put in force."""
