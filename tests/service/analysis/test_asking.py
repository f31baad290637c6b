"""Funnels, paths and attribution over a real graph: what the service answers is what the messages say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from identity_graph.domain.analysis.journeys import DIRECT
from identity_graph.domain.analysis.reading import read_attribution, read_funnel, read_paths
from identity_graph.service.analysis import asking, reading
from identity_graph.service.analysis.asking import ask_attribution, ask_funnel, ask_paths, terms_in_force
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service

NOW = 1_800_000_000_000_000
SEARCH = {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}}


def seen(user: str, day: float, event: str = "Product Viewed", **more: Any) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    message = {
        "type": "track", "event": event, "messageId": f"{user} {day} {event}", "userId": user, "timestamp": at.isoformat()
    }  # fmt: skip
    return message | more


def bought(user: str, day: float, total: str, **more: Any) -> dict[str, Any]:
    said = {"order_id": f"{user} {day}", "total": total, "currency": "USD"}
    return seen(user, day, "Order Completed", properties=said, **more)


async def test_a_conversion_is_owed_to_the_visits_before_it(service: Service) -> None:
    visits = [seen("ann", 0), seen("ann", 1, context=SEARCH), seen("ann", 2), bought("ann", 2.01, "140.00")]
    await collect(service, visits, source="web", received_at=NOW)
    in_force = service.units.in_force
    asked = {"conversion": {"ordered": {}}, "models": ["FIRST", "LAST", "LINEAR", "POSITION"]}
    rows = await ask_attribution(service.graph, read_attribution(asked, terms_in_force(in_force)), in_force, NOW)
    found = {row.key: [one.value.amount for one in row.credits] for row in rows}
    assert found == {
        DIRECT: [Decimal("140.00"), Decimal("140.00"), Decimal("93.33"), Decimal("112.00")],
        "organic": [Decimal("0.00"), Decimal("0.00"), Decimal("46.67"), Decimal("28.00")],
    }
    assert {row.key: (row.visits, row.assisted) for row in rows} == {DIRECT: (2, 1), "organic": (1, 1)}


async def test_answers_depend_neither_on_the_order_of_arrival_nor_on_pages(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [
        message
        for user in ("ann", "bob", "eve")
        for message in (seen(user, 0), seen(user, 1, context=SEARCH), bought(user, 2, "30"))
    ]
    for message in [*reversed(messages), messages[1]]:
        await collect(service, [message], source="web", received_at=NOW)
    monkeypatch.setattr(asking, "CUSTOMERS_AT_ONCE", 2)
    monkeypatch.setattr(reading, "ROWS_AT_ONCE", 1)
    in_force = service.units.in_force
    terms = terms_in_force(in_force)
    paths = await ask_paths(service.graph, read_paths({"collapse": False}, terms), in_force, NOW)
    assert [(path.steps, path.customers) for path in paths] == [
        (("Product Viewed", "Product Viewed", "Order Completed"), 3)
    ]
    query = read_attribution({"conversion": {"ordered": {}}, "models": ["FIRST", "LAST"]}, terms)
    rows = await ask_attribution(service.graph, query, in_force, NOW)
    assert {row.key: [one.value.amount for one in row.credits] for row in rows} == {
        DIRECT: [Decimal("90.00"), Decimal("0.00")],
        "organic": [Decimal("0.00"), Decimal("90.00")],
    }


async def test_a_funnel_is_counted_over_customers_as_they_are_now(service: Service) -> None:
    messages = [
        seen("ann", 0), seen("ann", 0.5, "Product Added"), bought("ann", 1, "10"),
        seen("bob", 0), seen("bob", 0.1, "Product Added"),
        seen("eve", 0, context=SEARCH),
        {**seen("", 0.2, "Product Added"), "userId": None, "anonymousId": "cookie"},
        {"type": "identify", "userId": "eve", "anonymousId": "cookie", "messageId": "i", "timestamp": "2026-01-03T00:00:00Z"},
    ]  # fmt: skip
    await collect(service, messages, source="web", received_at=NOW)
    in_force = service.units.in_force
    steps = [{"event": name} for name in ("Product Viewed", "Product Added", "Order Completed")]
    query = read_funnel({"steps": steps, "within": "P2D", "by": "MEDIUM"}, terms_in_force(in_force))
    total, groups = await ask_funnel(service.graph, query, in_force, NOW)
    assert [(step.customers, step.dropped) for step in total.steps] == [(3, 0), (3, 2), (1, 0)]
    assert total.steps[1].median_seconds == 17_280
    assert {group.key: [step.customers for step in group.steps] for group in groups} == {
        DIRECT: [2, 2, 1],
        "organic": [1, 1, 0],
    }


async def test_paths_are_counted(service: Service) -> None:
    messages = [seen(user, day) for user in ("ann", "bob") for day in (0, 1)]
    messages += [bought("ann", 2, "1"), bought("bob", 3, "1"), seen("eve", 0, "Other")]
    await collect(service, messages, source="web", received_at=NOW)
    in_force = service.units.in_force
    terms = terms_in_force(in_force)
    paths = await ask_paths(service.graph, read_paths({"first": 1}, terms), in_force, NOW)
    assert [(path.steps, path.customers) for path in paths] == [
        (("Product Viewed", "Order Completed"), 2),
        (("(rest)",), 1),
    ]
    to_order = read_paths({"by": "CHANNEL", "endsWith": {"event": "Order Completed"}, "collapse": False}, terms)
    paths = await ask_paths(service.graph, to_order, in_force, NOW)
    assert [(path.steps, path.customers) for path in paths] == [(("OTHER", "OTHER", "OTHER"), 2)]
