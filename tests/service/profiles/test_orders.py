"""Orders in the graph: written as events come, and folded anew when these go or are read otherwise."""

import json
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from identity_graph.service.catalogue import changing as catalogues
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service, open_service
from identity_graph.service.corrections.corrections import retract_observation
from identity_graph.service.profiles import orders
from identity_graph.service.profiles.scores import read_orders_for_sums
from identity_graph.service.reads import Reads
from identity_graph.service.rules.changing import apply_all, put_in_force
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import SENT

NOW = 1_800_000_000_000_000
AMOUNTS = {"total": 69.99, "tax": 2.00, "discount": 5.00, "shipping": 7.00, "currency": "USD"}
REFUND = {"refund_id": "r1", "total": 10.00}


def message(number: int, name: str, said: dict[str, Any], **who: Any) -> dict[str, Any]:
    """Make a message of order 1001, an hour after the one before."""
    return {
        "type": "track",
        "event": name,
        "messageId": f"m{number}",
        "timestamp": f"2026-01-01T{number:02}:00:00Z",
        "properties": {"order_id": "1001", **said},
        **who,
    }


def card(value: str) -> dict[str, Any]:
    return {
        "context": {"externalIds": [{"type": "loyalty_id", "id": value, "collection": "users", "encoding": "none"}]}
    }


WEB = message(1, "Order Completed", AMOUNTS, anonymousId="c1")
TILL = message(2, "Order Completed", AMOUNTS, **card("k1"))
UPDATE = message(3, "Order Updated", AMOUNTS, anonymousId="c1")
REFUNDS = [message(number, "Order Refunded", REFUND, anonymousId="c1") for number in (4, 5)]


async def read_orders(graph: Graph) -> dict[str, dict[str, Any]]:
    rows = await graph.run(
        "MATCH (o:Order) RETURN o.scope AS scope, o.order_id AS id, o.state AS state, o.total AS total, "
        "o.refunded AS refunded, o.tax AS tax, o.discount AS discount, o.shipping AS shipping, "
        "COLLECT { MATCH (o)-[:OF]->(i) RETURN i.key } AS owners, COUNT { (o)<-[:REPORTS]-() } AS messages"
    )
    return {f"{row.pop('scope')}/{row.pop('id')}": row for row in rows}


ONE_ORDER = {
    "state": "PARTLY_REFUNDED",
    "total": "69.99",
    "refunded": "10.00",
    "tax": "2.00",
    "discount": "5.00",
    "shipping": "7.00",
    "owners": ["loyalty_id:k1"],
    "messages": 5,
}


async def test_one_order_told_by_web_and_till_is_one_whatever_the_order_of_arrival(
    service: Service, graph: Graph
) -> None:
    everything = [WEB, TILL, UPDATE, *REFUNDS]
    for number, arrival in enumerate(list(permutations(everything))[::17]):
        await graph.run("MATCH (n) WHERE n:Event OR n:Order OR n:Session DETACH DELETE n")
        if number % 2:
            await collect(service, arrival, source="web", received_at=NOW)
        else:
            for one in arrival:
                await collect(service, [one], source="web", received_at=NOW)
        assert await read_orders(graph) == {"default/1001": ONE_ORDER}, arrival
    customers = await graph.run("MATCH (c:Customer) RETURN count(c) AS number")
    assert customers == [{"number": 2}], "cookie and card are not one customer yet"


ALL_TOLD = ("web", "till", "update", "refund", "refund again", "login")


def tell(which: str, number: int) -> dict[str, Any]:
    """Make one of the messages of a world of its own, with its cookie, its card and its order."""
    cookie, order_id = {"anonymousId": f"c{number}"}, f"1001-{number}"
    if which == "login":
        made = {**message(6, "Signed In", {}, **cookie, **card(f"k{number}")), "properties": {}}
    elif which == "till":
        made = message(2, "Order Completed", AMOUNTS | {"order_id": order_id}, **card(f"k{number}"))
    else:
        hour = ALL_TOLD.index(which) + 1
        name = {"web": "Order Completed", "update": "Order Updated"}.get(which, "Order Refunded")
        said = REFUND if name == "Order Refunded" else AMOUNTS
        made = message(hour, name, said | {"order_id": order_id}, **cookie)
    return {**made, "messageId": f"{which}-{number}"}


async def test_one_order_counts_once_before_and_after_its_customers_are_one_in_every_order_of_arrival(
    service: Service, graph: Graph
) -> None:
    worlds = list(enumerate(permutations(ALL_TOLD)))

    async def customers_of(numbers: list[int]) -> dict[int, set[str]]:
        rows = await graph.run(
            "UNWIND $numbers AS n UNWIND ['anonymous_id:c', 'loyalty_id:k'] AS kind "
            "MATCH (:Identifier {key: kind + n})-[:BELONGS_TO]->(c) RETURN n, collect(DISTINCT c.id) AS ids",
            numbers=numbers,
        )
        return {row["n"]: set(row["ids"]) for row in rows}

    async def check(numbers: list[int], customers: int) -> None:
        found = await read_orders(graph)
        for number in numbers:
            expected = ONE_ORDER | {"owners": [f"loyalty_id:k{number}"]}
            assert found[f"default/1001-{number}"] == expected, worlds[number]
        ids = await customers_of(numbers)
        assert {number: len(own) for number, own in ids.items()} == dict.fromkeys(numbers, customers)
        everybody = sorted({id for own in ids.values() for id in own})
        bought = dict(zip(everybody, await read_orders_for_sums(Reads(graph), everybody, lines=False), strict=True))
        for number, own in ids.items():
            worth = [purchase.worth for id in own for purchase, _ in bought[id]]
            assert worth == [(Decimal("50.99"), "USD")], worlds[number]

    for place in range(len(ALL_TOLD)):
        if place == len(ALL_TOLD) - 1:
            await check([number for number, arrival in worlds if arrival[-1] == "login"], customers=2)
        batch = [tell(arrival[place], number) for number, arrival in worlds]
        await collect(service, batch, source="web", received_at=NOW)
    await check([number for number, _ in worlds], customers=1)


