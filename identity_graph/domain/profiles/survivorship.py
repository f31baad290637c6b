"""Survivorship: how the claims of a trait, of one identifier or of a customer's several, come to one value.

A deletion voids every claim of the customer at or before it, whichever identifier that one belongs to and whatever the
policy. So the value is a function of the set of the customer's claims. What is stored of an identifier's claims is enough to
combine it with that of others, unless a deletion of another identifier falls between its claims: then these are read again.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b
from typing import Any

from identity_graph.domain.profiles.catalogue import Catalogue, meaning_of
from identity_graph.domain.profiles.claims import Claim, Order, listed_in, text_of
from identity_graph.domain.profiles.difference import stored_form
from identity_graph.domain.profiles.tallies import EXACT, MOST_VALUES, Best, Tally
from identity_graph.domain.profiles.trait_types import Policy, ValueType
from identity_graph.domain.profiles.trait_values import decimal_of, number_of
from identity_graph.domain.values.instants import day_in
from identity_graph.domain.values.times import read_moment

BLIND = frozenset({Policy.NEWEST, Policy.LAST})
"""Policies of which the newest claim is all that is kept: it is written without looking."""

_OLDEST = frozenset({Policy.OLDEST, Policy.FIRST})
_COMPARING = BLIND | _OLDEST | {Policy.SOURCE_PRIORITY, Policy.MIN, Policy.MAX}
_SUMMING = frozenset({Policy.COUNT, Policy.SUM, Policy.MEAN})


class Survivorship:
    """The policy of a trait under a catalogue: adds claims to tallies, combines these, and gives the value.

    A tally that is stored keeps ``most_values`` different values; one that is made for an answer keeps all of them (None).
    """

    def __init__(self, name: str, catalogue: Catalogue, most_values: int | None = MOST_VALUES) -> None:
        self.trait = catalogue.trait(name)
        self._most_values = most_values
        self._policy = self.trait.policy
        self._catalogue = catalogue

    @cached_property
    def stamp(self) -> str:
        """What a stored tally is marked with: it changes with all that the tally depends on."""
        form = text_of(meaning_of(list(stored_form(self.trait.name, self._catalogue)))).encode()
        return f"{self._policy} {blake2b(form, digest_size=8).hexdigest()}"

    @property
    def compares(self) -> bool:
        """Whether the value is that of one claim; otherwise all of them count in it."""
        return self._policy in _COMPARING

    def tally(self, claims: Iterable[Claim], owner: str, after: Order | None = None) -> Tally:
        """Tally the claims of an identifier from scratch; those up to ``after`` are void."""
        in_order = sorted(claims, key=lambda claim: claim.order)
        deletions = [claim.order for claim in in_order if claim.value is None]
        tally = Tally(deleted=max((*deletions, *([] if after is None else [after])), default=None))
        for claim in in_order:
            self.add(tally, claim, owner)
        return tally

    def add(self, tally: Tally, claim: Claim, owner: str) -> bool:
        """Add a claim to those of an identifier; False when all of them are needed for that: then the tally is of no use."""
        order, value = claim
        if tally.deleted is not None and order <= tally.deleted:
            return True
        if value is None:
            return _delete(tally, order)
        if self._policy in _COMPARING:
            self._compare(tally, Best(self._rank(claim), order, value, owner))
        elif self._policy in _SUMMING:
            tally.count += 1
            if self._policy is not Policy.COUNT:
                tally.total = EXACT.add(tally.total, decimal_of(value))
        elif self._policy is Policy.ACTIVE_DAYS:
            tally.days.add(day_in(order[0], self._catalogue.zone))
        else:
            for text in dict.fromkeys(text_of(item) for item in listed_in(value, self.trait)):
                if not tally.is_full_for(text, self._most_values):
                    tally.list_value(text, order, order)
                elif order < max(one.first for one in tally.values.values()):
                    return False  # it is one of the first, of which later claims were left out
        tally.see(order, owner)
        return True

    def add_alike(self, tally: Tally, first: Claim, last: Order, count: int) -> None:
        """Add claims of one value to a tally that keeps all values: the first of them, when the last was made, and how many.

        For active days there is one midnight among them at most. The owner is left open.
        """
        order, value = first
        if self._policy in _COMPARING:
            for at in (order, last):
                self._compare(tally, Best(self._rank(first), at, value, ""))
        elif self._policy in _SUMMING:
            tally.count += count
            if self._policy is not Policy.COUNT:
                tally.total = EXACT.add(tally.total, EXACT.multiply(decimal_of(value), count))
        elif self._policy is Policy.ACTIVE_DAYS:
            tally.days.update(day_in(at[0], self._catalogue.zone) for at in (order, last))
        else:
            for text in dict.fromkeys(text_of(item) for item in listed_in(value, self.trait)):
                tally.list_value(text, order, last, count)
        tally.see(order, "")
        tally.see(last, "")

    def combine(self, tallies: Mapping[str, Tally], retell: Callable[[str, Order], Tally]) -> Tally:
        """Combine the tallies of a customer's identifiers, by their keys.

        ``retell`` tallies an identifier's claims after a deletion of another one.
        """
        deletions = [tally.deleted for tally in tallies.values() if tally.deleted is not None]
        deleted = max(deletions, default=None)
        combined = Tally(deleted=deleted)
        for owner, tally in tallies.items():
            if deleted is None or tally.first is None or deleted < tally.first:
                self._merge(combined, tally)
            elif is_cut(tally, deleted):
                self._merge(combined, retell(owner, deleted))
        return combined

    def value(self, tally: Tally) -> Any:
        """Give the value, as JSON has it; None when no claim counts."""
        if tally.last is None:
            return None
        match self._policy:
            case Policy.COUNT:
                return tally.count
            case Policy.SUM:
                return number_of(tally.total)
            case Policy.MEAN:
                return float(Fraction(tally.total) / tally.count)
            case Policy.MOST_FREQUENT:
                return self._most_frequent(tally, 1)[0]
            case Policy.TOP:
                return self._most_frequent(tally, self.trait.size)
            case Policy.UNION:
                by_age = sorted(tally.values, key=lambda text: (tally.values[text].first, text))
                return [json.loads(text) for text in by_age]
            case Policy.DISTINCT_COUNT:
                return len(tally.values)
            case Policy.ACTIVE_DAYS:
                return len(tally.days)
            case _:
                return None if tally.best is None else tally.best.value

    def winner(self, tally: Tally) -> tuple[Order, str] | None:
        """Name the claim whose value it is, and its identifier; with a policy that adds, the newest claim that counts."""
        if tally.best is not None:
            return tally.best.order, tally.best.owner
        return None if tally.last is None else (tally.last, tally.last_owner)

    def _most_frequent(self, tally: Tally, size: int) -> list[Any]:
        """List the values that were said most often; of two that were said as often, the one said last comes first."""
        ranked = sorted(tally.values.items(), key=lambda item: (item[1].count, item[1].last), reverse=True)
        return [json.loads(text) for text, _ in ranked[:size]]

    def _merge(self, combined: Tally, tally: Tally) -> None:
        if tally.first is None or tally.last is None:
            return
        if tally.best is not None:
            self._compare(combined, tally.best)
        combined.count += tally.count
        combined.total = EXACT.add(combined.total, tally.total)
        combined.days |= tally.days
        for text, one in tally.values.items():
            combined.list_value(text, one.first, one.last, one.count)
        combined.see(tally.first, tally.last_owner)
        combined.see(tally.last, tally.last_owner)

    def _compare(self, tally: Tally, other: Best) -> None:
        best = tally.best
        if best is None:
            tally.best = other
        elif self._policy in _OLDEST:
            tally.best = min(best, other, key=lambda one: one.order)
        else:
            tally.best = max(best, other, key=lambda one: (one.rank, one.order))

    def _rank(self, claim: Claim) -> int | float:
        order, value = claim
        match self._policy:
            case Policy.SOURCE_PRIORITY:
                sources = self.trait.sources
                return -sources.index(order[1]) if order[1] in sources else -len(sources)
            case Policy.MIN:
                return -self._comparable(value)
            case Policy.MAX:
                return self._comparable(value)
            case _:
                return 0

    def _comparable(self, value: Any) -> int | float:
        match self.trait.type:
            case ValueType.MOMENT:
                return read_moment(value)
            case ValueType.DATE:
                return int(value.replace("-", ""))
            case _:
                return value


def is_cut(tally: Tally, deleted: Order) -> bool:
    """Tell whether a deletion falls between the claims of an identifier."""
    return tally.first is not None and tally.last is not None and tally.first <= deleted < tally.last


def _delete(tally: Tally, order: Order) -> bool:
    if is_cut(tally, order):
        return False
    if tally.last is not None and tally.last <= order:
        tally.first = tally.last = tally.best = None
        tally.last_owner, tally.count, tally.total = "", 0, Tally().total
        tally.values, tally.days = {}, set()
    tally.deleted = order
    return True
