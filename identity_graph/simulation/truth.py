"""Who really left which identifier, and how well an assignment of identifiers to customers agrees with it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Truth:
    """What is known of a world, as far as its messages have been drawn.

    ``owners`` maps an identifier's key (``namespace:normalised value``) to the people who left it. Blocked and invalid
    values are no identifiers and are not in it. ``evidence`` holds, for each person, the groups of keys that the
    person's own messages join: nobody could know more from the messages.
    """

    owners: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    evidence: dict[str, list[set[str]]] = field(default_factory=dict[str, list[set[str]]])
    _last: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def record(self, person: str, keys: tuple[str, ...]) -> None:
        """Note that ``person`` left ``keys`` together in one message."""
        if not keys or self._last.get(person) == keys:
            return
        self._last[person] = keys
        owners = self.owners
        for key in keys:
            known = owners.get(key, ())
            if person not in known:
                owners[key] = (*known, person)
        groups = self.evidence.setdefault(person, [])
        if any(group.issuperset(keys) for group in groups):
            return
        joined = set(keys)
        apart: list[set[str]] = []
        for group in groups:
            if group.isdisjoint(joined):
                apart.append(group)
            else:
                joined |= group
        self.evidence[person] = [*apart, joined]

    @property
    def shared(self) -> list[str]:
        """Keys that several people left (store tablets, family devices, recycled numbers): they have no one owner."""
        return [key for key, people in self.owners.items() if len(people) > 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairwiseScore:
    """Agreement of an assignment with the truth, counted over pairs of identifiers that have exactly one owner.

    A pair is true when one person owns both, found when one customer holds both, provable when that person's messages
    join both. ``excluded`` counts the identifiers that several people left: they are in no pair.
    """

    identifiers: int
    excluded: int
    people: int
    customers: int
    pairs_true: int
    pairs_provable: int
    pairs_found: int
    pairs_correct: int

    @property
    def precision(self) -> float:
        """The share of found pairs that are true; 1 when none was found."""
        return self.pairs_correct / self.pairs_found if self.pairs_found else 1.0

    @property
    def recall(self) -> float:
        """The share of true pairs that were found; 1 when there is none."""
        return self.pairs_correct / self.pairs_true if self.pairs_true else 1.0

    @property
    def best_recall(self) -> float:
        """The recall of someone who knew who sent each message, but nothing beyond the messages."""
        return self.pairs_provable / self.pairs_true if self.pairs_true else 1.0


def evaluate(assignment: Mapping[str, str], truth: Truth) -> PairwiseScore:
    """Compare an assignment (identifier key to customer id) with the truth, in time linear in the identifiers.

    Keys that the truth does not know are left out; one that the assignment lacks is a customer of its own.
    """
    owner = {key: people[0] for key, people in truth.owners.items() if len(people) == 1}
    assigned = {key: assignment[key] for key in owner if key in assignment}
    provable = (sum(key in owner for key in group) for groups in truth.evidence.values() for group in groups)
    return PairwiseScore(
        identifiers=len(owner),
        excluded=len(truth.owners) - len(owner),
        people=len(set(owner.values())),
        customers=len(set(assigned.values())) + len(owner) - len(assigned),
        pairs_true=_pairs(Counter(owner.values()).values()),
        pairs_provable=_pairs(provable),
        pairs_found=_pairs(Counter(assigned.values()).values()),
        pairs_correct=_pairs(Counter((customer, owner[key]) for key, customer in assigned.items()).values()),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
