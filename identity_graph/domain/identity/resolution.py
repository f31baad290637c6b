"""Resolution: the customers that follow from all facts under given rules, as one pure function."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.identity.derivation import derive
from identity_graph.domain.identity.evidence import Evidence, gather
from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections, Judgement, Verdict
from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.rules.partners import counts_as_partner, is_quarantined
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.domain.values.pairs import Pair, pair_of


class RefusalCode(StrEnum):
    """Why a link does not hold, read off the final state. Of several reasons the one that stands first here is told."""

    QUARANTINED = "quarantined"
    AMBIGUOUS_OWNER = "ambiguous_owner"
    JUDGED_DIFFERENT = "judged_different"
    CUSTOMER_FULL = "customer_full"
    LIMIT_EXCEEDED = "limit_exceeded"


class RefusedLink(NamedTuple):
    """A link whose ends are in different customers. ``a`` is the smaller key."""

    a: str
    b: str
    code: RefusalCode


@dataclass(frozen=True, slots=True)
class Resolution:
    """All customers as sets of identifier keys, all refused links, and the identifiers that are set apart."""

    customers: frozenset[frozenset[str]]
    refused: frozenset[RefusedLink]
    quarantined: frozenset[str]
    ambiguous: frozenset[str]


def resolve(
    observations: Iterable[Observation],
    judgements: Iterable[Judgement],
    rules: RuleSet,
    corrections: Corrections = NO_CORRECTIONS,
) -> Resolution:
    """Derive the customers from the facts; their order and repeats do not matter.

    Of several observations with one (source, message id) the first counts. Every identifier must be usable under the
    rules. Judgements of identifiers that were never observed are left out.
    """
    return resolve_evidence(gather(observations, rules, corrections), judgements, rules, corrections.overruled)


def resolve_evidence(
    evidence: Evidence, judgements: Iterable[Judgement], rules: RuleSet, overruled: frozenset[str] = frozenset()
) -> Resolution:
    """Derive the customers from gathered evidence; ``overruled`` identifiers are never quarantined."""
    judgements = [j for j in judgements if j.a in evidence.identifiers and j.b in evidence.identifiers]
    members = {key: member_of(seen.identifier, seen.last_seen, rules) for key, seen in evidence.identifiers.items()}
    quarantined = find_quarantined(evidence.links, members, overruled)
    links = [link for (a, b), link in evidence.links.items() if a not in quarantined and b not in quarantined]
    outcome = derive(members, links, judgements, rules)
    owner = {key: part for part in outcome.parts for key in part}
    different = {(j.a, j.b) for j in judgements if j.verdict is Verdict.DIFFERENT}
    refused: set[RefusedLink] = set()
    for a, b in evidence.links:
        if owner[a] is not owner[b]:
            code = refusal_code(
                quarantined=a in quarantined or b in quarantined,
                ambiguous=a in outcome.ambiguous or b in outcome.ambiguous,
                judged=any(pair_of(x, y) in different for x in owner[a] for y in owner[b]) if different else False,
                size=len(owner[a]) + len(owner[b]),
                max_size=rules.max_identifiers,
            )
            refused.add(RefusedLink(a, b, code))
    return Resolution(
        frozenset(outcome.parts), frozenset(refused), frozenset(quarantined), frozenset(outcome.ambiguous)
    )


def member_of(identifier: Identifier, last_seen: Instant, rules: RuleSet) -> Member:
    """Look up what the derivation needs to know of an identifier."""
    rule = rules.get_namespace(identifier.namespace)
    scope = None if rule.limit is None else rule.scope_of(identifier.value)
    return Member(identifier.key, rule, scope, last_seen)


def find_quarantined(pairs: Iterable[Pair], members: Mapping[str, Member], overruled: Container[str] = ()) -> set[str]:
    """Find the identifiers with more partners of one namespace and scope than their rule allows, but for overruled ones."""
    return {
        key
        for key, partners in count_partners(pairs, members).items()
        if is_quarantined(partners, members[key].rule, overruled=key in overruled)
    }


def count_partners(pairs: Iterable[Pair], members: Mapping[str, Member]) -> dict[str, Counter[str]]:
    """Count partners per scope, of the identifiers that have any."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for a, b in pairs:
        for end, other in ((members[a], members[b]), (members[b], members[a])):
            if other.scope is not None and counts_as_partner(other.rule, end.rule):
                counted[end.key][other.scope] += 1
    return counted


def refusal_code(*, quarantined: bool, ambiguous: bool, judged: bool, size: int, max_size: int) -> RefusalCode:
    """Read the code of a refused link off the final state; ``size`` is that of both customers together."""
    if quarantined:
        return RefusalCode.QUARANTINED
    if ambiguous:
        return RefusalCode.AMBIGUOUS_OWNER
    if judged:
        return RefusalCode.JUDGED_DIFFERENT
    if size > max_size:
        return RefusalCode.CUSTOMER_FULL
    return RefusalCode.LIMIT_EXCEEDED
