"""Evidence: what observations say about identifiers and pairs, independent of the order of arrival."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections
from identity_graph.domain.rules.ranking import find_ambiguous
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant, Observation
from identity_graph.domain.values.pairs import Pair

__all__ = ["Evidence", "Link", "Seen", "find_ambiguous", "gather", "linked_pairs"]


@dataclass(slots=True)
class Seen:
    """An identifier with the first and the last moment it was observed."""

    identifier: Identifier
    first_seen: Instant
    last_seen: Instant


@dataclass(slots=True)
class Link:
    """A pair of identifiers that was observed together ``count`` times. ``a`` is the smaller key."""

    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    count: int = 1
    sources: frozenset[str] = frozenset()


@dataclass(slots=True)
class Evidence:
    """Everything that some observations show, by key and by pair."""

    identifiers: dict[str, Seen] = field(default_factory=dict[str, Seen])
    links: dict[Pair, Link] = field(default_factory=dict[Pair, Link])

    def add(self, observation: Observation, rules: RuleSet, corrections: Corrections = NO_CORRECTIONS) -> None:
        """Add one observation, which must not have been added before."""
        at = observation.occurred_at
        for identifier in observation.identifiers:
            key = identifier.key
            seen = self.identifiers.get(key)
            if seen is None:
                self.identifiers[key] = Seen(identifier, at, at)
            elif at > seen.last_seen:
                seen.last_seen = at
            elif at < seen.first_seen:
                seen.first_seen = at
        for pair in linked_pairs(observation.identifiers, rules):
            if not corrections.links(pair, at):
                continue
            link = self.links.get(pair)
            if link is None:
                self.links[pair] = Link(pair[0], pair[1], at, at, 1, frozenset((observation.source,)))
            else:
                link.first_seen = min(link.first_seen, at)
                link.last_seen = max(link.last_seen, at)
                link.count += 1
                if observation.source not in link.sources:
                    link.sources |= {observation.source}


def gather(observations: Iterable[Observation], rules: RuleSet, corrections: Corrections = NO_CORRECTIONS) -> Evidence:
    """Gather the evidence of all observations; of several with one (source, message id) the first counts."""
    evidence = Evidence()
    known: set[tuple[str, str]] = set()
    for observation in observations:
        name = (observation.source, observation.message_id)
        if name not in known:
            known.add(name)
            evidence.add(observation, rules, corrections)
    return evidence


def linked_pairs(identifiers: Iterable[Identifier], rules: RuleSet) -> list[Pair]:
    """List all pairs that an observation of these identifiers links, sorted."""
    identifiers = tuple(identifiers)
    if len(identifiers) < 2:
        return []
    ambiguous = find_ambiguous(identifiers, rules)
    return list(combinations(sorted(identifier.key for identifier in identifiers if identifier not in ambiguous), 2))
