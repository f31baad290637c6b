"""Finding customers by any identifier."""

from identity_graph.domain.identity.read_models import OwnedIdentifier
from identity_graph.domain.rules.normalization import normalize_lookup, undeclared_form
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.errors import InvalidInputError
from identity_graph.service.customers.cards import read_identifiers
from identity_graph.service.reads import Reads
from identity_graph.store.customers import identifiers as reading_identifiers


async def lookup(reads: Reads, rules: RuleSet, value: str, namespace: str | None = None) -> list[OwnedIdentifier]:
    """Find the identifiers that a raw value may mean, strongest namespace first; none when it is unknown.

    The value is normalised like the data, so the spelling does not matter.

    Raises:
        InvalidInputError: the rules have no such namespace.
        RestrictedError: a customer whom it means asked that their data not be used.
    """
    keys = await find_all_keys(reads, rules, value, namespace)
    rows = await read_identifiers(reads, keys) if keys else []
    return [row for row in rows if row is not None]


async def find_all_keys(reads: Reads, rules: RuleSet, value: str, namespace: str | None) -> list[str]:
    """List the keys that a raw value may stand for, strongest first; without a namespace those of undeclared ones, too.

    Raises:
        InvalidInputError: the rules have no such namespace.
    """
    keys = find_keys(rules, value, namespace)
    form = undeclared_form(value, rules) if namespace is None else None
    if form is not None:
        declared = list(rules.namespaces)
        rows = await reads.run(reading_identifiers.find_undeclared.call(value=form, declared=declared))
        keys += [row.key for row in rows]
    return keys


def find_keys(rules: RuleSet, value: str, namespace: str | None) -> list[str]:
    """List the keys that a raw value may stand for in declared namespaces, or in the one that is named, strongest first.

    Raises:
        InvalidInputError: the rules have no such namespace.
    """
    if namespace is not None and rules.find_namespace(namespace) is None:
        known = ", ".join(rules.namespaces)
        raise InvalidInputError(f"The rules have no namespace {namespace!r}; they have {known}.", namespace=namespace)
    return [identifier.key for identifier in normalize_lookup(value, namespace, rules)]
