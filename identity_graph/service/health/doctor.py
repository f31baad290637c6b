"""The doctor: looks at Neo4j, the schema, the rules and the health of the identities, and repairs customers when asked."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from anyio import to_thread

from identity_graph.domain.health.findings import Finding, Level, Verdict, find_findings, verdict_of, worst_first
from identity_graph.domain.health.numbers import Health
from identity_graph.domain.health.quality import DataQuality, ImportedColumns
from identity_graph.domain.health.quality_findings import find_quality_findings
from identity_graph.domain.health.spool_findings import find_spool_findings
from identity_graph.domain.profiles.file import SHIPPED, load_catalogue, parse_stored_catalogue
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.file import parse_stored_rules
from identity_graph.domain.rules.read_models import StoredRuleSet
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.errors import IdentityGraphError, InvalidInputError
from identity_graph.runtime import Progress, silent
from identity_graph.service.audit.reading import verify_log
from identity_graph.service.clock import now_instant
from identity_graph.service.commit.units import Units
from identity_graph.service.connecting import connected
from identity_graph.service.health.checking import Checked, check_sample
from identity_graph.service.health.mending import Mending, Walk, broken_of, look_at_all, mend
from identity_graph.service.health.numbers import Suspect, read_health, read_suspects
from identity_graph.service.health.quality import read_data_quality, read_unused_columns
from identity_graph.service.health.telling import difference_of, findings_of
from identity_graph.service.reads import Reads
from identity_graph.service.rules.changing import UPGRADE
from identity_graph.settings import Settings
from identity_graph.spool import SpoolTotals, read_folder, spool_folder
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import find_pending, read_migrations
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.health.numbers import VersionRow, find_version
from identity_graph.store.profiles import catalogues
from identity_graph.store.rules import rule_sets

SUSPECTS = 10
"""How many of the most crowded identifiers are shown."""

AUDITED = 20_000
"""Entries of the audit log that are verified, and those before them up to a checkpoint."""

NOT_CHECKED = ("links and what is counted on them", "sessions", "traits", "the change log")
"""What a sample is not compared with the events in."""

NOT_WALKED = ("the change log", "memberships of segments")
"""What a whole graph is not compared with the events in."""

_SEE_NEO4J = "See docs/operations.md#neo4j."


@dataclass(slots=True)
class Diagnosis:
    """What was found. What could not be looked at, because of what was found before, is None."""

    address: str
    neo4j: VersionRow | None = None
    schema: int | None = None
    rules: StoredRuleSet | None = None
    health: Health | None = None
    checked: Checked | None = None
    walk: Walk | None = None
    mending: Mending | None = None
    suspects: list[Suspect] = field(default_factory=list[Suspect])
    quality: DataQuality | None = None
    spool: SpoolTotals | None = None
    unused_columns: list[ImportedColumns] = field(default_factory=list[ImportedColumns])
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def verdict(self) -> Verdict:
        """Give the worst of the findings."""
        return verdict_of(self.findings)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is asked of the doctor: to compare the whole graph instead of a sample, and to repair what differs.

    ``on_graph`` wraps the work on the graph, ``told`` is called with the number of customers that were compared.
    """

    whole: bool = False
    fix: bool = False
    on_graph: Callable[[Graph], AbstractAsyncContextManager[None]] = lambda _: nullcontext()
    told: Callable[[int], None] = lambda _: None


LOOK_ONLY = Treatment()


async def examine(settings: Settings, treatment: Treatment = LOOK_ONLY, *, progress: Progress = silent) -> Diagnosis:
    """Look at everything. What is wrong is a finding and no error. Nothing is written unless it is to be repaired.

    The embedded server is started when it does not run, and stopped again when nobody else uses it.
    """
    diagnosis = Diagnosis(settings.neo4j_uri or "the embedded server")
    spool = diagnosis.spool = await to_thread.run_sync(read_folder, spool_folder(settings.data_dir))
    diagnosis.findings += find_spool_findings(
        messages=spool.messages,
        since=spool.since,
        aside=spool.aside,
        damaged=spool.damaged,
        unreadable=spool.unreadable,
    )
    try:
        async with connected(settings, progress=progress) as (graph, use):
            if use is not None:
                diagnosis.address = use.server.uri
            async with treatment.on_graph(graph):
                await _examine_graph(graph, diagnosis, treatment)
    except IdentityGraphError as error:
        diagnosis.findings.append(_error_of(error, _SEE_NEO4J))
    diagnosis.findings = worst_first(diagnosis.findings)
    return diagnosis


