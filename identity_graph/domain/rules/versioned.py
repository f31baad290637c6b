"""Rules and their version."""

from dataclasses import dataclass

from identity_graph.domain.rules.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class VersionedRules:
    """Rules and their version."""

    rules: RuleSet
    version: int
