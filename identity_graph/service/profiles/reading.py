"""Reading the traits of customers: one value for each name, of all the claims of the customer's identifiers."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.access.masking import Mask
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import Claim
from identity_graph.domain.profiles.read_models import TraitView
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.survivorship import BLIND, Survivorship, is_cut
from identity_graph.domain.profiles.tallies import Tally
from identity_graph.service.profiles.traits import Claims, list_claims_of
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import reading as store
from identity_graph.store.profiles.reading import CustomerTrait

MOST_TRAITS_READ = 500
"""Traits of one customer that one read gives; those of given names are found among any number."""

_customer_id = attrgetter("customer_id")


class _Together(NamedTuple):
    """What the identifiers of a customer have of one trait; those of ``retold`` are to be read from their events."""

    policy: Survivorship
    tallies: dict[str, Tally]
    retold: set[str]


async def read_traits_of(
    reads: Reads,
    customer_ids: list[str],
    in_force: InForce,
    *,
    names: tuple[str, ...] | None = None,
    most: int = MOST_TRAITS_READ,
) -> list[list[TraitView]]:
    """Read the traits of each customer, of some names or of all, by name: the first ``most`` of them."""
    catalogue = in_force.catalogue
    put_together = {name for name, trait in catalogue.traits.items() if trait.policy not in BLIND}
    rows = await reads.run(
        store.list_traits_of_customers.call(
            customer_ids=customer_ids,
            names=None if names is None else list(names),
            together=sorted(put_together),
            most=most,
        )
    )
    groups: dict[tuple[str, str], list[CustomerTrait]] = {}
    for row in rows:
        groups.setdefault((row.customer_id, row.name), []).append(row)
    parts = {key: _put_together(own, catalogue) for key, own in groups.items() if key[1] in put_together}
    retold = await _retell(reads, parts.values(), in_force)
    found = [
        _combined(key, parts[key], retold) if key in parts else _newest(own[0], catalogue)
        for key, own in groups.items()
    ]
    shown = [_shown(reads.mask, view) for view in found if view is not None]
    return align_many(customer_ids, shown, _customer_id)


async def count_traits_of(reads: Reads, customer_ids: list[str]) -> list[int]:
    """Count the traits of each customer."""
    rows = await reads.run(store.count_traits_of_customers.call(customer_ids=customer_ids))
    return [0 if row is None else row.traits for row in align(customer_ids, rows, _customer_id)]


def _shown(mask: Mask, view: TraitView) -> TraitView:
    return view._replace(value=mask.json(view.value)) if view.trait.personal else view


def _newest(row: CustomerTrait, catalogue: Catalogue) -> TraitView:
    return TraitView(
        row.customer_id,
        row.name,
        row.value,
        row.observed_at,
        row.source,
        row.message_id,
        row.identifier_key,
        catalogue.trait(row.name),
        void_until=None,
    )


def _put_together(rows: Sequence[CustomerTrait], catalogue: Catalogue) -> _Together:
    policy = Survivorship(rows[0].name, catalogue)
    current = [row for row in rows if row.state is not None and row.policy == policy.stamp]
    tallies = {row.identifier_key: Tally.from_json(row.state or "", row.identifier_key) for row in current}
    # What was kept under another catalogue is told from the events, until its turn comes.
    return _Together(policy, tallies, {row.identifier_key for row in rows} - tallies.keys())


async def _retell(
    reads: Reads, parts: Iterable[_Together], in_force: InForce
) -> Mapping[str, Mapping[str, Sequence[Claim]]]:
    """Read the claims of the identifiers whose tallies do not tell enough."""
    wanted: dict[str, set[str]] = {}
    for part in parts:
        deletions = [tally.deleted for tally in part.tallies.values() if tally.deleted is not None]
        deleted = max(deletions, default=None)
        cut_by_another = {key for key, one in part.tallies.items() if deleted is not None and is_cut(one, deleted)}
        # A tally that is read again may hold a later deletion: then any of the others may have to be.
        doubtful = set(part.tallies) if part.retold else cut_by_another
        for key in part.retold | doubtful:
            wanted.setdefault(key, set()).add(part.policy.trait.name)
    if not wanted:
        return {}

    async def tell(tx: ReadTransaction) -> list[Claims]:
        return [await list_claims_of(tx, wanted, in_force.rules, in_force.catalogue)]

    (claims,) = await reads.run(tell)
    return claims


def _combined(
    key: tuple[str, str], part: _Together, retold: Mapping[str, Mapping[str, Sequence[Claim]]]
) -> TraitView | None:
    customer_id, name = key

    def claims_of(owner: str) -> Sequence[Claim]:
        return retold.get(owner, {}).get(name, ())

    tallies = part.tallies | {owner: part.policy.tally(claims_of(owner), owner) for owner in part.retold}
    tally = part.policy.combine(
        tallies, lambda owner, deleted: part.policy.tally(claims_of(owner), owner, after=deleted)
    )
    winner = part.policy.winner(tally)
    if winner is None:
        return None
    (at, source, message_id), owner = winner
    value = to_json(part.policy.value(tally))
    return TraitView(customer_id, name, value, at, source, message_id, owner, part.policy.trait, tally.deleted)
