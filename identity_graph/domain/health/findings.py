"""Findings: what the numbers of identity health mean, and what to do about it.

Each threshold is a constant here. A finding either asks for a look (it may be as it should be) or for an act.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.explaining.violations import IgnoredCode
from identity_graph.domain.health.numbers import CROWDED_PERCENT, FULL_PERCENT, Health, NamespaceHealth
from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.rules.rule_set import NamespaceRule, Normalization, RuleSet

ENOUGH_VALUES = 20
"""Values, or customers, below which a share says nothing."""

INVALID_LOOK = 0.05
"""Share of a namespace's values that may be invalid before somebody should look."""

INVALID_ACT = 0.25
"""Share of a namespace's values that may be invalid before something must be done."""

BLOCKED_LOOK = 0.2
"""Share of a namespace's values that may be blocked before somebody should look."""

AMBIGUOUS_LOOK = 0.05
"""Share of a namespace's values that may come together with another of a kind of which a customer has one."""

ANONYMOUS_LOOK = 0.9
"""Share of the customers that may be anonymous before somebody should look."""

QUARANTINED_ACT = 0.01
"""Share of a namespace's identifiers that may be quarantined before something must be done."""


class Level(StrEnum):
    """What a finding requires."""

    LOOK = "look"
    ACT = "act"


class Verdict(StrEnum):
    """The worst of the findings."""

    HEALTHY = "healthy"
    LOOK = "look"
    ACT = "act"


class Finding(NamedTuple):
    """Something that stands out: what it is (``title``), and what to do (``advice``)."""

    level: Level
    code: str
    title: str
    advice: str


def find_findings(health: Health, rules: RuleSet) -> list[Finding]:
    """List what stands out in the numbers, what asks for an act first."""
    found = [
        *_of_rules(rules),
        *_of_all(health),
        *(finding for one in health.namespaces for finding in _of_namespace(one, rules)),
    ]
    return worst_first(found)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: what asks for an act comes first, otherwise they stay as they are."""
    return sorted(findings, key=lambda finding: finding.level is not Level.ACT)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Give the worst of some findings."""
    levels = {finding.level for finding in findings}
    if Level.ACT in levels:
        return Verdict.ACT
    return Verdict.LOOK if levels else Verdict.HEALTHY


def _of_rules(rules: RuleSet) -> Iterable[Finding]:
    for name in rules.unread_namespaces:
        yield Finding(
            Level.ACT,
            "unknown_expression",
            f"The rules in force block values of {name} by a regular expression that this version does not support, so all of "
            "them are blocked.",
            "Write the expression without look-ahead, look-behind and back-references (docs/rules.md#blocked), and apply the "
            "rules: all events are read again.",
        )


def _of_all(health: Health) -> Iterable[Finding]:
    if health.dead_letters:
        yield Finding(
            Level.ACT,
            "dead_letters",
            f"{_count(health.dead_letters, 'message waits', 'messages wait')} among the dead letters.",
            "Look at `deadLetters` in GraphQL, correct their sender (docs/errors/README.md has a page for each code), then "
            "`retryDeadLetters`.",
        )
    if not health.identifiers:
        yield Finding(
            Level.LOOK,
            "empty",
            "The graph has no identifier yet.",
            "Send events (docs/collector.md) or import files (docs/files.md).",
        )
    full = health.violations.get(RefusalCode.CUSTOMER_FULL, 0)
    if full:
        yield Finding(
            Level.ACT,
            "customer_full",
            f"{_count(full, 'link is', 'links are')} refused because two customers together would have more than "
            f"{health.max_identifiers} identifiers.",
            'Look at `violations(code: "customer_full")`: values that many people share belong to `blocked` '
            "(docs/rules.md#blocked); if the customers are real, raise `max_identifiers`.",
        )
    if health.nearly_full_customers:
        yield Finding(
            Level.LOOK,
            "nearly_full",
            f"{_count(health.nearly_full_customers, 'customer has', 'customers have')} at least {FULL_PERCENT} % of the "
            f"{health.max_identifiers} identifiers that a customer may have; the largest has {health.largest_customer}.",
            "Look at `customers(orderBy: SIZE_DESC)`: one person, or a value that many people share?",
        )
    if health.customers >= ENOUGH_VALUES and health.anonymous_share > ANONYMOUS_LOOK:
        yield Finding(
            Level.LOOK,
            "anonymous",
            f"{health.anonymous_share:.0%} of the customers are anonymous: only their visits are known.",
            "Do your apps and sites send `identify` when somebody signs in (docs/collector.md)?",
        )


