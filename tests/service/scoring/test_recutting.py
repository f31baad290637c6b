"""Cutting RFM anew: over pages of customers, as one dated step, on demand and on a schedule."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from identity_graph.service.catalogue import changing as catalogues
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service, open_service
from identity_graph.service.profiles.scores import find_cut
from identity_graph.service.scoring import recutting
from identity_graph.service.scoring.recutting import recut_rfm
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.asking import service

__all__ = ["service"]

DAY = 86_400_000_000
NOW = 1_800_000_000_000_000


def bought(user: int, number: int, total: float, **said: Any) -> dict[str, Any]:
    """Make an order of some day of January 2026."""
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"{user}-{number}",
        "timestamp": f"2026-01-{number:02}T00:00:00Z",
        "userId": f"u{user}",
        "properties": {"order_id": f"{user}-{number}", "total": total, "currency": "USD", **said},
    }


async def test_a_cut_is_found_among_all_pages_of_those_who_bought(
    service: Service, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recutting, "CUSTOMERS_AT_ONCE", 3)
    orders = [bought(user, number, 10 * user) for user in range(1, 6) for number in range(1, user + 1)]
    window_shopper = {"type": "page", "messageId": "p", "userId": "u9"}
    await collect(service, [*orders, window_shopper], source="web", received_at=NOW)
    made = await recut_rfm(service.units, NOW)
    assert (made.version, made.at, made.population, made.currency) == (1, NOW, 5, "USD")
    assert made.boundaries.frequency == (5, 4, 3, 2)
    assert made.boundaries.monetary == tuple(map(Decimal, (250, 160, 90, 40)))
    assert (made.boundaries.classes, made.rhythm) == (5, DAY)
    again = await recut_rfm(service.units, NOW + DAY)
    assert again.version == 2
    assert [day + 1 for day in made.boundaries.recency] == list(again.boundaries.recency)
    assert await graph.read(find_cut) == again


async def test_amounts_are_brought_to_the_reporting_currency(service: Service) -> None:
    catalogue = """
format: 1
commerce: {reporting_currency: CNY, rates: {USD: {2026-01-02: 7}}}
rfm: {method: boundaries, recency: [10], frequency: [2], monetary: [70]}
"""
    await catalogues.put_in_force(service.units, catalogue, 1, "test")
    orders = [bought(1, 1, 10), bought(2, 2, 10), bought(3, 3, 69.99, currency="CNY")]
    await collect(service, orders, source="web", received_at=NOW)
    made = await recut_rfm(service.units, NOW)
    assert (made.currency, made.method, made.boundaries.monetary) == ("CNY", "boundaries", (Decimal(70),))


async def test_a_service_cuts_by_itself_when_the_last_cut_is_old_enough(graph: Graph, settings: Settings) -> None:
    often = settings.model_copy(update={"rfm_recut_hours": 1})
    async with open_service(often) as service:
        async with asyncio.timeout(20):
            while (made := await graph.read(find_cut)) is None:  # noqa: ASYNC110 - the service does it
                await asyncio.sleep(0.05)
        assert (made.version, made.population, made.boundaries.frequency) == (1, 0, ())
        assert abs(service.units.now() - made.at) < 60_000_000
    async with open_service(often):
        await asyncio.sleep(0.5)
    still = await graph.read(find_cut)
    assert still is not None
    assert still.version == 1
