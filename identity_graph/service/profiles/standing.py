"""Reading how customers stand: what they bought, how that is scored, and which stage of life they are in."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.profiles.affinities import Affinity, AffinityKind, find_affinities
from identity_graph.domain.profiles.classes import RfmScore
from identity_graph.domain.profiles.lifecycle import StageChange
from identity_graph.domain.profiles.order_views import CustomerOrder
from identity_graph.domain.profiles.purchases import Purchase, Spending, sum_up
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.rfm import RfmCut
from identity_graph.domain.profiles.standing import find_stages, score_spending
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import Page
from identity_graph.service.profiles.order_reading import count_orders_of, read_orders_of
from identity_graph.service.profiles.scores import read_cut, read_lines, read_orders_for_sums
from identity_graph.service.reads import Reads


class Bought(NamedTuple):
    """What a customer bought: purchases in order with their lines as JSON, the newest orders, and how many there are."""

    purchases: list[tuple[Purchase, str | None]]
    orders: Page[CustomerOrder]
    order_count: int
    cut: RfmCut | None


class Standing(NamedTuple):
    """How a customer stands; ``categories`` are those that are bought most."""

    bought: Bought
    spent: Spending
    rfm: RfmScore
    categories: list[Affinity]
    stage: StageChange


async def read_bought(reads: Reads, customer_ids: list[str], *, orders: int) -> list[Bought]:
    """Read what each customer bought, with so many of the newest orders, and the cut in force."""
    purchases, pages, counts, cut = await asyncio.gather(
        read_orders_for_sums(reads, customer_ids, lines=True),
        read_orders_of(reads, customer_ids, first=orders, after=None),
        count_orders_of(reads, customer_ids),
        read_cut(reads),
    )
    return [Bought(*parts, cut) for parts in zip(purchases, pages, counts, strict=True)]


def find_standing(
    bought: Bought, first_seen: Instant, identifiers: Sequence[CustomerIdentifier], in_force: InForce, now: Instant
) -> Standing:
    """Derive how a customer stands now."""
    catalogue, cut = in_force.catalogue, bought.cut
    purchases = [purchase for purchase, _ in bought.purchases]
    spent = sum_up(purchases, catalogue.commerce, None if cut is None else cut.currency)
    lines = [(purchase.at, read_lines(orjson.loads(text or "[]"))) for purchase, text in bought.purchases]
    return Standing(
        bought,
        spent,
        score_spending(spent, cut, now, catalogue.zone),
        find_affinities(lines, AffinityKind.CATEGORY),
        find_stages(first_seen, identifiers, purchases, in_force, now=now, cut=cut)[-1],
    )
