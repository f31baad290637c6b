"""Changing the rules of a graph that is in use: other rules are put in force at once, and applied in the background."""

from collections.abc import Callable
from contextlib import suppress

import structlog

from identity_graph.domain.profiles.file import parse_stored_catalogue
from identity_graph.domain.profiles.read_models import StoredCatalogue
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.difference import READING, compare
from identity_graph.domain.rules.file import parse_rules, parse_stored_rules
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.read_models import StoredRuleSet
from identity_graph.domain.rules.rule_set import RuleSet, fingerprint
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.errors import NotFoundError, RulesError, SchemaError
from identity_graph.service.applying import steps
from identity_graph.service.applying.steps import Applicable, VersionConflictError, check_expected
from identity_graph.service.applying.versions import Applied, list_versions, put_and_apply
from identity_graph.service.commit.units import Units
from identity_graph.service.profiles.catalogues import get_catalogue
from identity_graph.service.reads import Reads
from identity_graph.service.rules.applying import plan_phases
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.rules import rule_sets

UPGRADE = "upgrade"
"""Who puts rules in force when a new version of the program reads values otherwise."""

_log = structlog.get_logger(__name__)


async def open_units(graph: Graph) -> tuple[Units, StoredRuleSet]:
    """Open a graph for units of work under the rules in force, and give these.

    Raises:
        NotFoundError: none were ever applied.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> tuple[StoredRuleSet, StoredCatalogue]:
        return await get_rule_set(tx), await get_catalogue(tx)

    current, catalogue = await graph.read(read)
    in_force = InForce(
        parse_stored_rules(current.yaml, name=f"rules version {current.version}"),
        current.version,
        parse_stored_catalogue(catalogue.yaml, name=f"catalogue version {catalogue.version}"),
        catalogue.version,
    )
    units = Units(graph, in_force)
    await units.open()
    return units, current


async def apply_on_graph(
    graph: Graph, yaml: str, expected: int | None, actor: str, *, on_progress: Callable[[float], None]
) -> Applied[StoredRuleSet]:
    """Put rules in force and apply them to the end, without a service; called again with the same text, it goes on.

    ``expected`` is the version that they are to replace, None for the one in force.

    Raises:
        IdentityGraphError: as ``put_in_force`` does.
    """
    units, _ = await open_units(graph)
    return await put_and_apply(units, APPLICABLE, put_in_force, yaml, expected, actor, on_progress=on_progress)


async def roll_back_on_graph(
    graph: Graph, version: int, actor: str, *, on_progress: Callable[[float], None]
) -> Applied[StoredRuleSet]:
    """Put the rules of an earlier version in force again and apply them to the end, without a service.

    Raises:
        IdentityGraphError: as ``roll_back`` does.
    """
    units, _ = await open_units(graph)
    current = await roll_back(units, version, actor)
    return Applied(current, await apply_all(units, on_progress=on_progress))


async def list_rule_sets(graph: Graph) -> list[StoredRuleSet]:
    """List all rules that were ever in force, the latest first."""
    return await list_versions(graph, rule_sets.page_rule_sets)


async def put_in_force(units: Units, yaml: str, expected_version: int, actor: str) -> StoredRuleSet:
    """Put rules in force as the next version. Their application is still to be done: see ``apply_all`` and ``Applier``.

    The rules in force may still be being applied: that ends where it is, and customers of all versions that are left are
    brought under the new one.

    Raises:
        RulesError: the text holds no rules.
        VersionConflictError: the version in force is another than the expected one.
        GraphUnavailableError: Neo4j does not answer.
    """
    # What is in force may be put in force anew, though an earlier version wrote it that took more than this one.
    is_in_force = yaml == units.in_force.rules.yaml
    rules = parse_stored_rules(yaml, name="rules") if is_in_force else parse_rules(yaml, name="rules")

    async def change(tx: WriteTransaction, regime: Regime) -> StoredRuleSet:
        await rule_sets.lock_rule_sets(tx)
        current = await get_rule_set(tx)
        check_expected("rules", current, expected_version)
        version = current.version + 1
        # A step that is being taken ends first, and tells whether the last ones are applied; none is taken after it.
        (former,) = await rule_sets.lock_application(tx, version=current.version)
        if former.status == RuleSetStatus.APPLYING:
            await rule_sets.supersede_application(tx, version=current.version)
        await rule_sets.create_rule_set(
            tx,
            version=version,
            yaml=yaml,
            fingerprint=fingerprint(rules),
            applied_by=actor,
            status=RuleSetStatus.APPLYING,
            replaces=[*([] if former.status == RuleSetStatus.ACTIVE else current.replaces), current.version],
            reading=READING,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )
        if current.reading < READING or compare(regime.rules, rules).reads_events:
            await _name_judged_keys(tx, rules)
        return await get_rule_set(tx)

    changed = await units.run(change)
    units.adopt_rules(rules, changed.version)
    return changed


async def roll_back(units: Units, version: int, actor: str) -> StoredRuleSet:
    """Put the rules of an earlier version in force again, as a new version.

    Raises:
        NotFoundError: there is no such version.
        VersionConflictError: others changed the rules in this moment.
        RulesError: this version of the product takes these rules no longer.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> tuple[list[StoredRuleSet], StoredRuleSet]:
        return await rule_sets.list_rule_sets(tx, versions=[version]), await get_rule_set(tx)

    found, current = await units.graph.read(read)
    if not found or version < 1:
        raise NotFoundError(f"There are no rules with version {version}; version {current.version} is in force.")
    yaml = found[0].yaml
    if yaml != units.in_force.rules.yaml:
        _check_still_taken(yaml, version)
    return await put_in_force(units, yaml, current.version, actor)


