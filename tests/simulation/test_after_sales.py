"""What comes after an order in a simulated world: collected, cancelled, brought back, and never more than was paid."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest

from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE
from identity_graph.domain.profiles.orders import Order, OrderMessage, OrderState, fold_order
from identity_graph.domain.profiles.reports import read_report
from identity_graph.simulation import SimulatedMessage, Simulation, Truth, simulate

AFTER = {"Order Updated", "Order Refunded", "Order Cancelled"}
PEOPLE = 800

Orders = dict[str, list[SimulatedMessage]]


@pytest.fixture(scope="module")
def world() -> tuple[Simulation, list[SimulatedMessage]]:
    simulation = simulate(PEOPLE, seed=3)
    return simulation, list(simulation)


@pytest.fixture(scope="module")
def orders(world: tuple[Simulation, list[SimulatedMessage]]) -> Orders:
    """The messages of each order, those that were sent twice once."""
    found: Orders = defaultdict(list)
    seen: set[str] = set()
    for sent in world[1]:
        name, id = sent.message.get("event", ""), sent.message["messageId"]
        if name.startswith("Order ") and id not in seen:
            seen.add(id)
            found[sent.message["properties"]["order_id"]].append(sent)
    return found


def fold(sents: list[SimulatedMessage]) -> Order:
    messages: list[OrderMessage] = []
    for sent in sents:
        message = sent.message
        at = int(datetime.fromisoformat(message["timestamp"]).timestamp() * 1_000_000)
        id, said = message["messageId"], message["properties"]
        report = read_report("track", message["event"], "web", id, said, DEFAULT_COMMERCE)
        assert report is not None
        messages.append(OrderMessage(at, "web", id, report))
    return fold_order(messages, DEFAULT_COMMERCE)


def names(sents: list[SimulatedMessage]) -> list[str]:
    return [sent.message["event"] for sent in sents]


def test_orders_end_in_every_way_and_nothing_is_wrong_with_any(orders: Orders) -> None:
    folded = {id: fold(sents) for id, sents in orders.items()}
    assert {order.state for order in folded.values()} == set(OrderState) - {OrderState.UNKNOWN}
    assert [(id, order.problems) for id, order in folded.items() if order.problems] == []
    states = Counter(order.state for order in folded.values())
    assert 0.08 < (states[OrderState.REFUNDED] + states[OrderState.PARTLY_REFUNDED]) / len(folded) < 0.14
    for id, sents in orders.items():
        (total,) = {sent.message["properties"]["total"] for sent in sents if sent.message["event"] == "Order Completed"}
        assert float(folded[id].total) == total
        assert 0 <= folded[id].refunded <= folded[id].total


def test_web_shop_and_till_both_tell_of_some_orders(orders: Orders) -> None:
    both = [sents for sents in orders.values() if names(sents).count("Order Completed") == 2]
    assert len(both) > 10
    for sents in both:
        first, second = (sent.message for sent in sents if sent.message["event"] == "Order Completed")
        assert first["context"].get("channel") != "store"
        assert second["context"]["channel"] == "store"
        same = ("total", "revenue", "shipping", "currency", "products")
        assert [first["properties"][name] for name in same] == [second["properties"][name] for name in same]
    crossed = [sents for sents in both if not set(sents[0].identifiers) & set(sents[1].identifiers)]
    assert crossed, "the till knows some people by a card that the web shop never saw"


def test_some_refunds_are_told_twice_with_one_id(orders: Orders) -> None:
    told: Counter[tuple[str, str, float]] = Counter()
    for id, sents in orders.items():
        for sent in sents:
            if sent.message["event"] == "Order Refunded":
                said = sent.message["properties"]
                told[id, said["refund_id"], said["total"]] += 1
                assert sent.message["timestamp"] > sents[0].message["timestamp"]
                assert said["reason"]
    assert set(told.values()) == {1, 2}
    assert len({id for id, _, _ in told}) == len(told), "of one order one refund, of one amount"


def test_what_comes_after_an_order_names_one_identifier_that_is_known_and_changes_nothing_in_who_is_who(
    world: tuple[Simulation, list[SimulatedMessage]],
) -> None:
    simulation, sents = world
    before = Truth()
    seen: set[str] = set()
    after = 0
    for sent in sents:
        told = sent.message.get("properties", {})
        if sent.message.get("event") in AFTER or told.get("status") == "collected":
            (key,) = sent.identifiers
            assert key in seen
            after += 1
        else:
            before.record(sent.person, sent.identifiers)
        seen.update(sent.identifiers)
    assert after > 100
    assert (before.owners, _sorted(before)) == (simulation.truth.owners, _sorted(simulation.truth))


def _sorted(truth: Truth) -> dict[str, list[list[str]]]:
    return {person: sorted(sorted(group) for group in groups) for person, groups in truth.evidence.items()}


def test_nothing_happens_after_the_world_ends(world: tuple[Simulation, list[SimulatedMessage]]) -> None:
    simulation, sents = world
    ends: Any = simulation.end / 1000
    late = [sent for sent in sents if datetime.fromisoformat(sent.message["timestamp"]).timestamp() >= ends]
    assert not [sent for sent in late if sent.message.get("event") in AFTER]
