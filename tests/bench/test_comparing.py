"""The comparison that ends each fault finds every customer that is not what follows from the events."""

import pytest

from bench.faults.comparing import compare_graph
from identity_graph.store.driver.graph import Graph
from tests.service.health.test_checking import DAMAGE, world

__all__ = ["world"]


async def test_a_right_graph_has_no_wrong_customers(world: Graph) -> None:
    compared = await compare_graph(world)
    assert (compared.wrong, max(compared.messages.values())) == (0, 1)
    assert compared.several > 1


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_what_does_not_follow_from_the_events_is_counted(world: Graph, damage: str) -> None:
    await world.run(damage)
    assert (await compare_graph(world)).wrong >= 1


async def test_a_customer_without_identifiers_is_counted(world: Graph) -> None:
    await world.run("CREATE (:Customer {id: 'cus_0', created_at: datetime()})")
    assert (await compare_graph(world)).wrong == 1
