"""Identity health: the numbers are read at most once a minute, and shared in between."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from identity_graph.domain.collecting.ignored_counts import IgnoredCounts, most_ignored
from identity_graph.domain.explaining.violations import IgnoredCode
from identity_graph.domain.health.numbers import (
    CROWDED_PERCENT,
    TREND_DAYS,
    DayHealth,
    Health,
    NamespaceHealth,
    band_sizes,
    in_order,
    nearly_full,
    spread_of,
    visitors_of,
)
from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.rules.partners import most_partners
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.instants import DAY, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.clock import now_instant
from identity_graph.service.health.kept import Kept
from identity_graph.service.reads import Reads
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting import dead_letters
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.health import numbers as store

FRESH_SECONDS = 60
"""Seconds for which the numbers are passed on as they are."""

_KINDS = {"MERGED": "merges", "SPLIT": "splits", "IDENTIFIER_MOVED": "moved_identifiers"}


class Suspect(NamedTuple):
    """An identifier that comes close to being quarantined; ``partners`` are of the namespace and scope ``scope``."""

    key: str
    scope: str
    partners: int
    limit: int | None
    percent: int


@dataclass(slots=True)
class HealthCheck:
    """The latest numbers."""

    _kept: Kept[Health] = field(default_factory=Kept[Health])

    async def read(self, graph: Graph, rules: RuleSet, version: int) -> Health:
        """Give numbers that are at most a minute old.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        return await self._kept.read(version, lambda: read_health(graph, rules, version), seconds=FRESH_SECONDS)


async def read_health(graph: Graph, rules: RuleSet, version: int) -> Health:
    """Read all numbers from the graph: some seconds on a million identifiers.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    at = now_instant()

    async def work(tx: ReadTransaction) -> Health:
        sizes = {row.size: row.customers for row in await store.count_sizes(tx)}
        namespaces = await _read_namespaces(tx, rules)
        anonymous = await store.count_anonymous(tx, visitors=visitors_of(rules))
        letters = await dead_letters.count_dead_letters(tx)
        quarantined = sum(namespace.quarantined for namespace in namespaces)
        return Health(
            taken_at=at,
            rules_version=version,
            max_identifiers=rules.max_identifiers,
            customers=sum(sizes.values()),
            identifiers=sum(namespace.identifiers for namespace in namespaces),
            anonymous_customers=anonymous[0].customers,
            nearly_full_customers=sum(n for size, n in sizes.items() if size >= nearly_full(rules.max_identifiers)),
            largest_customer=max(sizes, default=0),
            dead_letters=letters[0].dead_letters,
            namespaces=namespaces,
            sizes=band_sizes(sizes),
            violations=await _read_violations(tx, rules, quarantined),
            days=await _read_days(tx, at),
        )

    return await graph.read(work)


async def read_suspects(reads: Reads, rules: RuleSet, first: int) -> list[Suspect]:
    """Read the identifiers that come close to being quarantined (half of their limit or more), most crowded first."""
    rows = await reads.run(store.list_suspects.call(limit=first))
    suspects: list[Suspect] = []
    for row in rows:
        scope, partners = most_partners(json.loads(row.partners))
        rule = rules.find_namespace(namespace_of(row.key))
        suspects.append(Suspect(row.key, scope, partners, rule.max_partners if rule else None, row.crowding))
    return suspects


async def _read_namespaces(tx: ReadTransaction, rules: RuleSet) -> list[NamespaceHealth]:
    counted = {row.namespace: row for row in await store.count_namespaces(tx)}
    members: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in await store.count_members(tx):
        members[row.namespace][row.members] = row.customers
    quarantined = {row.namespace: row.identifiers for row in await store.count_quarantined(tx)}
    crowded = {row.namespace: row.identifiers for row in await store.count_crowded(tx, percent=CROWDED_PERCENT)}
    ignored = await _read_counters(tx, rules)
    return [
        NamespaceHealth(
            namespace=name,
            identifiers=counted[name].identifiers if name in counted else 0,
            observations=counted[name].observations if name in counted else 0,
            spread=spread_of(members[name]),
            quarantined=quarantined.get(name, 0),
            crowded=crowded.get(name, 0),
            ignored=dict(ignored[name]),
        )
        for name in in_order([*counted, *ignored], rules)
    ]


async def _read_counters(tx: ReadTransaction, rules: RuleSet) -> defaultdict[str, Counter[str]]:
    """Sum up what all writers counted as ignored, per namespace and code; not the fields and traits that were left out."""
    summed: IgnoredCounts = Counter()
    for row in await counter_store.list_counts(tx):
        for namespace, counts in json.loads(row.ignored).items():
            if namespace:
                summed.update(
                    {(namespace, code): n for code, n in counts.items() if code != IgnoredCode.UNREADABLE_FIELD}
                )
    ignored: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (namespace, code), count in most_ignored(summed, rules).items():
        ignored[namespace][code] = count
    return ignored


async def _read_violations(tx: ReadTransaction, rules: RuleSet, quarantined: int) -> dict[str, int]:
    rows = [
        *await store.count_refusals(tx, max_identifiers=rules.max_identifiers),
        *await store.count_ignored(tx),
    ]
    counts = {RefusalCode.QUARANTINED.value: quarantined} if quarantined else {}
    return counts | {row.code: row.violations for row in rows}


async def _read_days(tx: ReadTransaction, at: Instant) -> list[DayHealth]:
    """Read what happened on each of the last days, those included on which nothing did."""
    today = at // DAY
    first = today - TREND_DAYS + 1
    since = format_instant(first * DAY)
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for name, rows in (
        ("new_customers", await store.list_new_customers_by_day(tx, since=since)),
        ("refused_links", await store.list_refusals_by_day(tx, since=since)),
        ("ignored_values", await store.list_ignored_by_day(tx, since=since)),
    ):
        for row in rows:
            counts[row.day][name] = row.total
    for row in await store.list_changes_by_day(tx, since=since):
        if row.kind in _KINDS:
            counts[row.day][_KINDS[row.kind]] = row.total
    return [DayHealth(day=day, **counts[day]) for day in range(today, first - 1, -1)]
