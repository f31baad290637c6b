"""The pure function: how many links it resolves in a second, without any database."""

import time
from dataclasses import dataclass

from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.resolution import resolve
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event


@dataclass(frozen=True, slots=True)
class ResolveSpeed:
    """What ``resolve`` was given and how long it took, gathering of the evidence included."""

    observations: int
    links: int
    customers: int
    seconds: float

    @property
    def links_per_second(self) -> float:
        """Distinct links, each with its two identifiers, in a second."""
        return self.links / self.seconds


def measure_resolve(events: list[Event], rules: RuleSet) -> ResolveSpeed:
    """Resolve the events at once and time it."""
    links = len(gather(events, rules).links)
    begun = time.perf_counter()
    resolution = resolve(events, [], rules)
    return ResolveSpeed(len(events), links, len(resolution.customers), time.perf_counter() - begun)
