"""Reading the claims behind traits: everything that events say of them, page by page, and what became of it."""

import json
from collections.abc import Sequence
from typing import Any

from identity_graph.domain.access.masking import Mask
from identity_graph.domain.profiles.claims import Order, read_value
from identity_graph.domain.profiles.read_models import TraitClaimView, TraitView
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.rules.ranking import find_strongest, usable_identifiers
from identity_graph.domain.values.claims import claim_kind
from identity_graph.service.positions import Page, cut
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import reading as store
from identity_graph.store.profiles.reading import ClaimingEvent, ClaimsAfter

Place = tuple[str, str]
"""A customer's id and the name of a trait."""


async def read_claims(
    reads: Reads, places: Sequence[Place], in_force: InForce, *, first: int, after: Order | None
) -> list[Page[TraitClaimView]]:
    """Read a page of what events say of traits of customers, the newest first, after one of the claims."""
    ids, names = list(dict.fromkeys(id for id, _ in places)), tuple(sorted({name for _, name in places}))
    known = await read_traits_of(reads, ids, in_force, names=names)
    views = {(view.customer_id, view.name): view for own in known for view in own}
    found: dict[Place, list[TraitClaimView]] = {place: [] for place in places}
    waiting: dict[Place, Order | None] = dict.fromkeys(places, after)
    limit = first + 1
    while waiting:
        rows = [_after(place, order) for place, order in waiting.items()]
        events = await reads.run(store.page_claims.call(rows=rows, limit=limit))
        pages: dict[Place, list[ClaimingEvent]] = {place: [] for place in waiting}
        for event in events:
            pages[event.customer_id, event.name].append(event)
        waiting = {}
        for place, page in pages.items():
            policy = Survivorship(place[1], in_force.catalogue)
            claims = [_claim_of(event, policy, in_force, views.get(place)) for event in page]
            found[place] += [claim for claim in claims if claim is not None]
            # An event may say it of another customer, or only mention the name: then there may be more.
            if len(page) == limit and len(found[place]) < limit:
                waiting[place] = (page[-1].observed_at, page[-1].source, page[-1].message_id)
    return [cut(_shown(reads.mask, found[place], in_force), first) for place in places]


def _shown(mask: Mask, claims: list[TraitClaimView], in_force: InForce) -> list[TraitClaimView]:
    return [
        claim._replace(value=mask.json(claim.value)) if in_force.catalogue.trait(claim.name).personal else claim
        for claim in claims
    ]


def _after(place: Place, after: Order | None) -> ClaimsAfter:
    at, source, message_id = after or (None, "", "")
    id, name = place
    return {
        "customer_id": id,
        "name": name,
        # As the two writers of JSON spell it: a name in another script may be escaped.
        "spellings": sorted({f"{to_json(name)}:", f"{json.dumps(name)}:"}),
        "before_s": None if at is None else seconds(at),
        "before_ns": None if at is None else nanoseconds(at),
        "before_source": source,
        "before_message_id": message_id,
    }


def _claim_of(
    event: ClaimingEvent, policy: Survivorship, in_force: InForce, view: TraitView | None
) -> TraitClaimView | None:
    """Give what an event says; None when it says nothing of this trait, or says it of another customer."""
    said: dict[str, Any] = json.loads(event.traits)
    name = policy.trait.name
    usable = usable_identifiers(event.keys, in_force.rules)
    if name not in said or not usable:
        return None
    owner = find_strongest(usable, in_force.rules).key
    if owner not in event.own:
        return None
    _, reason = read_value(said[name], policy.trait, claim_kind(event.type))
    claim = TraitClaimView(
        name,
        to_json(said[name]),
        event.observed_at,
        event.source,
        event.message_id,
        owner,
        won=False,
        deleted=said[name] is None,
        reason=reason,
    )
    return claim._replace(won=view is not None and _has_won(claim, policy, view))


def _has_won(claim: TraitClaimView, policy: Survivorship, view: TraitView) -> bool:
    """Tell whether the value is that of the claim, or, with a policy that adds, whether the claim counts in it."""
    order = (claim.observed_at, claim.source, claim.message_id)
    if claim.deleted or claim.reason is not None:
        return False
    return order == view.order if policy.compares else view.void_until is None or view.void_until < order