def _check_still_taken(yaml: str, version: int) -> None:
    """Refuse rules that an earlier version of the product took and this one does not.

    Raises:
        RulesError: they are such; it says what to do.
    """
    try:
        parse_rules(yaml, name=f"rules version {version}")
    except RulesError as error:
        raise RulesError(
            f"Version {version} of the rules is from an earlier release, and this release does not accept it. Write it to a "
            f"file, correct the following, and apply the file:\n{error}",
            **error.facts,
        ) from None


async def bring_up_to_date(units: Units) -> None:
    """Put the rules in force again when what is stored was read by an earlier version of this program.

    They mean the same, but values are read otherwise; so they are applied as other rules are, in the background.

    Raises:
        SchemaError: a later version of this program was at work on the graph.
        GraphUnavailableError: Neo4j does not answer.
    """
    current = await units.graph.read(get_rule_set)
    if current.reading > READING:
        raise SchemaError(
            "A newer release read the values of this graph differently. Use that release, or a newer one.",
            reading=current.reading,
        )
    if current.reading == READING:
        return
    with suppress(VersionConflictError):  # another process was quicker, or other rules came: either reads all anew
        changed = await put_in_force(units, current.yaml, current.version, UPGRADE)
        _log.warning(
            "values are read otherwise than by the version that wrote this graph: the same rules are applied anew",
            rules_version=changed.version,
        )


async def read_rule_set(reads: Reads) -> StoredRuleSet:
    """Read the rules in force, together with what else a request reads.

    Raises:
        NotFoundError: none were ever applied.
    """
    return _the_one(await reads.run(rule_sets.find_rule_set))


async def get_rule_set(tx: ReadTransaction) -> StoredRuleSet:
    """Read the rules in force.

    Raises:
        NotFoundError: none were ever applied.
    """
    return _the_one(await rule_sets.find_rule_set(tx))


def _the_one(found: list[StoredRuleSet]) -> StoredRuleSet:
    if not found:
        raise NotFoundError("No rules were applied to this graph yet: start the service once.")
    return found[0]


async def apply_all(units: Units, *, on_progress: Callable[[float], None] = lambda _: None) -> StoredRuleSet:
    """Apply the rules in force to the end, also those that others put in force meanwhile, and give them.

    Raises:
        GraphUnavailableError: Neo4j does not answer; what was done stays done, and this can be called again.
    """
    return await steps.apply_all(units, APPLICABLE, on_progress=on_progress)


async def _name_judged_keys(tx: WriteTransaction, rules: RuleSet) -> None:
    """Write what judgements name under other rules, which may spell values otherwise, or know them no more."""
    rows: list[rule_sets.JudgedNames] = [
        {"id": row.id, "key_a": read_key(row.a, rules), "key_b": None if row.b is None else read_key(row.b, rules)}
        for row in await rule_sets.list_all_judgements(tx)
    ]
    if rows:
        await rule_sets.set_judged_keys(tx, rows=rows)


APPLICABLE = Applicable(
    name="rules",
    get=get_rule_set,
    version_of=lambda regime: regime.version,
    phases=plan_phases,
    lock_application=rule_sets.lock_application,
    save_application=rule_sets.save_application,
    finish_application=rule_sets.finish_application,
    fail_application=rule_sets.fail_application,
)
"""Rules, for whoever applies what was put in force."""
