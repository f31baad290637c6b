"""What several messages of one order come to: known answers, in every order in which they may arrive."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE, CommerceRules
from identity_graph.domain.profiles.orders import Order, OrderMessage, OrderState, find_owner, fold_order
from identity_graph.domain.profiles.reports import order_key, read_report
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.identifiers import Identifier

RULES = load_preset()
AMOUNTS: Mapping[str, Any] = {"total": 69.99, "tax": 2.00, "discount": "5.00", "shipping": 7, "currency": "USD"}
COMPLETED, UPDATED, REFUNDED, CANCELLED = "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"


def message(
    at: int,
    name: str,
    said: Mapping[str, Any] = AMOUNTS,
    *keys: str,
    source: str = "web",
    order_id: object = "1001",
    rules: CommerceRules = DEFAULT_COMMERCE,
) -> OrderMessage:
    """Make a message of an order, at a second."""
    report = read_report("track", name, source, f"m{at}", {"order_id": order_id, **said}, rules)
    assert report is not None
    return OrderMessage(at, source, f"m{at}", report, tuple(Identifier.from_key(key) for key in keys))


def fold(*messages: OrderMessage, rules: CommerceRules = DEFAULT_COMMERCE) -> Order:
    """Fold messages in every order in which they may arrive, which gives one and the same order."""
    orders = [fold_order(some, rules) for some in permutations(messages)]
    assert all(order == orders[0] for order in orders)
    return orders[0]


def reasons(order: Order) -> list[tuple[str, str]]:
    return [(problem.path, problem.reason) for problem in order.problems]


def test_one_order_told_by_the_web_the_till_an_update_and_two_messages_of_one_refund() -> None:
    refund = {"refund_id": "r1", "total": "10.00", "currency": "USD"}
    order = fold(
        message(1, COMPLETED),
        message(2, COMPLETED, source="till"),
        message(3, UPDATED),
        message(4, REFUNDED, refund),
        message(5, REFUNDED, refund),
    )
    assert (order.total, order.refunded, order.currency) == (Decimal("69.99"), Decimal("10.00"), "USD")
    assert (order.tax, order.discount, order.shipping) == (Decimal("2.00"), Decimal("5.00"), Decimal("7.00"))
    assert (order.state, order.placed_at, order.problems) == (OrderState.PARTLY_REFUNDED, 1, ())
    assert order.revenue == Decimal("60.99")
    assert (order.net, order.counts) == (Decimal("50.99"), True)


def test_without_a_refund_id_each_message_counts_and_what_exceeds_the_total_is_reported() -> None:
    order = fold(message(1, COMPLETED), message(2, REFUNDED, {"total": 40}), message(3, REFUNDED, {"total": "40.00"}))
    assert (order.state, order.refunded) == (OrderState.REFUNDED, Decimal("69.99"))
    assert reasons(order) == [("refunds", "exceed the total by 10.01 USD, which is not subtracted")]
    assert order.net == 0


def test_a_bare_refund_is_one_of_everything() -> None:
    order = fold(message(1, COMPLETED), message(2, REFUNDED, {}), message(3, REFUNDED, {"total": 10}))
    assert (order.state, order.refunded, order.problems) == (OrderState.REFUNDED, Decimal("69.99"), ())


def test_of_one_refund_the_last_message_that_names_an_amount_counts() -> None:
    one = {"refund_id": 7}
    order = fold(
        message(1, COMPLETED),
        message(2, REFUNDED, one),
        message(3, REFUNDED, {**one, "amount": 5}),
        message(4, REFUNDED, {**one, "amount": 6}),
        message(5, REFUNDED, one),
    )
    assert (order.state, order.refunded) == (OrderState.PARTLY_REFUNDED, Decimal(6))


def test_a_refund_before_its_order_waits_visibly() -> None:
    refund = message(1, REFUNDED, {"total": 10, "currency": "USD"})
    order = fold(refund)
    assert (order.state, order.placed_at, order.at) == (OrderState.UNKNOWN, None, 1)
    assert (order.total, order.refunded, order.currency) == (0, 10, "USD")
    assert (order.net, order.counts) == (0, False)
    order = fold(refund, message(2, COMPLETED))
    assert (order.state, order.placed_at, order.total, order.refunded) == (
        OrderState.PARTLY_REFUNDED,
        2,
        Decimal("69.99"),
        10,
    )


def test_a_cancellation_before_its_order_holds_when_the_order_comes() -> None:
    cancelled = message(1, CANCELLED, {})
    assert (fold(cancelled).state, fold(cancelled).currency) == (OrderState.UNKNOWN, "XXX")
    order = fold(cancelled, message(2, COMPLETED))
    assert (order.state, order.counts, order.net, order.total) == (OrderState.CANCELLED, False, 0, Decimal("69.99"))


def test_each_amount_is_the_one_said_last() -> None:
    order = fold(
        message(1, COMPLETED, {**AMOUNTS, "revenue": 60}),
        message(2, UPDATED, {"total": 80, "shipping": 0}),
        message(3, UPDATED, {"coupon": "SPRING"}),
    )
    assert (order.state, order.total, order.revenue, order.shipping) == (OrderState.UPDATED, 80, 78, 0)


def test_an_update_alone_places_the_order() -> None:
    order = fold(message(5, UPDATED), message(6, UPDATED))
    assert (order.state, order.placed_at) == (OrderState.UPDATED, 5)


@pytest.mark.parametrize(
    ("said", "revenue", "total"),
    [
        ({"revenue": 50, "subtotal": 55, "total": 70, "tax": 2}, 50, 70),
        ({"subtotal": 55, "total": 70, "tax": 2}, 55, 70),
        ({"total": 70, "tax": 2, "shipping": 8}, 60, 70),
        ({"total": 5, "tax": 2, "shipping": 8}, 0, 5),
        ({"products": [{"price": "1,000.00", "quantity": 2}, {"price": 5}, {"sku": "gift"}], "tax": 1}, 2005, 2006),
        ({"revenue": 50, "shipping": 8}, 50, 58),
    ],
)
def test_what_an_order_is_worth(said: dict[str, Any], revenue: int, total: int) -> None:
    order = fold(message(1, COMPLETED, said))
    assert (order.revenue, order.total, order.problems) == (revenue, total, ())


def test_an_order_without_any_amount_counts_and_says_so() -> None:
    order = fold(message(1, COMPLETED, {}))
    assert (order.state, order.counts, order.total) == (OrderState.PLACED, True, 0)
    assert [path for path, _ in reasons(order)] == ["properties.total"]


def test_amounts_of_another_currency_do_not_count() -> None:
    order = fold(
        message(1, COMPLETED),
        message(2, UPDATED, {"total": 500, "currency": "CNY"}),
        message(3, UPDATED, {"coupon": "x", "currency": "USD"}),
        message(4, REFUNDED, {"total": 5, "currency": "USD"}),
        message(5, REFUNDED, {"total": 6}),
    )
    assert (order.currency, order.total, order.refunded, order.tax) == ("CNY", 500, 6, None)
    reason = "is not that of the order, CNY: the amounts of this message do not count"
    assert [(problem.message_id, problem.reason) for problem in order.problems] == [
        ("m1", reason),
        ("m3", reason),
        ("m4", reason),
    ]


def test_a_currency_that_nobody_names_is_that_of_the_rules() -> None:
    rules = CommerceRules(currency="CNY")
    assert fold(message(1, COMPLETED, {"total": 1}), rules=rules).currency == "CNY"
    assert fold(message(1, COMPLETED, {"total": 1})).currency == "XXX"
    assert fold(message(1, COMPLETED, {"currency": "EUR"}), rules=rules).currency == "EUR"


def test_the_owner_is_the_strongest_identifier_of_any_message_then_the_one_seen_first_then_the_smaller_key() -> None:
    web = message(2, COMPLETED, AMOUNTS, "anonymous_id:c1")
    till = message(3, COMPLETED, AMOUNTS, "loyalty_id:k2", "loyalty_id:k1")
    late = message(1, REFUNDED, {}, "loyalty_id:k9")
    assert find_owner([], RULES) is None
    assert find_owner([web], RULES) == Identifier("anonymous_id", "c1")
    for messages in permutations([web, till]):
        assert find_owner(messages, RULES) == Identifier("loyalty_id", "k1")
    for messages in permutations([web, till, late]):
        assert find_owner(messages, RULES) == Identifier("loyalty_id", "k9")


@pytest.mark.parametrize(
    ("type", "name"), [("page", COMPLETED), ("track", "Product Viewed"), ("track", ""), ("track", None)]
)
def test_other_events_tell_of_no_order(type: str, name: str | None) -> None:
    assert read_report(type, name, "web", "m1", {"order_id": "1"}, DEFAULT_COMMERCE) is None


@pytest.mark.parametrize("order_id", [None, "", " ", "null", "undefined", "x" * 513, 1.5, 2.0**60, {}])
@pytest.mark.parametrize(("name", "expected"), [(COMPLETED, "web/m1"), (REFUNDED, None), (CANCELLED, None)])
def test_an_order_without_an_id_is_one_of_its_own_and_other_messages_without_one_tell_of_none(
    order_id: object, name: str, expected: str | None
) -> None:
    report = message(1, name, {"total": 5}, order_id=order_id).report
    assert (report.order_id, report.order) == (expected, expected and order_key("default", expected))
    assert [problem.path for problem in report.problems] == ["properties.order_id"]


@pytest.mark.parametrize("order_id", [1001, 1001.0, " 1001 "])
def test_an_order_id_is_read_like_other_ids(order_id: object) -> None:
    assert message(1, COMPLETED, order_id=order_id).report.order_id == "1001"


def test_the_scope_is_that_of_the_property_or_of_the_source() -> None:
    rules = CommerceRules(scope_property="shop", scope_of_source={"till": "store"})
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("web", {}, "default"),
        ("till", {}, "store"),
        ("till", {"shop": 7}, "7"),
        ("web", {"shop": " "}, "default"),
        ("web", {"shop": ["x"]}, "default"),
        ("web", {"shop": "s" * 300}, "s" * 255),
    ]
    for source, said, scope in cases:
        report = message(1, COMPLETED, said, source=source, rules=rules).report
        assert (report.scope, report.order) == (scope, order_key(scope, "1001"))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"total": -5}, "properties.total"),
    ({"total": "a lot"}, "properties.total"),
    ({"total": 5, "currency": "shells"}, "properties.currency"),
    ({"total": 5, "products": {"price": 5}}, "properties.products"),
    ({"total": 5, "products": ["A1"]}, "properties.products"),
    ({"total": 5, "products": [{"price": -5}]}, "properties.products.price"),
    ({"total": 5, "products": [{"price": 5, "quantity": "some"}]}, "properties.products.quantity"),
]


@pytest.mark.parametrize(("said", "path"), BAD)
def test_what_cannot_be_read_is_reported_with_its_field(said: dict[str, Any], path: str) -> None:
    problems = message(1, COMPLETED, said).report.problems
    assert [problem.path for problem in problems] == [path]
    assert not any(
        str(value) in problem.reason for problem in problems for value in (-5, "a lot", "shells", "A1", "some")
    )


def test_lines_that_cannot_be_added_up_are_shown_and_not_guessed() -> None:
    order = fold(message(1, COMPLETED, {"products": [{"sku": 1, "name": " A "}, {"price": 5, "quantity": -1}, "x"]}))
    assert [(line.sku, line.name, line.price, line.quantity) for line in order.lines] == [
        ("1", "A", None, 1),
        (None, None, 5, 1),
    ]
    assert order.total == 0
    assert [path for path, _ in reasons(order)] == [
        "properties.products.quantity",
        "properties.products",
        "properties.total",
    ]


def test_a_refund_of_products_without_prices_is_not_one_of_everything() -> None:
    order = fold(message(1, COMPLETED), message(2, REFUNDED, {"products": [{"sku": "A1", "quantity": 1}]}))
    assert (order.state, order.refunded) == (OrderState.PLACED, 0)
    assert [path for path, _ in reasons(order)] == ["properties.total"]
    order = fold(message(1, COMPLETED), message(2, REFUNDED, {"products": [{"price": 5, "quantity": 2}]}))
    assert (order.state, order.refunded) == (OrderState.PARTLY_REFUNDED, 10)
