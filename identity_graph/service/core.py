"""The service: what a process holds to answer requests, opened once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from identity_graph.domain.access.masking import Sealer
from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.profiles.file import parse_stored_catalogue
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.file import load_preset, parse_stored_rules
from identity_graph.domain.rules.rule_set import RuleSet, fingerprint
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.errors import RulesChangedError
from identity_graph.runtime import Progress, ServerHandle, ServerUse, silent
from identity_graph.service.access.keys import AccessKeys
from identity_graph.service.access.secrets import MASKING, read_secret
from identity_graph.service.access.uses import KeyUses
from identity_graph.service.activation.alerting import Alerting
from identity_graph.service.activation.deliverer import Deliverer
from identity_graph.service.activation.metrics import DeliveryMetrics
from identity_graph.service.activation.outbox import enqueue
from identity_graph.service.applying.applier import Applier
from identity_graph.service.audit.keeping import Keeping
from identity_graph.service.audit.operations import record_along
from identity_graph.service.audit.recording import Recorder
from identity_graph.service.audit.signing_key import load_signer
from identity_graph.service.catalogue.changing import APPLICABLE as CATALOGUE
from identity_graph.service.catalogue.changing import bring_up_to_date as bring_catalogue_up_to_date
from identity_graph.service.clock import now_instant
from identity_graph.service.commit.committer import Committer
from identity_graph.service.commit.count_pruning import CountPruning
from identity_graph.service.commit.units import Units
from identity_graph.service.connecting import connected
from identity_graph.service.health.numbers import HealthCheck
from identity_graph.service.health.quality import QualityCheck
from identity_graph.service.metrics import Metrics
from identity_graph.service.profiles.catalogues import adopt_catalogue
from identity_graph.service.rules.changing import APPLICABLE as RULES
from identity_graph.service.rules.changing import bring_up_to_date
from identity_graph.service.rules.source import read_rules
from identity_graph.service.scoring.recutting import RecutSchedule
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.service.segments.metrics import EvaluationMetrics
from identity_graph.service.spool.spooling import Spool
from identity_graph.service.supervising import Supervisor
from identity_graph.settings import Settings
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.migrations import apply_migrations
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.rules import rule_sets

_log = structlog.get_logger(__name__)
PATIENCE = 1.4
"""Seconds of silence after which a Neo4j counts as away for those who send and ask: they are to hear of it within two."""


@dataclass(slots=True)
class Service:
    """An opened service. ``use`` is that of the embedded Neo4j, None when a URI was set. ``spool`` is there while it serves.

    ``reading`` is held by the request whose turn it is to have its messages read, ``asking`` by the one whose turn it is to be
    answered with very many objects.
    """

    settings: Settings
    graph: Graph
    units: Units
    committer: Committer
    applier: Applier
    evaluator: Evaluator
    keys: AccessKeys
    metrics: Metrics
    deliverer: Deliverer
    alerting: Alerting
    sealer: Sealer
    audit: Recorder
    signer: Signer
    use: ServerUse | None = None
    spool: Spool | None = None
    health: HealthCheck = field(default_factory=HealthCheck)
    quality: QualityCheck = field(default_factory=QualityCheck)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def rules(self) -> RuleSet:
        """The rules in force, as far as this process knows."""
        return self.units.in_force.rules

    @property
    def rules_version(self) -> int:
        """Their version."""
        return self.units.in_force.version

    @property
    def server(self) -> ServerHandle | None:
        """The embedded Neo4j as it runs now, None when a URI was set."""
        return None if self.use is None else self.use.server


@asynccontextmanager
async def open_service(
    settings: Settings, *, patience: float | None = None, progress: Progress = silent, delivers: bool = True
) -> AsyncGenerator[Service]:
    """Connect to Neo4j (the embedded one is started when none runs), check schema and rules, start to write.

    An embedded server is watched and started again when it ends; the last of its users stops it. With ``patience`` nothing
    waits more than about so many seconds for a Neo4j that does not answer at all, as is right for those who serve. What is
    to be delivered to destinations, and checkpoints of the audit log, are left to others unless it ``delivers``.

    Raises:
        SettingsError: a setting is wrong, or the key of the audit log cannot be read or made.
        GraphUnavailableError: nothing answers at the URI.
        GraphSignInError: Neo4j refuses the user or the password.
        RuntimeServerError: the embedded server cannot be started.
        SchemaError: the graph's schema is not the one that this version knows.
        RulesError: the rules file is wrong.
        CatalogueError: the catalogue of the graph is one that this version takes no longer.
        RulesChangedError: the graph was resolved under other rules.
    """
    given = None if settings.rules is None else read_rules(settings.rules)
    async with connected(settings, progress=progress) as (graph, use):
        await apply_migrations(graph)
        signer = load_signer(settings.data_dir)
        record_along(graph)
        version, rules = await _adopt_rules(graph, given)
        if rules.unread_namespaces:
            _log.error(
                "an expression of the rules is not known any more, so all values of its namespace are blocked",
                version=version,
                namespaces=rules.unread_namespaces,
            )
        metrics = Metrics()
        catalogue = await graph.write(lambda tx: adopt_catalogue(tx, now_instant()))
        known = parse_stored_catalogue(catalogue.yaml, name=f"catalogue version {catalogue.version}")
        units = Units(graph, InForce(rules, version, known, catalogue.version))
        await units.open()
        committer = Committer(
            units,
            metrics,
            commit_size=settings.commit_size,
            commit_delay=settings.commit_delay_ms / 1000,
        )
        applier = Applier(units, (RULES, CATALOGUE))
        await bring_up_to_date(units)
        await bring_catalogue_up_to_date(units)
        deliverer = Deliverer(
            graph, allow_private=settings.webhook_allow_private, metrics=DeliveryMetrics(metrics.registry)
        )
        alerting = Alerting(units, deliverer.wake)
        await alerting.start()
        evaluator = Evaluator(
            units,
            followers=[enqueue],
            on_written=deliverer.wake,
            metrics=EvaluationMetrics(metrics.registry),
        )
        recorder = Recorder(graph, signer.hash_key)
        recorder.start()
        keeping = Keeping(graph, signer, recorder, settings.audit_keep_days) if delivers else None
        if keeping is not None:
            keeping.start()
        committer.start()
        applier.start()
        evaluator.start()
        schedule = RecutSchedule(units, settings.rfm_recut_hours)
        schedule.start()
        pruning = CountPruning(units)
        pruning.start()
        keys = AccessKeys(graph, settings)
        sealer = Sealer(await read_secret(graph, MASKING))
        uses = KeyUses(graph, keys)
        uses.start()
        if delivers:
            deliverer.start()
        if patience is not None:
            graph.keep_pulse(patience, None if use is None else use.read_work)
        supervisor = None if use is None else Supervisor(settings, use, graph)
        try:
            yield Service(
                settings,
                graph,
                units,
                committer,
                applier,
                evaluator,
                keys,
                metrics,
                deliverer,
                alerting,
                sealer,
                recorder,
                signer,
                use,
            )
        finally:
            await uses.close()
            await alerting.close()
            await deliverer.close()
            await schedule.close()
            await pruning.close()
            await evaluator.close()
            await applier.close()
            await committer.close()
            await recorder.close()
            if keeping is not None:
                await keeping.close()
            if supervisor is not None:
                await supervisor.close()


async def _adopt_rules(graph: Graph, given: RuleSet | None) -> tuple[int, RuleSet]:
    """Take the rules that the graph was resolved under; those of a graph without events give way to given ones.

    Raises:
        RulesChangedError: other rules were given.
    """

    async def work(tx: WriteTransaction) -> tuple[int, RuleSet]:
        stored = await rule_sets.find_rule_set(tx)
        if not stored:
            rules = given or load_preset()
            await rule_sets.create_rule_set(
                tx, version=1, status=RuleSetStatus.ACTIVE, replaces=[], **_described(rules, given)
            )
            return 1, rules
        version = stored[0].version
        if given is None:
            return version, parse_stored_rules(stored[0].yaml, name=f"rules version {version}")
        if fingerprint(given) != stored[0].fingerprint:
            if (await counter_store.count_events(tx))[0].total:
                raise RulesChangedError(
                    f"This graph was resolved under other rules (version {version}) than the given ones. Start without "
                    "rules to keep those of the graph. To change them, preview with `identity-graph rules diff FILE`, then "
                    "run `identity-graph rules apply FILE`.",
                    version=version,
                )
            await rule_sets.replace_rule_set(tx, version=version, **_described(given, given))
        return version, given

    return await graph.write(work)


def _described(rules: RuleSet, given: RuleSet | None) -> dict[str, Any]:
    now = now_instant()
    return {
        "yaml": rules.yaml,
        "fingerprint": fingerprint(rules),
        "applied_by": "default" if given is None else "settings",
        "reading": READING,
        "at_s": seconds(now),
        "at_ns": nanoseconds(now),
    }