def _of_namespace(health: NamespaceHealth, rules: RuleSet) -> Iterable[Finding]:
    name = health.namespace
    rule = rules.find_namespace(name)
    if health.quarantined:
        many = health.quarantined >= ENOUGH_VALUES and health.quarantined > QUARANTINED_ACT * health.identifiers
        yield Finding(
            Level.ACT if many else Level.LOOK,
            "quarantined",
            f"{name} has {_count(health.quarantined, 'quarantined value', 'quarantined values')}: seen with more than "
            f"{_most(rule)} identifiers of one namespace, so their links do not count.",
            'Look at `violations(code: "quarantined")`. Block them if they are shared, such as a shop\'s tablet or a '
            "placeholder (docs/rules.md#blocked); overrule the quarantine of values that belong to one person "
            "(`overruleQuarantine`); raise `max_partners` if it is too low for this namespace.",
        )
    if health.crowded:
        yield Finding(
            Level.LOOK,
            "crowded",
            f"{name} has {_count(health.crowded, 'value', 'values')} with at least {CROWDED_PERCENT} % of "
            f"{_most(rule)} partners allowed in one namespace.",
            "Look at `identityHealth { suspects }` before they are quarantined.",
        )
    if health.came < ENOUGH_VALUES:
        return
    if rule is None and health.ignored.get(IgnoredCode.UNDECLARED):
        yield Finding(
            Level.LOOK,
            "undeclared",
            f"{_count(health.ignored[IgnoredCode.UNDECLARED], 'value', 'values')} arrived in the namespace {name}, which the "
            "rules do not declare.",
            f"Declare {name} in the rules if it identifies people, or tell its sender to leave it out "
            "(docs/rules.md#keys).",
        )
    invalid = health.share_of(IgnoredCode.INVALID)
    if invalid > INVALID_LOOK:
        is_phone = rule is not None and rule.normalize is Normalization.PHONE
        yield Finding(
            Level.ACT if invalid > INVALID_ACT else Level.LOOK,
            "invalid",
            f"{invalid:.0%} of the {name} values are invalid.",
            f"Check the region: numbers without a country code are read as numbers of {rules.default_region} (`default_region`)."
            if is_phone
            else 'Look at `violations(code: "invalid")` for examples, and check their sender.',
        )
    blocked = health.share_of(IgnoredCode.BLOCKED)
    if blocked > BLOCKED_LOOK:
        yield Finding(
            Level.LOOK,
            "blocked",
            f"{blocked:.0%} of the {name} values are blocked, so they are not identifiers.",
            "A sender writes placeholders instead of leaving the field out: correct the sender.",
        )
    ambiguous = health.share_of(IgnoredCode.AMBIGUOUS_OBSERVATION)
    if ambiguous > AMBIGUOUS_LOOK:
        yield Finding(
            Level.LOOK,
            "ambiguous_observation",
            f"{ambiguous:.0%} of the {name} values came together with another {name}, of which a customer has one.",
            f"Does a sender mix two people, or may a customer have several (`limit` of {name}, docs/rules.md)?",
        )


def _most(rule: NamespaceRule | None) -> str:
    return "the allowed number of" if rule is None else f"{rule.max_partners:,}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
