"""Reading how customers stand: what they bought, how that is scored, how they respond, and which stage of life they are in."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.profiles.affinities import Affinity, AffinityKind, find_affinities
from identity_graph.domain.profiles.classes import RfmScore
from identity_graph.domain.profiles.lifecycle import StageChange
from identity_graph.domain.profiles.order_views import CustomerOrder
from identity_graph.domain.profiles.preference import ContactEvent, Preference, find_preference
from identity_graph.domain.profiles.purchases import Purchase, Spending, sum_up
from identity_graph.domain.profiles.read_models import CustomerEvent
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.rfm import RfmCut
from identity_graph.domain.profiles.standing import find_stages, score_spending
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import Page
from identity_graph.service.profiles.class_reading import read_events_of
from identity_graph.service.profiles.order_reading import count_orders_of, read_orders_of
from identity_graph.service.profiles.scores import read_cut, read_lines, read_orders_for_sums
from identity_graph.service.reads import Reads


class Deeds(NamedTuple):
    """What a customer did: purchases in order with their lines as JSON, the newest orders and how many there are, and contacts."""

    purchases: list[tuple[Purchase, str | None]]
    orders: Page[CustomerOrder]
    order_count: int
    contacts: list[CustomerEvent]
    cut: RfmCut | None


class Standing(NamedTuple):
    """How a customer stands; ``categories`` are those that are bought most."""

    deeds: Deeds
    spent: Spending
    rfm: RfmScore
    categories: list[Affinity]
    preference: Preference
    stage: StageChange


async def read_deeds(
    reads: Reads, customer_ids: list[str], in_force: InForce, now: Instant, *, orders: int
) -> list[Deeds]:
    """Read what each customer did, with so many of the newest orders, and the cut in force."""
    rules = in_force.catalogue.preference
    purchases, pages, counts, contacts, cut = await asyncio.gather(
        read_orders_for_sums(reads, customer_ids, lines=True),
        read_orders_of(reads, customer_ids, first=orders, after=None),
        count_orders_of(reads, customer_ids),
        read_events_of(reads, customer_ids, names=rules.names, since=now - rules.within, properties=False),
        read_cut(reads),
    )
    return [Deeds(*parts, cut) for parts in zip(purchases, pages, counts, contacts, strict=True)]


def find_standing(
    deeds: Deeds, first_seen: Instant, identifiers: Sequence[CustomerIdentifier], in_force: InForce, now: Instant
) -> Standing:
    """Derive how a customer stands now."""
    catalogue, cut = in_force.catalogue, deeds.cut
    purchases = [purchase for purchase, _ in deeds.purchases]
    spent = sum_up(purchases, catalogue.commerce, None if cut is None else cut.currency)
    lines = [(purchase.at, read_lines(orjson.loads(text or "[]"))) for purchase, text in deeds.purchases]
    seen = [(row.namespace, row.first_seen) for row in identifiers]
    contacts = [ContactEvent(event.occurred_at, event.name, event.channel) for event in deeds.contacts]
    return Standing(
        deeds,
        spent,
        score_spending(spent, cut, now, catalogue.zone),
        find_affinities(lines, AffinityKind.CATEGORY),
        find_preference(contacts, [purchase.at for purchase in purchases], catalogue.preference, now),
        find_stages(first_seen, seen, purchases, catalogue, in_force.rules, now=now, cut=cut)[-1],
    )
