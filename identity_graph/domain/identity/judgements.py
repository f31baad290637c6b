"""Judgements: what a person said about identifiers. They outrank what was observed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair, pair_of


class Verdict(StrEnum):
    """Whether two identifiers are one person's."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """Two identifiers are, or are not, one person's. ``a`` is the smaller key."""

    a: str
    b: str
    verdict: Verdict

    @classmethod
    def of(cls, verdict: Verdict, one: str, other: str) -> Self:
        """Make a judgement of two keys in either order.

        Raises:
            ValueError: the two are one.
        """
        if one == other:
            raise ValueError("a judgement needs two identifiers")
        return cls(*pair_of(one, other), verdict)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was taken back of the evidence itself.

    ``unlinked`` names for a pair the moment up to which (inclusive) observations do not link it; ``overruled`` are the
    identifiers that are never quarantined. ``unbound`` names for an identifier the moment up to which (inclusive)
    observations do not link it with anything.
    """

    unlinked: Mapping[Pair, Instant] = field(default_factory=dict[Pair, Instant])
    overruled: frozenset[str] = frozenset()
    unbound: Mapping[str, Instant] = field(default_factory=dict[str, Instant])

    def links(self, pair: Pair, at: Instant) -> bool:
        """Whether an observation at this moment links the pair."""
        until = self.unlinked_until(pair) if self.unbound else self.unlinked.get(pair)
        return until is None or at > until

    def unlinked_until(self, pair: Pair) -> Instant | None:
        """Give the moment up to which (inclusive) observations do not link the pair; None when all do."""
        until = self.unlinked.get(pair)
        if self.unbound:
            for key in pair:
                moment = self.unbound.get(key)
                if moment is not None and (until is None or moment > until):
                    until = moment
        return until


NO_CORRECTIONS = Corrections()


def find_chain(same: Iterable[Judgement], a: str, b: str) -> list[Judgement]:
    """Find the shortest chain of ``same`` judgements from one key to another; empty when none leads there."""
    steps: dict[str, list[tuple[str, Judgement]]] = {}
    for judgement in sorted(same):
        steps.setdefault(judgement.a, []).append((judgement.b, judgement))
        steps.setdefault(judgement.b, []).append((judgement.a, judgement))
    came_by: dict[str, tuple[str, Judgement]] = {}
    queue = [a]
    for key in queue:
        for other, judgement in steps.get(key, ()):
            if other != a and other not in came_by:
                came_by[other] = (key, judgement)
                queue.append(other)
    chain: list[Judgement] = []
    key = b
    while key in came_by:
        key, judgement = came_by[key]
        chain.append(judgement)
    return chain[::-1]
