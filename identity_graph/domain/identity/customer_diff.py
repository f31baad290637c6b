"""What other rules would change: the customers before and after, counted, with the most striking examples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from identity_graph.domain.identity.evidence import Seen

MOST_EXAMPLES = 100
"""Examples that are kept at most, the most striking ones."""

LARGEST = 10
"""How many sizes of new customers are told, the largest first."""

Customer = frozenset[str]
"""The keys of a customer's identifiers."""


class DiffExample(NamedTuple):
    """Customers that share identifiers: as they are, and as they would be. Keys are sorted, larger customers come first."""

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]

    @property
    def rank(self) -> tuple[int, int, tuple[tuple[str, ...], ...]]:
        """Sort the most striking first: many customers, then many identifiers; then by key, so that it is the same each time."""
        customers = self.before + self.after
        return -len(customers), -sum(map(len, customers)), customers


@dataclass(slots=True)
class RuleDiff:
    """A tally that is added to part by part.

    ``merged`` counts customers of now that would share a customer with another one, ``split`` those whose identifiers
    would be in several, ``unchanged`` those that would have the same identifiers and nothing of others. A customer may be
    both merged and split, and one that merely gains or loses identifiers is none of the three. ``largest`` are the sizes of
    the largest customers that would be new. ``newcomers`` are identifiers of the examples that nobody has now.
    """

    customers_before: int = 0
    customers_after: int = 0
    merged: int = 0
    split: int = 0
    unchanged: int = 0
    examples: list[DiffExample] = field(default_factory=list[DiffExample])
    largest: list[int] = field(default_factory=list[int])
    newcomers: dict[str, Seen] = field(default_factory=dict[str, Seen])

    def add_unchanged(self, customers: int) -> None:
        """Count customers that stay what they are."""
        self.customers_before += customers
        self.customers_after += customers
        self.unchanged += customers

    def add(
        self,
        before: Sequence[Customer],
        after: Sequence[Customer],
        read_as: Mapping[str, Iterable[str]] | None = None,
        newcomers: Mapping[str, Seen] | None = None,
    ) -> None:
        """Add a part of the graph whose customers before and after have nothing to do with the others.

        ``read_as`` names, for identifiers that would be gone, what their values would be read as; ``newcomers`` are those
        that nobody has now.
        """
        if set(before) == set(after):
            self.add_unchanged(len(before))
            return
        self.customers_before += len(before)
        self.customers_after += len(after)
        flows = _find_flows(before, after, read_as or {})
        sources: dict[int, set[int]] = {}
        for index, targets in enumerate(flows):
            for target in targets:
                sources.setdefault(target, set()).add(index)
        kept: set[int] = set()
        for index, targets in enumerate(flows):
            shares = any(len(sources[target]) > 1 for target in targets)
            self.merged += shares
            self.split += len(targets) > 1
            if not shares and len(targets) == 1 and after[min(targets)] == before[index]:
                self.unchanged += 1
                kept |= targets
        self.largest += [len(customer) for index, customer in enumerate(after) if index not in kept]
        self.largest = sorted(self.largest, reverse=True)[:LARGEST]
        self.examples += _list_examples(before, after, flows, kept)
        self.examples = sorted(self.examples, key=lambda example: example.rank)[:MOST_EXAMPLES]
        if newcomers:
            self.newcomers.update(newcomers)
            shown = {key for example in self.examples for customer in example.after for key in customer}
            self.newcomers = {key: seen for key, seen in self.newcomers.items() if key in shown}


def _find_flows(
    before: Sequence[Customer], after: Sequence[Customer], read_as: Mapping[str, Iterable[str]]
) -> list[set[int]]:
    """Tell for every customer before in which ones its identifiers end."""
    place = {key: index for index, customer in enumerate(after) for key in customer}
    return [
        {place[end] for key in customer for end in ([key] if key in place else read_as.get(key, ())) if end in place}
        for customer in before
    ]


def _list_examples(
    before: Sequence[Customer], after: Sequence[Customer], flows: Sequence[set[int]], kept: set[int]
) -> Iterable[DiffExample]:
    """Group the customers that hang together by where their identifiers go, but for those that stay."""
    group_of: dict[int, tuple[list[int], set[int]]] = {}
    lost: list[int] = []
    for index, targets in enumerate(flows):
        if targets & kept:
            continue
        if not targets:
            lost.append(index)
            continue
        group: tuple[list[int], set[int]] = ([index], set(targets))
        for found in {id(group_of[t]): group_of[t] for t in targets if t in group_of}.values():
            group = (group[0] + found[0], group[1] | found[1])
        group_of.update(dict.fromkeys(group[1], group))
    for olds, news in {id(group): group for group in group_of.values()}.values():
        yield DiffExample(_show(before[index] for index in olds), _show(after[index] for index in news))
    yield from (DiffExample(_show([before[index]]), ()) for index in lost)
    fresh = (index for index in range(len(after)) if index not in kept and index not in group_of)
    yield from (DiffExample((), _show([after[index]])) for index in fresh)


def _show(customers: Iterable[Customer]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(sorted(customer)) for customer in customers), key=lambda keys: (-len(keys), keys)))
