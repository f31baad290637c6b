"""The service: what a process holds to answer requests, opened once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread

from identity_graph.domain.rule_changes import READING
from identity_graph.domain.rules import RuleSet, fingerprint
from identity_graph.domain.rules_file import load_preset, parse_rules
from identity_graph.errors import RulesChangedError
from identity_graph.rules_source import read_rules
from identity_graph.runtime import Progress, ServerHandle, ensure_server, silent, stop_server
from identity_graph.service.changing_rules import Applier, bring_up_to_date
from identity_graph.service.clock import now_instant
from identity_graph.service.committer import Committer
from identity_graph.service.health import HealthCheck
from identity_graph.service.keys import AccessKeys
from identity_graph.service.metrics import Metrics
from identity_graph.service.units import Regime, Units
from identity_graph.settings import Settings
from identity_graph.store import bookkeeping, rule_sets
from identity_graph.store.graph import Graph
from identity_graph.store.instants import nanoseconds, seconds
from identity_graph.store.migrations import apply_migrations
from identity_graph.store.query import Transaction


@dataclass(slots=True)
class Service:
    """An opened service. ``server`` is the embedded Neo4j, None when a URI was set.

    ``reading`` is held by the request whose turn it is to have its messages read.
    """

    settings: Settings
    graph: Graph
    units: Units
    committer: Committer
    applier: Applier
    keys: AccessKeys
    metrics: Metrics
    server: ServerHandle | None = None
    health: HealthCheck = field(default_factory=HealthCheck)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def rules(self) -> RuleSet:
        """The rules in force, as far as this process knows."""
        return self.units.regime.rules

    @property
    def rules_version(self) -> int:
        """Their version."""
        return self.units.regime.version


@asynccontextmanager
async def open_service(settings: Settings, *, progress: Progress = silent) -> AsyncGenerator[Service]:
    """Connect to Neo4j (the embedded one is started when none runs), check schema and rules, start to write.

    An embedded server that this call started is stopped at the end.

    Raises:
        SettingsError: a setting is wrong.
        GraphUnavailableError: nothing answers at the URI.
        RuntimeServerError: the embedded server cannot be started.
        SchemaError: the graph's schema is not the one that this version knows.
        RulesError: the rules file is wrong.
        RulesChangedError: the graph was resolved under other rules.
    """
    given = None if settings.rules is None else read_rules(settings.rules)
    graph, server = await connect(settings, progress=progress)
    try:
        await apply_migrations(graph)
        version, rules = await _adopt_rules(graph, given)
        metrics = Metrics()
        units = Units(graph, Regime(rules, version))
        await units.open()
        committer = Committer(
            units,
            metrics,
            commit_size=settings.commit_size,
            commit_delay=settings.commit_delay_ms / 1000,
        )
        applier = Applier(units)
        await bring_up_to_date(units)
        committer.start()
        applier.start()
        try:
            yield Service(settings, graph, units, committer, applier, AccessKeys(graph, settings), metrics, server)
        finally:
            await applier.close()
            await committer.close()
    finally:
        await graph.close()
        if server is not None and server.started:
            await to_thread.run_sync(stop_server, settings)


async def connect(settings: Settings, *, progress: Progress = silent) -> tuple[Graph, ServerHandle | None]:
    """Connect to the Neo4j that the settings name, or to the embedded one, which is started when it does not run."""
    if settings.neo4j_uri is not None:
        password = "" if settings.neo4j_password is None else settings.neo4j_password.get_secret_value()
        return await Graph.connect(settings.neo4j_uri, settings.neo4j_user, password, settings.neo4j_database), None
    server = await to_thread.run_sync(lambda: ensure_server(settings, progress=progress))
    return await Graph.connect(server.uri, server.user, server.password, settings.neo4j_database), server


async def _adopt_rules(graph: Graph, given: RuleSet | None) -> tuple[int, RuleSet]:
    """Take the rules that the graph was resolved under; those of a graph without events give way to given ones.

    Raises:
        RulesChangedError: other rules were given.
    """

    async def work(tx: Transaction) -> tuple[int, RuleSet]:
        stored = await rule_sets.find_rule_set(tx)
        if not stored:
            rules = given or load_preset()
            await rule_sets.create_rule_set(tx, version=1, status="ACTIVE", replaces=[], **_described(rules, given))
            return 1, rules
        version = stored[0].version
        if given is None:
            return version, parse_rules(stored[0].yaml, name=f"rules version {version}")
        if fingerprint(given) != stored[0].fingerprint:
            if (await bookkeeping.count_events(tx))[0].total:
                raise RulesChangedError(
                    f"This graph was resolved under other rules (version {version}) than the given ones. Start without "
                    "rules to go on under those of the graph; to change them, see what would change with `identity-graph "
                    "rules diff FILE`, then `identity-graph rules apply FILE`.",
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
