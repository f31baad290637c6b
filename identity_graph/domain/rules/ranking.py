"""Identifiers beside each other under rules: which is the strongest, which contradict, which the rules know."""

from collections.abc import Iterable, Sequence

from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier


def find_ambiguous(identifiers: Iterable[Identifier], rules: RuleSet) -> frozenset[Identifier]:
    """Find the identifiers that share a ``limit: 1`` namespace and scope: seen together, they link with nothing."""
    first: dict[str, Identifier] = {}
    ambiguous: set[Identifier] = set()
    for identifier in identifiers:
        rule = rules.get_namespace(identifier.namespace)
        if rule.is_unique:
            other = first.setdefault(rule.scope_of(identifier.value), identifier)
            if other != identifier:
                ambiguous |= {other, identifier}
    return frozenset(ambiguous)


def find_strongest(identifiers: Sequence[Identifier], rules: RuleSet) -> Identifier:
    """Find the identifier with the highest priority, of several of one namespace the smaller key."""
    if len(identifiers) == 1:
        return identifiers[0]
    return min(identifiers, key=lambda identifier: (rules.get_namespace(identifier.namespace).rank, identifier.value))


def usable_identifiers(keys: Iterable[str], rules: RuleSet) -> list[Identifier]:
    """Read keys as identifiers, without those whose namespaces the rules do not know any more."""
    identifiers = [Identifier.from_key(key) for key in keys]
    return [identifier for identifier in identifiers if rules.find_namespace(identifier.namespace) is not None]
