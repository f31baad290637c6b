"""Partners: which identifiers count towards quarantine of another one, and when they are too many."""

from collections import Counter
from collections.abc import Iterable, Mapping

from identity_graph.domain.rules.rule_set import NamespaceRule, RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.pairs import Pair

TOLD_PERCENT = 50
"""From this percentage of ``max_partners`` on an identifier is told to come close to its quarantine."""


def counts_as_partner(partner: NamespaceRule, own: NamespaceRule) -> bool:
    """Whether identifiers of one namespace count as partners of those of another.

    A customer has one of them, or few (a window does not matter) and they are stronger: many of them are many people.
    Weaker ones do not count: whoever clears cookies stays one person.
    """
    limit = partner.limit
    return limit is not None and (limit.count == 1 or partner.rank < own.rank)


def find_partner_scope(partner: Identifier, identifier: Identifier, rules: RuleSet) -> str | None:
    """Name the scope in which one identifier counts as a partner of another; None when it does not count."""
    rule, own = rules.find_namespace(partner.namespace), rules.find_namespace(identifier.namespace)
    if rule is None or own is None or not counts_as_partner(rule, own):
        return None
    return rule.scope_of(partner.value)


def count_partner_steps(
    pairs: Iterable[tuple[Pair, int]], identifiers: Mapping[str, Identifier], rules: RuleSet
) -> dict[str, Counter[str]]:
    """Count what pairs, that come (1) or go (-1), change in the partners of their ends, by key and scope."""
    steps: dict[str, Counter[str]] = {}
    for (a, b), step in pairs:
        for end, other in ((a, b), (b, a)):
            scope = find_partner_scope(identifiers[other], identifiers[end], rules)
            if scope is not None:
                steps.setdefault(end, Counter())[scope] += step
    return steps


def is_quarantined(partners: Mapping[str, int], rule: NamespaceRule, *, overruled: bool) -> bool:
    """Whether an identifier is set apart: it has more partners than it may, and nobody said that this does not matter."""
    return not overruled and has_too_many_partners(partners, rule)


def has_too_many_partners(partners: Mapping[str, int], rule: NamespaceRule) -> bool:
    """Whether an identifier of this rule has more partners of one namespace and scope than it may; they are per scope."""
    return bool(partners) and max(partners.values()) > rule.max_partners


def crowding_of(partners: Mapping[str, int], rule: NamespaceRule) -> int | None:
    """Tell how full an identifier is of partners, in percent of what it may have; None below one half."""
    share = 100 * max(partners.values(), default=0) // rule.max_partners
    return share if share >= TOLD_PERCENT else None


def most_partners(partners: Mapping[str, int]) -> tuple[str, int]:
    """Find the scope of which an identifier has most partners; of several the first by name."""
    return min(partners.items(), key=lambda item: (-item[1], item[0]), default=("identifiers", 0))
