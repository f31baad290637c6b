"""The rules that a unit of work goes by."""

from dataclasses import dataclass

from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True)
class VersionedRules:
    """Rules and their version."""

    rules: RuleSet
    version: int

    def at(self, now: Instant) -> "Regime":
        """Give a unit of work what it goes by."""
        return Regime(self.rules, self.version, now)


@dataclass(frozen=True, slots=True)
class Regime(VersionedRules):
    """The rules in force, their version, and the time at which a unit of work runs under them."""

    now: Instant
