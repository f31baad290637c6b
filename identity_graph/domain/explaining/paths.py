"""Paths of evidence: how two identifiers of one customer are connected."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair

Tier = tuple[int, str]
"""The rank of a link's weaker namespace; the smallest is the strongest."""

JUDGED: Tier = (-1, "")
"""The tier of a judgement, which is stronger than any link."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """Something that holds two identifiers together. ``at`` is when it was last said or seen."""

    pair: Pair
    tier: Tier
    at: Instant


@dataclass(frozen=True, slots=True, order=True)
class _Way:
    """A way from the start; the smaller of two that are equally long is the better one."""

    tiers: tuple[Tier, ...] = ()
    ages: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    steps: tuple[PathStep, ...] = field(default=(), compare=False)

    def along(self, step: PathStep, key: str) -> "_Way":
        return _Way(
            tuple(sorted((*self.tiers, step.tier), reverse=True)),
            tuple(sorted((*self.ages, -step.at), reverse=True)),
            (*self.keys, key),
            (*self.steps, step),
        )


def find_path(steps: Iterable[PathStep], start: str, end: str) -> list[PathStep]:
    """Find the best way from one key to another; empty when there is none, or when they are one.

    The fewest steps are best. Of ways that are equally long the one whose weakest step is of the strongest tier, then
    the second weakest and so on; then the one whose oldest step is the newest, and so on; then by the keys on the way.
    """
    around: dict[str, list[PathStep]] = {}
    for step in steps:
        for key in step.pair:
            around.setdefault(key, []).append(step)
    known = {start: _Way()}
    front = {start: known[start]}
    while front and end not in known:
        reached: dict[str, _Way] = {}
        for key, way in front.items():
            for step in around.get(key, ()):
                other = step.pair[1] if step.pair[0] == key else step.pair[0]
                if other not in known:
                    candidate = way.along(step, other)
                    best = reached.get(other)
                    if best is None or candidate < best:
                        reached[other] = candidate
        known.update(reached)
        front = reached
    return list(known[end].steps) if end in known else []