async def _examine_graph(graph: Graph, diagnosis: Diagnosis, treatment: Treatment) -> None:
    (diagnosis.neo4j,) = await graph.read(find_version)
    if not await _examine_schema(graph, diagnosis):
        return
    await _examine_audit(graph, diagnosis)
    rules = await _examine_rules(graph, diagnosis)
    if rules is not None and diagnosis.rules is not None:
        diagnosis.health = await read_health(graph, rules, diagnosis.rules.version)
        diagnosis.suspects = await read_suspects(Reads(graph), rules, SUSPECTS)
        diagnosis.findings += find_findings(diagnosis.health, rules)
        if diagnosis.rules.status == RuleSetStatus.ACTIVE:  # until then some customers stand under the rules before
            await _compare(graph, rules, diagnosis, treatment)
        await _examine_quality(graph, diagnosis, VersionedRules(rules, diagnosis.rules.version))


async def _compare(graph: Graph, rules: RuleSet, diagnosis: Diagnosis, treatment: Treatment) -> None:
    """Compare customers with their events, and derive anew those that differ when that is asked."""
    if not (treatment.whole or treatment.fix):
        checked = diagnosis.checked = await check_sample(graph, rules)
        diagnosis.findings += difference_of(checked.wrong, checked.looked_at)
        return
    units = await _open_units(graph, rules, diagnosis)
    if units is None:
        return
    if treatment.whole:
        walk = diagnosis.walk = await look_at_all(units, told=treatment.told)
        broken, looked_at = walk.broken, walk.looked_at
    else:
        checked = diagnosis.checked = await check_sample(graph, rules)
        broken, looked_at = broken_of(checked), checked.looked_at
    if treatment.fix:
        diagnosis.mending = await mend(units, broken)
        diagnosis.findings += findings_of(diagnosis.mending)
    else:
        diagnosis.findings += difference_of([one.subject for one in broken], looked_at)


async def _open_units(graph: Graph, rules: RuleSet, diagnosis: Diagnosis) -> Units | None:
    """Get ready to run units of work, as a service does; None when the catalogue cannot be read or is being applied."""
    version = 0 if diagnosis.rules is None else diagnosis.rules.version
    rows = await graph.read(catalogues.find_catalogue)
    if rows and rows[0].status != RuleSetStatus.ACTIVE:
        title = "A catalogue is being applied, so customers are not compared with their events."
        diagnosis.findings.append(Finding(Level.LOOK, "catalogue_applying", title, "Keep a service running and wait."))
        return None
    try:
        catalogue = parse_stored_catalogue(rows[0].yaml, name="the catalogue") if rows else load_catalogue()
    except IdentityGraphError:
        return None  # which the look at the data tells
    units = Units(graph, InForce(rules, version, catalogue, rows[0].version if rows else SHIPPED))
    await units.try_out(_nothing)  # reads what segments look at, and whether somebody was erased
    return units


async def _nothing(_: WriteTransaction, __: Regime) -> None:
    return None


async def _examine_audit(graph: Graph, diagnosis: Diagnosis) -> None:
    """Look whether the latest entries of the audit log are what was written."""
    advice = "Take a backup and see docs/audit.md#what-to-do; `identity-graph audit verify` looks at all entries."
    try:
        problem = (await verify_log(graph, now=now_instant(), latest=AUDITED)).verdict.problem
    except InvalidInputError as error:
        diagnosis.findings.append(Finding(Level.ACT, "audit_log_changed", error.message, advice))
        return
    if problem is not None:
        title = f"The audit log is not what was written: {problem.text}"
        diagnosis.findings.append(Finding(Level.ACT, "audit_log_changed", title, advice))