async def test_what_cannot_be_read_is_counted_like_other_fields(service: Service, graph: Graph) -> None:
    bad = [
        message(
            1, "Order Completed", {"total": "many", "currency": "shells", "products": [{"price": -5}]}, userId="u1"
        ),
        message(2, "Order Refunded", {"order_id": None, "total": 5}, userId="u1"),
    ]
    await collect(service, [*bad, bad[0]], source="web", received_at=NOW)
    (row,) = await graph.run(
        "MATCH (c:IngestCounter) WHERE c.accepted > 0 RETURN c.ignored AS ignored, c.accepted AS n"
    )
    assert row["n"] == 2
    assert json.loads(row["ignored"]) == {
        f"properties.{path}": {"unreadable_field": 1} for path in ("total", "currency", "products.price", "order_id")
    }
    found = await read_orders(graph)
    assert {key: (order["state"], order["total"]) for key, order in found.items()} == {
        "default/1001": ("PLACED", "0.00")
    }


async def test_a_message_that_is_taken_back_leaves_the_order_as_if_it_had_never_come(
    service: Service, graph: Graph
) -> None:
    await collect(service, [WEB, TILL], source="web", received_at=NOW)
    await retract_observation(service, "web", "m2", "test")
    (order,) = (await read_orders(graph)).values()
    assert (order["owners"], order["messages"]) == (["anonymous_id:c1"], 1)
    await retract_observation(service, "web", "m1", "test")
    assert await read_orders(graph) == {}


async def test_other_rules_give_the_order_to_another_identifier(service: Service, graph: Graph) -> None:
    await collect(service, [WEB, TILL], source="web", received_at=NOW)
    rules = "format: 1\nnamespaces: {anonymous_id: {visitor: true}, loyalty_id: {}}\n"
    await put_in_force(service.units, rules, 1, "test")
    await apply_all(service.units)
    assert [order["owners"] for order in (await read_orders(graph)).values()] == [["anonymous_id:c1"]]
    await put_in_force(service.units, rules.replace("loyalty_id: {}", "loyalty_id: {blocked: [k1]}"), 2, "test")
    await apply_all(service.units)
    assert [order["owners"] for order in (await read_orders(graph)).values()] == [["anonymous_id:c1"]]
    await put_in_force(service.units, "format: 1\nnamespaces: {user_id: {}}\n", 3, "test")
    await apply_all(service.units)
    assert [order["owners"] for order in (await read_orders(graph)).values()] == [[]]


async def test_orders_of_events_from_before_are_made_in_the_background(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "EVENTS_AT_ONCE", 2)
    async with open_service(settings) as service:
        await collect(service, [WEB, TILL, UPDATE, *REFUNDS], source="web", received_at=NOW)
    await graph.run("MATCH (o:Order) DETACH DELETE o")
    await graph.run("MATCH (c:Catalogue) DELETE c")
    async with open_service(settings) as service:
        await catalogues.apply_all(service.units)
        assert await read_orders(graph) == {"default/1001": ONE_ORDER}


async def test_another_catalogue_gives_order_ids_another_scope_and_back(
    service: Service, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "EVENTS_AT_ONCE", 2)
    shop = {**message(6, "Order Completed", {**AMOUNTS, "total": 5, "shop": "A"}, anonymousId="c2")}
    await collect(service, [WEB, TILL, shop, *REFUNDS], source="web", received_at=NOW)
    before = await read_orders(graph)
    assert [order["messages"] for order in before.values()] == [5]
    catalogue = "format: 1\ncommerce:\n  order_scope: {property: shop}\n"
    await catalogues.put_in_force(service.units, catalogue, 1, "test")
    late = message(7, "Order Refunded", {"total": 1, "shop": "A"}, anonymousId="c1")
    await collect(service, [late], source="web", received_at=NOW)
    await catalogues.apply_all(service.units)
    found = await read_orders(graph)
    assert {key: (o["total"], o["refunded"], o["messages"], o["owners"]) for key, o in found.items()} == {
        "default/1001": ("69.99", "10.00", 4, ["loyalty_id:k1"]),
        "A/1001": ("5.00", "1.00", 2, ["anonymous_id:c2"]),
    }
    await retract_observation(service, "web", "m7", "test")
    await catalogues.roll_back(service.units, 1, "test")
    await catalogues.apply_all(service.units)
    assert await read_orders(graph) == before


async def test_a_batch_without_commerce_events_asks_nothing_more(service: Service, graph: Graph) -> None:
    SENT.clear()
    await collect(service, [message(9, "Product Viewed", {}, userId="u1")], source="web", received_at=NOW)
    asked = {name for names in SENT for name in names}
    assert "collecting/create_events" in asked
    assert not {name for name in asked if "order" in name or "report" in name}
    await collect(service, [WEB], source="web", received_at=NOW)
    assert {"profiles/report_orders", "profiles/list_reports", "profiles/set_orders"} <= {n for t in SENT for n in t}
