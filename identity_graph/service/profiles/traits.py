"""Traits: what the events of each identifier say, kept so that a customer's value can be told from those of its identifiers.

Of most traits the newest claim is all that is kept, and it is written without looking at what was there. Of the others a
tally is kept; new claims are added to it, or all claims of the identifier are read again where that is not enough.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from identity_graph.domain.collecting.source_counts import ClaimCounts, ClaimKey, ClaimTally
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import LONGEST_TRAIT, TOO_LARGE, Claim, Order, read_typed, read_value
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.survivorship import BLIND, Survivorship
from identity_graph.domain.profiles.tallies import Tally
from identity_graph.domain.profiles.trait_types import undeclared
from identity_graph.domain.rules.ranking import find_strongest, usable_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.claims import ClaimKind, claim_kind
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Event
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import traits as trait_store
from identity_graph.store.profiles.traits import NewestTrait, NewTrait

MOST_TRAITS = 500
"""Traits that one identifier may have: those said last. No record about a person has as many columns."""

NO_NAMESPACE = ""
"""What claims that are left out are counted under, as fields are, beside values that were no identifiers of a namespace."""

NO_VALUE = "null"
"""The stored value of a trait that was deleted."""

_UNDECLARED = undeclared("")
"""The type of every trait that the catalogue does not declare, whatever its name."""

Claims = dict[str, dict[str, list[Claim]]]
"""Claims by identifier and name."""


class Told(NamedTuple):
    """What an event says of a trait, as it came, and how it is meant."""

    order: Order
    value: Any
    kind: ClaimKind


@dataclass(slots=True)
class NewClaims:
    """What new events say: the newest values, and claims that are added to tallies.

    ``left_out`` counts those that do not count, by reason, ``counted`` all of them, by day, source and name.
    """

    newest: dict[str, dict[str, tuple[Order, str]]] = field(default_factory=dict[str, dict[str, tuple[Order, str]]])
    added: Claims = field(default_factory=dict[str, dict[str, list[Claim]]])
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    counted: ClaimCounts = field(default_factory=ClaimCounts)

    def rows(self) -> list[NewestTrait]:
        """Give the newest values as rows that are written without looking."""
        return [_newest_row(owner, name, *said) for owner, own in self.newest.items() for name, said in own.items()]


def gather_claims(events: Iterable[Event], regime: Regime) -> NewClaims:
    """Gather what events say of the traits of identifiers."""
    claims = NewClaims()
    for event in events:
        if event.traits and event.identifiers:
            owner = find_strongest(event.identifiers, regime.rules).key
            _gather(claims, owner, event, regime.catalogue)
    return claims


async def plan_tallies(tx: ReadTransaction, added: Claims, known: set[str], regime: Regime) -> list[NewTrait]:
    """Add claims to what is stored of identifiers, of which those that are ``known`` may have any."""
    wanted = {owner: list(names) for owner, names in added.items() if owner in known}
    stored = await _read_tallies(tx, wanted, regime.catalogue) if wanted else {}
    rows: list[NewTrait] = []
    retold: dict[str, set[str]] = {}
    for owner, names in added.items():
        for name, claims in names.items():
            policy = Survivorship(name, regime.catalogue)
            tally = stored.get((owner, name)) if owner in known else Tally()
            if tally is None or not all(policy.add(tally, claim, owner) for claim in claims):
                retold.setdefault(owner, set()).add(name)
            else:
                rows.append(_tally_row(owner, policy, tally))
    if retold:
        told = await list_told(tx, retold, regime.rules)
        for owner, names in retold.items():
            for name in sorted(names):
                policy = Survivorship(name, regime.catalogue)
                before = read_told(policy, told.get(owner, {}).get(name, []))
                rows.append(_tally_row(owner, policy, policy.tally([*before, *added[owner][name]], owner)))
    return rows


async def recount_traits(tx: WriteTransaction, keys: Iterable[str], regime: Regime) -> None:
    """Write the traits of identifiers as their events say them now, and delete those that none says any more.

    Events that are still to be read anew may hold identifiers that the rules do not know any more; these own nothing.
    """
    wanted = sorted(set(keys))
    told = await list_told(tx, dict.fromkeys(wanted), regime.rules)
    rows = {row["key"]: row for owner, own in told.items() for row in _recount(owner, own, regime.catalogue)}
    outdated: list[str] = []
    for stored in await trait_store.list_traits(tx, keys=wanted):
        row = rows.get(stored.trait)
        if row is None:
            outdated.append(stored.trait)
        elif _is_as_stored(row, stored):
            del rows[stored.trait]
    if outdated:
        await trait_store.delete_traits(tx, keys=outdated)
    if rows:
        await trait_store.set_traits(tx, rows=list(rows.values()))


def _recount(owner: str, own: Mapping[str, list[Told]], catalogue: Catalogue) -> list[NewTrait]:
    rows: list[tuple[Order, NewTrait]] = []
    for name in sorted(own):
        policy = Survivorship(name, catalogue)
        claims = read_told(policy, own[name])
        if not claims:
            continue
        if policy.trait.policy in BLIND:
            order, value = max(claims, key=lambda claim: claim.order)
            text = to_json(value)
            rows.append((order, {**_newest_row(owner, name, order, text), "policy": None, "state": None}))
        else:
            tally = policy.tally(claims, owner)
            rows.append((_order_of(tally), _tally_row(owner, policy, tally)))
    # Those said last stay, of one message those whose names come first: that is the same in any order of arrival.
    rows.sort(key=lambda row: row[0], reverse=True)
    return [row for _, row in rows[:MOST_TRAITS]]


def _gather(claims: NewClaims, owner: str, event: Event, catalogue: Catalogue) -> None:
    own = claims.newest.setdefault(owner, {})
    order = (event.occurred_at, event.source, event.message_id)
    kind, day = claim_kind(event.type), event.received_at // DAY
    for name, said in event.traits.items():
        trait = catalogue.traits.get(name, _UNDECLARED)
        if trait.policy not in BLIND:
            value, reason = read_value(said, trait, kind)
            if reason is None:
                claims.added.setdefault(owner, {}).setdefault(name, []).append(Claim(order, value))
        else:
            value, reason = read_typed(said, trait, kind)
            if reason is None:
                text = to_json(value)
                known = own.get(name)
                if len(text) > LONGEST_TRAIT:
                    reason = TOO_LARGE
                elif known is None or known[0] <= order:
                    own[name] = (order, text)
        claims.counted.setdefault(ClaimKey(day, event.source, name), ClaimTally()).count(event, said, reason)
        if reason is not None:
            claims.left_out[NO_NAMESPACE, reason] += 1
    if len(own) > MOST_TRAITS:
        ranked = sorted(sorted(own), key=lambda name: own[name][0], reverse=True)
        for name in ranked[MOST_TRAITS:]:
            del own[name]
        claims.left_out[NO_NAMESPACE, "too_many_traits"] += len(ranked) - MOST_TRAITS


async def list_claims_of(
    tx: ReadTransaction, wanted: Mapping[str, Iterable[str]], rules: RuleSet, catalogue: Catalogue
) -> Claims:
    """List the claims of some traits, by name, of identifiers, by key, as events say them; those that fit."""
    told = await list_told(tx, wanted, rules)
    return {
        owner: {name: read_told(Survivorship(name, catalogue), said) for name, said in own.items()}
        for owner, own in told.items()
    }


async def list_told(
    tx: ReadTransaction, wanted: Mapping[str, Iterable[str] | None], rules: RuleSet
) -> dict[str, dict[str, list[Told]]]:
    """List what events say of the traits of identifiers, of some names or, given none, of all; values are as they came."""
    told: dict[str, dict[str, list[Told]]] = {}
    for row in await trait_store.list_claims(tx, keys=sorted(wanted)):
        usable = usable_identifiers(row.keys, rules)
        if not usable or find_strongest(usable, rules).key != row.key:
            continue
        names = wanted[row.key]
        own = told.setdefault(row.key, {})
        order = (row.observed_at, row.source, row.message_id)
        said: dict[str, Any] = json.loads(row.traits)
        kind = claim_kind(row.type)
        for name in said if names is None else said.keys() & set(names):
            own.setdefault(name, []).append(Told(order, said[name], kind))
    return told


async def _read_tallies(
    tx: ReadTransaction, wanted: Mapping[str, list[str]], catalogue: Catalogue
) -> dict[tuple[str, str], Tally]:
    """Read tallies that are stored under this catalogue; one that is missing is to be told from all claims."""
    found: dict[tuple[str, str], Tally] = {}
    for row in await trait_store.list_traits(tx, keys=sorted(wanted)):
        is_wanted = row.name in wanted[row.key] and row.state is not None
        if is_wanted and row.policy == Survivorship(row.name, catalogue).stamp:
            found[row.key, row.name] = Tally.from_json(row.state or "", row.key)
    return found


def read_told(policy: Survivorship, said: Iterable[Told]) -> list[Claim]:
    """Read what events say of a trait: the claims that are compared."""
    read = [(order, *read_value(value, policy.trait, kind)) for order, value, kind in said]
    return [Claim(order, value) for order, value, reason in read if reason is None]


def _order_of(tally: Tally) -> Order:
    """Give the order of a tally that something was added to."""
    order = tally.order
    if order is None:
        raise ValueError("nothing was said")
    return order


def _newest_row(owner: str, name: str, order: Order, text: str) -> NewestTrait:
    at, source, message_id = order
    return {
        "key": f"{owner}\n{name}",
        "identifier": owner,
        "name": name,
        "value": text,
        "observed_s": seconds(at),
        "observed_ns": nanoseconds(at),
        "source": source,
        "message_id": message_id,
        "deleted": True if text == NO_VALUE else None,
    }


def _tally_row(owner: str, policy: Survivorship, tally: Tally) -> NewTrait:
    row = _newest_row(owner, policy.trait.name, _order_of(tally), to_json(policy.value(tally)))
    return {**row, "policy": policy.stamp, "state": tally.to_json()}


def _is_as_stored(row: NewTrait, stored: trait_store.StoredTrait) -> bool:
    at = (row["observed_s"], row["observed_ns"])
    return (row["value"], *at, row["source"], row["message_id"], row["policy"], row["state"]) == (
        stored.value,
        seconds(stored.observed_at),
        nanoseconds(stored.observed_at),
        stored.source,
        stored.message_id,
        stored.policy,
        stored.state,
    )
