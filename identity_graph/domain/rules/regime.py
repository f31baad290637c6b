"""The rules that a unit of work goes by."""

from dataclasses import dataclass

from identity_graph.domain.rules.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class Regime:
    """The rules in force, and their version."""

    rules: RuleSet
    version: int
