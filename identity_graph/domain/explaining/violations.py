"""Violations: what did not count under the rules, and why, in a sentence with the rule and the numbers."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.rules.partners import most_partners
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier


class IgnoredCode(StrEnum):
    """Why a value of an event is no identifier, or links nothing."""

    BLOCKED = "blocked"
    INVALID = "invalid"
    UNDECLARED = "undeclared"
    AMBIGUOUS_OBSERVATION = "ambiguous_observation"
    UNREADABLE_FIELD = "unreadable_field"


VIOLATION_CODES: frozenset[str] = frozenset([*RefusalCode, *IgnoredCode])
"""Every code that a violation may have."""

_DAY = 86_400_000_000
_IGNORED = {
    IgnoredCode.BLOCKED: '"{value}" is blocked as a {namespace}, so it is not an identifier.',
    IgnoredCode.INVALID: '"{value}" is not a valid {namespace}: it cannot be normalised.',
    IgnoredCode.UNDECLARED: "The rules do not declare the namespace {namespace}, so its values are ignored.",
    IgnoredCode.AMBIGUOUS_OBSERVATION: '"{value}" was seen together with another {namespace}, of which a customer has one, '
    "so this observation links neither.",
    IgnoredCode.UNREADABLE_FIELD: "The field {namespace} of the message was left out: its value, {value}, cannot be read.",
}


def explain_quarantine(identifier: Identifier, partners: Mapping[str, int], rules: RuleSet) -> str:
    """Say with how many identifiers of which namespace an identifier was seen; ``partners`` are per scope."""
    scope, count = most_partners(partners)
    rule = rules.find_namespace(identifier.namespace)
    allowed = f"; max_partners of {identifier.namespace} is {rule.max_partners}" if rule else ""
    return f"{identifier.key} was seen with {count} {_name(scope)}{allowed}: none of its links count."


def explain_refusal(
    code: str,
    a: str,
    b: str,
    counts: tuple[Mapping[str, int], Mapping[str, int]],
    sizes: tuple[int, int],
    rules: RuleSet,
    *,
    ambiguous: str | None = None,
) -> str:
    """Say why the link of two keys joins nobody.

    ``counts`` (per limited scope) and ``sizes`` are those of the two customers; ``ambiguous`` is the end that several
    customers claim.
    """
    pair = f"{a} and {b} were seen together"
    match code:
        case RefusalCode.AMBIGUOUS_OWNER:
            return f"{pair}, but several customers claim {ambiguous or a}, and the rules give it to nobody."
        case RefusalCode.JUDGED_DIFFERENT:
            return f"{pair}, but a judgement says that their customers are different persons."
        case RefusalCode.CUSTOMER_FULL:
            return (
                f"{pair}, but their customers together have {sum(sizes)} identifiers ({sizes[0]} and {sizes[1]}); "
                f"max_identifiers is {rules.max_identifiers}."
            )
        case _:
            return f"{pair}, but {_exceeded(counts, rules)}."


def explain_ignored(code: str, namespace: str, value: str) -> str:
    """Say why a value of an event is no identifier, or links nothing."""
    return _IGNORED[IgnoredCode(code)].format(namespace=namespace, value=value)


def _exceeded(counts: tuple[Mapping[str, int], Mapping[str, int]], rules: RuleSet) -> str:
    """Name the limits that the two customers together exceed."""
    found = list(_limits_exceeded(*counts, rules))
    return "; ".join(found) if found else "a limit kept their customers apart when links of their tier were considered"


def _limits_exceeded(a: Mapping[str, int], b: Mapping[str, int], rules: RuleSet) -> Iterable[str]:
    for scope in sorted(a.keys() & b.keys()):
        namespace = scope.partition("/")[0]
        rule = rules.find_namespace(namespace)
        if rule is None or rule.limit is None or a[scope] + b[scope] <= rule.limit.count:
            continue
        within = "" if rule.limit.within is None else f" within {rule.limit.within / _DAY:g} days"
        yield (
            f"their customers together have {a[scope] + b[scope]} {_name(scope)} ({a[scope]} and {b[scope]}); "
            f"limit of {namespace} is {rule.limit.count}{within}"
        )


def _name(scope: str) -> str:
    """Read a scope as people do: ``openid/wx1`` is ``openid of wx1``."""
    namespace, slash, rest = scope.partition("/")
    return f"{namespace} of {rest}" if slash else namespace
