"""Derivation: joins identifiers into clusters, strongest evidence first, unless an obstacle prevents it.

The method is the product's own (``docs/model.md``): links are taken tier by tier, the tier of a link being the
priority of its weaker namespace, and each joins two clusters unless a judgement, a limit or the size stands against it.
It works on any closed part of the graph: links that lead out of it carry a witness of why they were refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import NamedTuple

from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.identity.obstacles import Cluster, Member, ObstacleKind, Referee, Witness
from identity_graph.domain.rules.rule_set import Conflict, NamespaceRule, RuleSet
from identity_graph.domain.values.pairs import Pair


class BorderLink(NamedTuple):
    """A refused link whose far end lies outside the part that is derived, with what the far side held then.

    ``is_provisional``: the far side is still to be resolved under these rules, and the link will be looked at again when
    it is; until then it counts as refused.
    """

    link: Link
    inner: str
    outer: str
    outer_rule: NamespaceRule
    witness: Witness | None
    """None when the refusal cannot be proven from here: the far side must be looked at."""
    is_provisional: bool = False


class Join(NamedTuple):
    """What made one cluster of two: a link, or a judgement. ``tier`` names the weaker namespace of the link."""

    a: str
    b: str
    tier: str | None

    @property
    def pair(self) -> Pair:
        """The two keys, the smaller one first."""
        return self.a, self.b


_rank = attrgetter("rank")


@dataclass(slots=True)
class Derivation:
    """The outcome: ``parts`` are the customers as sets of keys.

    ``refused`` holds a witness for every link that ends in two parts, those of the border included. ``unproven`` holds
    the outer keys of border links whose refusal no longer follows: their customers belong to what must be derived.
    ``joins`` are in their order; ``claims`` are the pairs that decided, beside them, whose an identifier may be.
    """

    parts: list[frozenset[str]]
    refused: dict[Pair, Witness] = field(default_factory=dict[Pair, Witness])
    ambiguous: set[str] = field(default_factory=set[str])
    unproven: set[str] = field(default_factory=set[str])
    joins: list[Join] = field(default_factory=list[Join])
    claims: set[Pair] = field(default_factory=set[Pair])


def derive(
    members: Mapping[str, Member],
    links: Iterable[Link],
    judgements: Iterable[Judgement],
    rules: RuleSet,
    border: Iterable[BorderLink] = (),
) -> Derivation:
    """Derive the clusters of ``members`` from links that are not quarantined.

    Both ends of ``links`` are members. ``same`` judgements with an end outside are left out, ``different`` ones too.
    """
    judgements = sorted(judgements)
    different = [(j.a, j.b) for j in judgements if j.verdict is Verdict.DIFFERENT]
    referee = Referee(members, different, rules)
    outcome = Derivation([])
    for judgement in judgements:
        if judgement.verdict is Verdict.SAME and judgement.a in members and judgement.b in members:
            a, b = referee.cluster_of(judgement.a), referee.cluster_of(judgement.b)
            if a is not b and referee.find_judged_pair(a, b) is None:
                referee.join(a, b)
                outcome.joins.append(Join(judgement.a, judgement.b, None))
    stood: dict[Pair, Witness] = {}
    for rule, tier, edge in _tiers(members, links, border):
        if rule.conflict is Conflict.NOBODY:
            outcome.unproven.update(item.outer for item in edge if not item.is_provisional)
            outcome.ambiguous |= _find_ambiguous_owners(rule, tier, outcome, members, referee)
        _join_tier(rule, tier, edge, outcome, stood, referee, members)
    outcome.parts = [frozenset(cluster.keys) for cluster in referee.clusters()]
    for (a, b), witness in stood.items():
        if a not in members or b not in members or referee.cluster_of(a) is not referee.cluster_of(b):
            outcome.refused[a, b] = witness
    return outcome


def _tiers(
    members: Mapping[str, Member], links: Iterable[Link], border: Iterable[BorderLink]
) -> Iterable[tuple[NamespaceRule, list[Link], list[BorderLink]]]:
    """Group links by the rank of their weaker namespace, strongest tier first."""
    tiers: dict[tuple[int, str], tuple[NamespaceRule, list[Link], list[BorderLink]]] = {}
    for link in links:
        rule = max(members[link.a].rule, members[link.b].rule, key=_rank)
        tiers.setdefault(rule.rank, (rule, [], []))[1].append(link)
    for item in border:
        rule = max(members[item.inner].rule, item.outer_rule, key=_rank)
        tiers.setdefault(rule.rank, (rule, [], []))[2].append(item)
    return [tiers[rank] for rank in sorted(tiers)]


def _join_tier(
    rule: NamespaceRule,
    tier: list[Link],
    edge: list[BorderLink],
    outcome: Derivation,
    stood: dict[Pair, Witness],
    referee: Referee,
    members: Mapping[str, Member],
) -> None:
    """Take the links of one tier in their order and join what may be joined."""
    oldest = rule.conflict is Conflict.OLDEST
    queue: list[tuple[int, int, str, str, BorderLink | None]] = []
    for link in tier:
        strength = members[link.a].rule.priority + members[link.b].rule.priority
        queue.append((link.first_seen if oldest else -link.last_seen, strength, link.a, link.b, None))
    for item in edge:
        strength = members[item.inner].rule.priority + item.outer_rule.priority
        link = item.link
        queue.append((link.first_seen if oldest else -link.last_seen, strength, link.a, link.b, item))
    queue.sort(key=itemgetter(0, 1, 2, 3))
    for _, _, a, b, item in queue:
        if item is not None:
            _meet_border(item, outcome, stood, referee)
        elif a in outcome.ambiguous or b in outcome.ambiguous:
            stood[a, b] = Witness(ObstacleKind.OWNER)
        else:
            left, right = referee.cluster_of(a), referee.cluster_of(b)
            if left is right:
                continue
            obstacle = referee.find_obstacle(left, right)
            if obstacle is None:
                referee.join(left, right)
                outcome.joins.append(Join(a, b, rule.name))
            else:
                stood[a, b] = obstacle


def _meet_border(item: BorderLink, outcome: Derivation, stood: dict[Pair, Witness], referee: Referee) -> None:
    """Check that a border link is still refused, seen from this side."""
    witness = None
    if item.witness is not None and item.inner not in outcome.ambiguous:
        cluster = referee.cluster_of(item.inner)
        witness = referee.renew(item.witness, cluster, inner_is_a=item.inner == item.link.a)
    if witness is None and item.is_provisional:
        witness = Witness(ObstacleKind.PENDING)
    if witness is None:
        outcome.unproven.add(item.outer)
    else:
        stood[item.link.a, item.link.b] = witness


def _find_ambiguous_owners(
    rule: NamespaceRule,
    tier: list[Link],
    outcome: Derivation,
    members: Mapping[str, Member],
    referee: Referee,
) -> set[str]:
    """Find the identifiers of the tier's namespace whose links of this tier reach clusters that cannot be one."""
    reached: dict[str, dict[int, tuple[Cluster, list[Pair]]]] = defaultdict(dict)
    for link in tier:
        if link.a in outcome.ambiguous or link.b in outcome.ambiguous:
            continue
        for end, other in ((link.a, link.b), (link.b, link.a)):
            cluster = referee.cluster_of(other)
            if members[end].rule is rule and cluster is not referee.cluster_of(end):
                reached[end].setdefault(id(cluster), (cluster, []))[1].append((link.a, link.b))
    for clusters in reached.values():
        outcome.claims.update(pairs[0] for _, pairs in clusters.values() if len(pairs) == 1)
    return {
        key
        for key, clusters in reached.items()
        if not referee.can_be_one([referee.cluster_of(key), *(cluster for cluster, _ in clusters.values())])
    }
