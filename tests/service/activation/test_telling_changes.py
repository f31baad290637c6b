"""Destinations hear of merges and splits, once and in order."""

import json

from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.activation.deliverer import KEPT, Deliverer
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from tests.receivers import receiver
from tests.worlds.activation import NOW, SECOND, make_destination, put, transition
from tests.worlds.worlds import make_event, make_rules


async def test_customers_that_merge_are_told_each_once(graph: Graph) -> None:
    rules = make_rules()

    async def see(number: int, *keys: str) -> None:
        await graph.write(lambda tx: take_in(tx, [make_event(number, number, keys, rules)], Regime(rules, 1, 10**15)))

    async with receiver() as there:
        await make_destination(graph, "dst_1", url=there.url, kinds=["customer.changed"], change_position=0)
        await make_destination(graph, "dst_2", url=there.url)
        own = Deliverer(graph, allow_private=True)
        await see(1, "crm:1")
        await see(2, "phone:1")
        await own.deliver_due()
        assert there.received == []
        await see(3, "crm:1", "phone:1")
        for _ in range(2):
            await own.deliver_due()
        bodies = [json.loads(request.body) for request in there.received]
    rows = await graph.run("MATCH (c:Customer) RETURN c.id AS id ORDER BY id")
    customers = [row["id"] for row in rows]
    assert len(customers) == 2
    assert sorted(body["data"]["customer"] for body in bodies) == customers
    assert {(body["type"], body["data"]["kind"], *body["data"]["customers"]) for body in bodies} == {
        ("customer.changed", "MERGED", *customers)
    }
    assert len({request.id for request in there.received}) == 2


async def test_what_was_delivered_long_ago_is_deleted_and_what_is_pending_is_not(graph: Graph) -> None:
    async with receiver() as there:
        await make_destination(graph, "dst_1", url=there.url)
        await make_destination(graph, "dst_2", url=there.url)
        await put(graph, transition("cus_1"))
        clock_now = NOW
        own = Deliverer(graph, allow_private=True, clock=lambda: clock_now)
        await own.deliver_due()
        await graph.run("MATCH (d:Destination {id: 'dst_2'}) SET d.disabled_at = datetime()")
        await put(graph, transition("cus_2"))
        await own.deliver_due()
        clock_now = NOW + KEPT
        await own._prune(clock_now)
        assert await count(graph) == 4
        clock_now = NOW + KEPT + 3600 * SECOND
        await own._prune(clock_now)
        assert await count(graph) == 1
        await graph.run("MATCH (d:Destination) DELETE d")
        clock_now += 3600 * SECOND
        await own._prune(clock_now)
        assert await count(graph) == 0


async def count(graph: Graph) -> int:
    return (await graph.run("MATCH (d:Delivery) RETURN count(d) AS total"))[0]["total"]
