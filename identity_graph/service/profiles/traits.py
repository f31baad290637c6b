"""Traits: for each identifier and name, the newest value that an event reported."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from identity_graph.domain.rules.ranking import find_strongest, usable_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import traits as trait_store
from identity_graph.store.profiles.traits import NewTrait

MOST_TRAITS = 500
"""Traits that one identifier may have: those said last. No record about a person has as many columns."""

LONGEST_TRAIT = 8192
"""Characters of JSON that a trait may have."""

NO_NAMESPACE = ""
"""What traits that are left out are counted under, as fields are, beside values that were no identifiers of a namespace."""

_Age = tuple[Instant, str, str]


class TraitRows(NamedTuple):
    """Traits to be written, and how many claims are left out, by reason."""

    rows: list[NewTrait]
    left_out: Counter[tuple[str, str]]


class _Newest:
    """The newest value by identifier and name, of the names that an identifier may have."""

    def __init__(self) -> None:
        self.claims: dict[str, dict[str, tuple[_Age, str]]] = {}
        self.left_out: Counter[tuple[str, str]] = Counter()

    def add(self, owner: str, age: _Age, traits: Iterable[tuple[str, Any]]) -> None:
        own = self.claims.setdefault(owner, {})
        for name, value in traits:
            known = own.get(name)
            if known is None or known[0] < age:
                text = to_json(value)
                if len(text) > LONGEST_TRAIT:
                    self.left_out[NO_NAMESPACE, "trait_too_large"] += 1
                else:
                    own[name] = (age, text)
        if len(own) > MOST_TRAITS:
            # Those said last stay, of one message those whose names come first: that is the same in any order of arrival.
            ranked = sorted(sorted(own), key=lambda name: own[name][0], reverse=True)
            for name in ranked[MOST_TRAITS:]:
                del own[name]
            self.left_out[NO_NAMESPACE, "too_many_traits"] += len(ranked) - MOST_TRAITS

    def rows(self) -> list[NewTrait]:
        return [_row(owner, name, *claim) for owner, own in self.claims.items() for name, claim in own.items()]


def newest_traits(events: Iterable[Event], rules: RuleSet) -> TraitRows:
    """Give the newest value per identifier and name among these events."""
    newest = _Newest()
    for event in events:
        if event.traits and event.identifiers:
            age = (event.occurred_at, event.source, event.message_id)
            newest.add(find_strongest(event.identifiers, rules).key, age, event.traits.items())
    return TraitRows(newest.rows(), newest.left_out)


async def recount_traits(tx: WriteTransaction, keys: Iterable[str], rules: RuleSet) -> None:
    """Write the traits of identifiers as their events say them now, and delete those that none says any more.

    Events that are still to be read anew may hold identifiers that the rules do not know any more; these own nothing.
    """
    wanted = sorted(set(keys))
    newest = _Newest()
    for row in await trait_store.list_claims(tx, keys=wanted):
        usable = usable_identifiers(row.keys, rules)
        if usable and find_strongest(usable, rules).key == row.key:
            newest.add(row.key, (row.observed_at, row.source, row.message_id), json.loads(row.traits).items())
    outdated: list[str] = []
    for row in await trait_store.list_traits(tx, keys=wanted):
        known = newest.claims.get(row.key, {}).get(row.name)
        if known is None:
            outdated.append(row.trait)
        elif known[0] == (row.observed_at, row.source, row.message_id):
            del newest.claims[row.key][row.name]
    if outdated:
        await trait_store.delete_traits(tx, keys=outdated)
    if rows := newest.rows():
        await trait_store.set_traits(tx, rows=rows)


def _row(identifier: str, name: str, age: _Age, value: str) -> NewTrait:
    at, source, message_id = age
    return {
        "key": f"{identifier}\n{name}",
        "identifier": identifier,
        "name": name,
        "value": value,
        "observed_s": seconds(at),
        "observed_ns": nanoseconds(at),
        "source": source,
        "message_id": message_id,
    }
