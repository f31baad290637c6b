"""The identifiers of a customer: as they are given to commands, and in the order in which commands show them."""

from collections.abc import Iterable

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.errors import InvalidInputError


def split_identifier(text: str) -> tuple[str, str]:
    """Divide what was given into a namespace and a value.

    Raises:
        InvalidInputError: it has no namespace or no value.
    """
    namespace, colon, value = text.partition(":")
    if not colon or not value.strip():
        raise InvalidInputError(
            f"{text} names no namespace: write it as namespace:value, such as email:mei@example.com.", value=text
        )
    return namespace, value


def strongest_first(rows: Iterable[CustomerIdentifier], rules: RuleSet) -> list[CustomerIdentifier]:
    """Sort identifiers by the priority of their namespaces; those that the rules do not know come last."""

    def rank(row: CustomerIdentifier) -> tuple[int, str, str]:
        rule = rules.find_namespace(row.namespace)
        return (rule.priority if rule else len(rules.namespaces), row.namespace, row.value)

    return sorted(rows, key=rank)
