"""Violations: what did not count under the rules, and why, in a sentence with the rule and the numbers."""

from collections.abc import Mapping
from enum import StrEnum

from identity_graph.domain.explaining import sentences
from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.rules.rule_set import RuleSet


class IgnoredCode(StrEnum):
    """Why a value of an event is no identifier, or links nothing."""

    BLOCKED = "blocked"
    INVALID = "invalid"
    UNDECLARED = "undeclared"
    CLAIMED = "claimed"
    AMBIGUOUS_OBSERVATION = "ambiguous_observation"
    UNREADABLE_FIELD = "unreadable_field"


VIOLATION_CODES: frozenset[str] = frozenset([*RefusalCode, *IgnoredCode])
"""Every code that a violation may have."""

_IGNORED = {
    IgnoredCode.BLOCKED: '"{value}" is blocked as a {namespace}, so it is not an identifier.',
    IgnoredCode.INVALID: '"{value}" is not a valid {namespace}: it cannot be normalised.',
    IgnoredCode.UNDECLARED: "The rules do not declare the namespace {namespace}, so its values are ignored.",
    IgnoredCode.CLAIMED: '"{value}" is only claimed: the source of the event may not assert a {namespace}, or not link it with '
    "what else the event says (`sources` of the rules).",
    IgnoredCode.AMBIGUOUS_OBSERVATION: '"{value}" was seen together with another {namespace}, of which a customer has one, '
    "so this observation links neither.",
    IgnoredCode.UNREADABLE_FIELD: "The field {namespace} of the message was left out: its value, {value}, cannot be taken.",
}


def explain_quarantine(key: str, partners: Mapping[str, int], rules: RuleSet) -> str:
    """Say with how many identifiers of which namespace an identifier was seen; ``partners`` are per scope."""
    return f"{sentences.say_quarantined(key, partners, rules)}."


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
    match code:
        case RefusalCode.AMBIGUOUS_OWNER:
            reason = sentences.say_ambiguous(ambiguous or a)
        case RefusalCode.JUDGED_DIFFERENT:
            reason = "a judgement says that their customers are different persons"
        case RefusalCode.CUSTOMER_FULL:
            reason = sentences.say_full(*sizes, rules.max_identifiers)
        case _:
            reason = sentences.say_counts(*counts, rules) or sentences.say_stood_between()
    return f"{sentences.name(a)} and {sentences.name(b)} were seen together, but {reason}."


def explain_ignored(code: str, namespace: str, value: str) -> str:
    """Say why a value of an event is no identifier, or links nothing."""
    return _IGNORED[IgnoredCode(code)].format(namespace=namespace, value=value)
