"""What a catalogue is applied to: the parts of profiles that are stored, each rebuilt page by page where it may differ.

A part is a line of ``PARTS``. Another one is a line with functions of its own: which catalogues differ
in it, how much there is to go through, and what brings one page of it under the catalogue in force.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.difference import channels_differ, orders_differ, traits_differ
from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.applying.steps import Page, Totals
from identity_graph.service.journeys.origins import rebuild_origins_page
from identity_graph.service.profiles.orders import rebuild_orders_page
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.profiles import traits as trait_store
from identity_graph.store.rules import rule_sets

IDENTIFIERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A part of profiles. ``differs`` compares two catalogues; ``count`` tells how much there is; ``rebuild`` takes a page.

    A page comes after a cursor, and is None after the last one.
    """

    name: str
    differs: Callable[[Catalogue, Catalogue], bool]
    count: Callable[[Totals], int]
    rebuild: Callable[[WriteTransaction, Regime, str], Awaitable[Page | None]]


async def rebuild_traits_page(tx: WriteTransaction, regime: Regime, after: str) -> Page | None:
    """Derive the traits of some identifiers from their events again."""
    page = await rule_sets.page_identifiers(tx, after=after, limit=IDENTIFIERS_AT_ONCE)
    if not page:
        return None
    keys = [row.key for row in page]
    await trait_store.lock_identifiers(tx, keys=keys)
    await recount_traits(tx, keys, regime)
    return Page(page[-1].key, len(page))


async def rebuild_orders(tx: WriteTransaction, regime: Regime, after: str) -> Page | None:
    """Read some events anew for what they tell of orders, and fold these orders again."""
    page = await rebuild_orders_page(tx, regime, after)
    return None if page is None else Page(page.last, page.passed)


async def rebuild_origins(tx: WriteTransaction, regime: Regime, after: str) -> Page | None:
    """Derive the channels and campaigns of some events from what is kept of their messages again."""
    last = await rebuild_origins_page(tx, regime.catalogue.channels, after)
    return None if last is None else Page(*last)


PARTS = (
    Part("traits", traits_differ, lambda totals: totals.identifiers, rebuild_traits_page),
    Part("orders", orders_differ, lambda totals: totals.events, rebuild_orders),
    Part("channels", channels_differ, lambda totals: totals.events, rebuild_origins),
)
"""In the order in which they are rebuilt."""
