"""Obstacles: what prevents joining two clusters, and the witness that is stored of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from identity_graph.domain.rules.rule_set import Limit, NamespaceRule, RuleSet
from identity_graph.domain.values.observations import Instant


class ObstacleKind(StrEnum):
    """What stood against a link."""

    DIFFERENT = "different"
    LIMIT = "limit"
    SIZE = "size"
    WINDOW = "window"
    OWNER = "owner"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Witness:
    """What stood against a link, and what each side held when it did; ``a`` is the side of the smaller key.

    For a limit (of ``scope``) and for the size ``a`` and ``b`` are counts; for a judgement they are the two judged keys.
    A window and an ambiguous owner can only be seen with both sides at hand, so they say no more. ``PENDING`` stands on a
    link to a customer that is still to be resolved under the rules in force: then it is looked at with both sides at hand.
    """

    kind: ObstacleKind
    scope: str = ""
    a: int | str = 0
    b: int | str = 0

    def encode(self) -> str:
        """Write it as a short JSON list, the form in which a link keeps it."""
        return json.dumps([self.kind, self.scope, self.a, self.b], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=4096)  # of many thousands of links most have one of a few witnesses
    def decode(cls, text: str) -> "Witness":
        """Read what ``encode`` wrote."""
        kind, scope, a, b = json.loads(text)
        return cls(ObstacleKind(kind), scope, a, b)


@dataclass(frozen=True, slots=True)
class Member:
    """An identifier as the derivation sees it. ``scope`` names what its limit counts, None without a limit."""

    key: str
    rule: NamespaceRule
    scope: str | None
    last_seen: Instant


@dataclass(eq=False, slots=True)
class Cluster:
    """Identifiers that were joined so far. ``counts`` are per scope with a limit, windows ignored."""

    keys: list[str]
    counts: dict[str, int]
    newest: Instant
    judged: set[str] = field(default_factory=set[str])


class Referee:
    """Keeps the clusters of a derivation and knows what stands between two of them."""

    def __init__(self, members: Mapping[str, Member], different: Iterable[tuple[str, str]], rules: RuleSet) -> None:
        self._members = members
        self._max_size = rules.max_identifiers
        self._partners: dict[str, set[str]] = {}
        for a, b in different:
            self._partners.setdefault(a, set()).add(b)
            self._partners.setdefault(b, set()).add(a)
        self._limits: dict[str, Limit] = {}
        self._clusters: dict[str, Cluster] = {}
        for key, member in members.items():
            counts: dict[str, int] = {}
            if member.scope is not None and member.rule.limit is not None:
                self._limits[member.scope] = member.rule.limit
                counts[member.scope] = 1
            judged = {key} if key in self._partners else set[str]()
            self._clusters[key] = Cluster([key], counts, member.last_seen, judged)

    def cluster_of(self, key: str) -> Cluster:
        """Give the cluster that a member is in now."""
        return self._clusters[key]

    def clusters(self) -> Iterable[Cluster]:
        """Give all clusters as they are now."""
        return {id(cluster): cluster for cluster in self._clusters.values()}.values()

    def join(self, one: Cluster, other: Cluster) -> None:
        """Make one cluster of two."""
        large, small = (one, other) if len(one.keys) >= len(other.keys) else (other, one)
        large.keys += small.keys
        large.judged |= small.judged
        large.newest = max(large.newest, small.newest)
        for scope, count in small.counts.items():
            large.counts[scope] = large.counts.get(scope, 0) + count
        for key in small.keys:
            self._clusters[key] = large

    def find_judged_pair(self, a: Cluster, b: Cluster) -> tuple[str, str] | None:
        """Find two members, one on either side, that were judged different."""
        for key in sorted(a.judged):
            for partner in sorted(self._partners[key]):
                if self._clusters.get(partner) is b:
                    return key, partner
        return None

    def find_obstacle(self, a: Cluster, b: Cluster) -> Witness | None:
        """Find what stands against joining two clusters; a reason that can be proven from one side comes first."""
        judged = self.find_judged_pair(a, b)
        if judged is not None:
            return Witness(ObstacleKind.DIFFERENT, "", *judged)
        window = False
        for scope, count in a.counts.items():
            other = b.counts.get(scope, 0)
            limit = self._limits[scope]
            if other and count + other > limit.count:
                if limit.within is None:
                    return Witness(ObstacleKind.LIMIT, scope, count, other)
                window = window or self._exceeds(scope, limit, [a, b])
        if len(a.keys) + len(b.keys) > self._max_size:
            return Witness(ObstacleKind.SIZE, "", len(a.keys), len(b.keys))
        return Witness(ObstacleKind.WINDOW) if window else None

    def can_be_one(self, clusters: Iterable[Cluster]) -> bool:
        """Whether no limit and no judgement stands against making one of all these clusters; their size may."""
        distinct = list({id(cluster): cluster for cluster in clusters}.values())
        totals: dict[str, list[Cluster]] = {}
        for cluster in distinct:
            for scope in cluster.counts:
                totals.setdefault(scope, []).append(cluster)
            if any(
                self._clusters.get(partner) in distinct for key in cluster.judged for partner in self._partners[key]
            ):
                return False
        return not any(
            self._exceeds(scope, self._limits[scope], distinct) for scope, having in totals.items() if len(having) > 1
        )

    def renew(self, witness: Witness, inner: Cluster, *, inner_is_a: bool) -> Witness | None:
        """Show from one side that a link is still refused, the other side being as the witness says; None: it is not shown."""
        was, far = (witness.a, witness.b) if inner_is_a else (witness.b, witness.a)
        near: int | str
        match witness.kind:
            case ObstacleKind.LIMIT:
                near = inner.counts.get(witness.scope, 0)
                limit = self._limits.get(witness.scope)
                # A limit that has a window now is looked at with both sides at hand.
                proven = limit is not None and limit.within is None and near > 0 and near + int(far) > limit.count
            case ObstacleKind.SIZE:
                near = len(inner.keys)
                proven = near + int(far) > self._max_size
            case ObstacleKind.DIFFERENT:
                near = was
                proven = far in self._partners.get(str(near), ()) and str(near) in inner.judged
            case _:
                return None
        if not proven:
            return None
        if near == was:
            return witness
        return Witness(witness.kind, witness.scope, *((near, far) if inner_is_a else (far, near)))

    def _exceeds(self, scope: str, limit: Limit, clusters: list[Cluster]) -> bool:
        """Whether the joined count is above the limit and above what any one of the clusters already had."""
        newest = max(cluster.newest for cluster in clusters)
        joined = sum(self._count(scope, limit, cluster, newest) for cluster in clusters)
        return joined > limit.count and joined > max(
            self._count(scope, limit, cluster, cluster.newest) for cluster in clusters
        )

    def _count(self, scope: str, limit: Limit, cluster: Cluster, newest: Instant) -> int:
        """Count the members that a limit counts, seen from the newest moment."""
        if limit.within is None:
            return cluster.counts.get(scope, 0)
        since = newest - limit.within
        return sum(
            1 for key in cluster.keys if (member := self._members[key]).scope == scope and member.last_seen >= since
        )
