"""The traits of fact sheets: the value in force, and earlier ones where they matter, of what identifiers keep or events say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.profiles.claims import Claim, Order, text_of
from identity_graph.domain.profiles.survivorship import BLIND, Survivorship, is_cut
from identity_graph.domain.profiles.tallies import Tally
from identity_graph.domain.segments.sheet import Terms, TraitFact, TraitStep
from identity_graph.domain.values.observations import Instant
from identity_graph.service.profiles.traits import list_claims_of
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.sheets import ToldTrait

Place = tuple[str, str]
"""A customer's id and the name of a trait."""


class _Value(NamedTuple):
    """A value, and when the claim was made whose value it is; None without one."""

    value: Any
    at: Instant | None


async def read_told_traits(
    tx: ReadTransaction, rows: Iterable[ToldTrait], held: frozenset[str], terms: Terms, now: Instant
) -> Mapping[str, Mapping[str, TraitFact]]:
    """Give the traits of customers, by customer and name; of those that are ``held`` all values that they had.

    They are told from the events, as are those of which what the identifiers keep does not tell the value of the moment: a
    tally of an earlier catalogue, one that a deletion of another identifier cuts, or a claim of the future.
    """
    places: defaultdict[Place, list[ToldTrait]] = defaultdict(list)
    for row in rows:
        places[row.customer_id, row.name].append(row)
    found: defaultdict[str, dict[str, TraitFact]] = defaultdict(dict)
    retold: dict[Place, list[ToldTrait]] = {}
    for place, own in places.items():
        value = None if place[1] in held else _value_of(own, Survivorship(place[1], terms.catalogue), now)
        if value is None:
            retold[place] = own
        elif value.at is not None:
            found[place[0]][place[1]] = TraitFact((TraitStep(value.at, value.value),), value.at)
    if not retold:
        return found
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for (_, name), own in retold.items():
        for row in own:
            wanted[row.identifier_key].add(name)
    claims = await list_claims_of(tx, wanted, terms.rules, terms.catalogue)
    for (id, name), own in retold.items():
        said = [claim for row in own for claim in claims.get(row.identifier_key, {}).get(name, ())]
        fact = _steps_of(said, Survivorship(name, terms.catalogue, most_values=None), now)
        if fact is not None:
            found[id][name] = fact
    return found


def _value_of(rows: Sequence[ToldTrait], policy: Survivorship, now: Instant) -> _Value | None:
    """Tell the value in force of what identifiers keep; None when that does not tell it."""
    if policy.trait.policy in BLIND:
        newest = max(rows, key=_order_of)
        if newest.observed_at > now:
            return None
        value = orjson.loads(newest.value)
        return _Value(value, None if value is None else newest.observed_at)
    if any(row.state is None or row.policy != policy.stamp for row in rows):
        return None
    tallies = {row.identifier_key: Tally.from_json(row.state or "", row.identifier_key) for row in rows}
    deleted = max((tally.deleted for tally in tallies.values() if tally.deleted is not None), default=None)
    orders = [tally.order for tally in tallies.values()]
    if any(order is not None and order[0] > now for order in orders):
        return None
    if deleted is not None and any(is_cut(tally, deleted) for tally in tallies.values()):
        return None
    return _in_force(policy, policy.combine(tallies, lambda _owner, _deleted: Tally()))


def _steps_of(claims: Iterable[Claim], policy: Survivorship, now: Instant) -> TraitFact | None:
    """Take claims one after the other, and note each moment at which there is another value."""
    steps: list[TraitStep] = []
    observed_at: Instant | None = None
    tally = Tally()
    for claim in sorted(claims, key=lambda one: one.order):
        policy.add(tally, claim, "")
        value, at = _in_force(policy, tally)
        since = claim.order[0]
        if steps and steps[-1].since == since:
            steps.pop()
        before = steps[-1].value if steps else None
        if text_of(before) != text_of(value):
            steps.append(TraitStep(since, value))
        if at is not None and (observed_at is None or since <= now):
            observed_at = at
    return TraitFact(tuple(steps), observed_at) if steps and observed_at is not None else None


def _in_force(policy: Survivorship, tally: Tally) -> _Value:
    winner = policy.winner(tally)
    return _Value(None, None) if winner is None else _Value(policy.value(tally), winner[0][0])


def _order_of(row: ToldTrait) -> Order:
    return row.observed_at, row.source, row.message_id
