"""What the queries that lock really lock."""

import asyncio

import pytest

from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph, WriteWork
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.identity import customers
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store
from tests.worlds.worlds import make_event, make_rules


async def lock_identifier(tx: WriteTransaction) -> None:
    await identifier_store.lock_identifiers(tx, keys=["crm:1"])


async def lock_customer(tx: WriteTransaction) -> None:
    (row,) = await customers.find_owners(tx, keys=["crm:1"])
    await customers.lock_customers(tx, ids=[row.customer_id])


async def lock_links(tx: WriteTransaction) -> None:
    (row,) = await customers.find_owners(tx, keys=["crm:1"])
    await link_store.lock_links(tx, released=[], ids=[row.customer_id])


@pytest.mark.parametrize("lock", [lock_identifier, lock_customer, lock_links])
async def test_a_second_transaction_waits_for_the_first(graph: Graph, lock: WriteWork[None]) -> None:
    rules = make_rules()
    event = make_event(1, 1, ("crm:1", "phone:1"), rules)
    await graph.write(lambda tx: take_in(tx, [event], Regime(rules, 1, 1)))
    order: list[str] = []
    locked = asyncio.Event()

    async def first(tx: WriteTransaction) -> None:
        await lock(tx)
        locked.set()
        await asyncio.sleep(0.3)
        order.append("first is done")

    async def second(tx: WriteTransaction) -> None:
        await locked.wait()
        await lock(tx)
        order.append("second has it")

    await asyncio.gather(graph.write(first), graph.write(second))
    assert order == ["first is done", "second has it"]
