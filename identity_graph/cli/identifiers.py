"""The identifiers of a customer, in the order in which commands show them."""

from collections.abc import Iterable

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.rules.rule_set import RuleSet


def strongest_first(rows: Iterable[CustomerIdentifier], rules: RuleSet) -> list[CustomerIdentifier]:
    """Sort identifiers by the priority of their namespaces; those that the rules do not know come last."""

    def rank(row: CustomerIdentifier) -> tuple[int, str, str]:
        rule = rules.find_namespace(row.namespace)
        return (rule.priority if rule else len(rules.namespaces), row.namespace, row.value)

    return sorted(rows, key=rank)