async def _examine_quality(graph: Graph, diagnosis: Diagnosis, rules: VersionedRules) -> None:
    """Look at what sources send, under the catalogue in force, or the one that ships."""
    rows = await graph.read(catalogues.find_catalogue)
    try:
        catalogue = parse_stored_catalogue(rows[0].yaml, name="the catalogue") if rows else load_catalogue()
    except IdentityGraphError as error:
        diagnosis.findings.append(_error_of(error, "Another release may have written it: use that one."))
        return
    in_force = InForce(rules.rules, rules.version, catalogue, rows[0].version if rows else SHIPPED)
    diagnosis.quality = await read_data_quality(graph, in_force)
    diagnosis.findings += find_quality_findings(diagnosis.quality)
    diagnosis.unused_columns = (await read_unused_columns(Reads(graph), first=SUSPECTS, after=None)).items


async def _examine_schema(graph: Graph, diagnosis: Diagnosis) -> bool:
    """Look at the schema, and tell whether the rest can be looked at."""
    known = read_migrations()
    try:
        pending = await find_pending(graph, known)
    except IdentityGraphError as error:
        diagnosis.findings.append(_error_of(error, "See docs/errors/SCHEMA_MISMATCH.md."))
        return False
    diagnosis.schema = len(known) - len(pending)
    if not pending:
        return True
    if diagnosis.schema:
        title = f"The schema of the graph is at version {diagnosis.schema}; this release has version {len(known)}."
        advice = "Take a backup and start this release of the service, which brings it up to date (docs/operations.md#upgrade)."
        diagnosis.findings.append(Finding(Level.ACT, "schema_outdated", title, advice))
    else:
        title = "This database holds no identity graph yet."
        advice = "Start the service with `identity-graph serve`; or does a setting name the wrong database?"
        diagnosis.findings.append(Finding(Level.LOOK, "no_graph", title, advice))
    return False


async def _examine_rules(graph: Graph, diagnosis: Diagnosis) -> RuleSet | None:
    rows = await graph.read(rule_sets.find_rule_set)
    if not rows:
        title = "No rules were applied to this graph yet."
        advice = "Start the service with `identity-graph serve`: it uses the default rules, or yours."
        diagnosis.findings.append(Finding(Level.LOOK, "no_rules", title, advice))
        return None
    (diagnosis.rules,) = rows
    diagnosis.findings += _application_of(diagnosis.rules)
    try:
        return parse_stored_rules(diagnosis.rules.yaml, name=f"rules version {diagnosis.rules.version}")
    except IdentityGraphError as error:
        diagnosis.findings.append(_error_of(error, "Another release may have written them: use that one."))
        return None


def _application_of(rules: StoredRuleSet) -> list[Finding]:
    """Tell when rules are not applied to all of the graph, or were by a version that reads values otherwise."""
    if rules.reading < READING:
        title = "An earlier version read the values of this graph, and this version reads some differently."
        advice = "Start the service: it reads them again in the background (docs/operations.md#upgrade)."
        return [Finding(Level.LOOK, "read_by_earlier_version", title, advice)]
    if rules.status == RuleSetStatus.APPLYING:
        title = f"Version {rules.version} of the rules is being applied: {rules.progress:.0%} of the graph is done."
        advice = (
            "Keep a service running and wait; until then some customers are still resolved under the earlier rules."
        )
        if rules.applied_by == UPGRADE:
            title = f"All values are being read again after an upgrade: {rules.progress:.0%} of the graph is done."
            advice = (
                "Keep a service running and wait; until then some customers are as the earlier version resolved them."
            )
        return [Finding(Level.LOOK, "rules_applying", title, advice)]
    if rules.status == RuleSetStatus.FAILED:
        title = f"Applying version {rules.version} of the rules failed: {rules.error or 'the reason is unknown'}"
        advice = "Roll back to the version before (`rollbackRules`), or apply other rules (`applyRules`)."
        return [Finding(Level.ACT, "rules_failed", title, advice)]
    return []


def _error_of(error: IdentityGraphError, advice: str) -> Finding:
    return Finding(Level.ACT, error.code, error.message, advice)
