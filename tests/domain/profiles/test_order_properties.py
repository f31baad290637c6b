"""Random messages, in any order: what they come to is what a slow and plain reference makes of them."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given

from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE
from identity_graph.domain.profiles.orders import Order, OrderMessage, find_contest, find_owner, fold_order
from identity_graph.domain.profiles.reports import read_report
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event
from tests.properties import examples
from tests.worlds.shopping import reference_orders
from tests.worlds.worlds import worlds


@examples(200)
@given(world=worlds())
def test_orders_are_what_a_plain_reference_makes_of_their_messages(world: tuple[RuleSet, list[list[Event]]]) -> None:
    rules, batches = world
    arrived = {event.id: event for batch in reversed(batches) for event in reversed(batch)}.values()
    messages: dict[str, list[OrderMessage]] = {}
    for event in arrived:
        report = read_report(event.type, event.name, event.source, event.message_id, event.properties, DEFAULT_COMMERCE)
        if report is not None and report.order_id is not None:
            messages.setdefault(report.order_id, []).append(
                OrderMessage(event.occurred_at, event.source, event.message_id, report, event.identifiers)
            )
    expected = reference_orders([event for batch in batches for event in batch], rules)
    assert messages.keys() == expected.keys()
    for order_id, own in messages.items():
        order = fold_order(own, DEFAULT_COMMERCE)
        owner = find_owner(own, rules)
        assert told(order) == {name: expected[order_id][name] for name in told(order)}, order_id
        assert (None if owner is None else owner.key) == expected[order_id]["owner"]
        assert (find_contest(own, rules) is not None) == expected[order_id]["contested"]


def told(order: Order) -> Mapping[str, Any]:
    return {
        "state": order.state,
        "placed_at": order.placed_at,
        "at": order.at,
        "currency": order.currency,
        "amounts": (order.total, order.revenue, order.refunded),
        "beside": (order.shipping, order.tax, order.discount),
        "lines": len(order.lines),
        "exceeds": any(problem.path == "refunds" for problem in order.problems),
        "differs": any(problem.path == "amounts" for problem in order.problems),
    }
