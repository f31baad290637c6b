"""Orders over GraphQL: of a customer, by the id that the shop calls them by, and by node."""

from typing import Any

import pytest

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask

NOW = 1_800_000_000_000_000
ORDER = """
  id scope orderId state placedAt
  total { amount currency } refunded { amount currency } revenue { amount } shipping { amount } tax { amount }
  discount { amount }
  lines { productId sku name brand category price { amount currency } quantity }
  problems { source messageId path reason }
  identifier { key }
"""
ORDERS_OF = f"""query($value: String!, $first: Int, $after: String) {{
  customer(by: {{namespace: "user_id", value: $value}}) {{ profile {{ orders(first: $first, after: $after) {{
    totalCount edges {{ cursor node {{ {ORDER} }} }} pageInfo {{ hasNextPage endCursor }}
  }} }} }}
}}"""
BY_ID = f'query($id: String!, $scope: String! = "default") {{ order(orderId: $id, scope: $scope) {{ {ORDER} }} }}'


def placed(number: int, order_id: str, user: str, **said: Any) -> dict[str, Any]:
    """Make an order of some hour."""
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"m{number}",
        "timestamp": f"2026-01-01T{number:02}:00:00Z",
        "userId": user,
        "properties": {"order_id": order_id, "total": 10 + number, "currency": "USD", **said},
    }


def other(number: int, name: str, order_id: str, **said: Any) -> dict[str, Any]:
    return {**placed(number, order_id, "ann"), "event": name, "properties": {"order_id": order_id, **said}}


async def test_an_order_has_all_that_is_known_of_it(service: Service, ask: Ask) -> None:
    line = {"product_id": 7, "sku": "A1", "name": "Cup", "brand": "Own", "category": "Kitchen", "price": "1,000.5"}
    bought = placed(
        1, "1001", "ann", total=3008.5, shipping=7, tax="0.00", discount="x", products=[line | {"quantity": 3}]
    )
    await collect(service, [bought, other(2, "Order Refunded", "1001", amount=8.5)], source="web", received_at=NOW)
    found = await ask(BY_ID, id="1001")
    order = found["order"]
    id = order.pop("id")
    assert order == {
        "scope": "default",
        "orderId": "1001",
        "state": "PARTLY_REFUNDED",
        "placedAt": "2026-01-01T01:00:00Z",
        "total": {"amount": "3008.50", "currency": "USD"},
        "refunded": {"amount": "8.50", "currency": "USD"},
        "revenue": {"amount": "3001.50"},
        "shipping": {"amount": "7.00"},
        "tax": {"amount": "0.00"},
        "discount": None,
        "lines": [
            {
                "productId": "7",
                "sku": "A1",
                "name": "Cup",
                "brand": "Own",
                "category": "Kitchen",
                "price": {"amount": "1000.50", "currency": "USD"},
                "quantity": "3",
            }
        ],
        "problems": [
            {
                "source": "web",
                "messageId": "m1",
                "path": "properties.discount",
                "reason": "must be a number, such as 1299.00",
            }
        ],
        "identifier": {"key": "user_id:ann"},
    }
    again = await ask("query($id: ID!) { node(id: $id) { id ... on Order { orderId } } }", id=id)
    assert again["node"] == {"id": id, "orderId": "1001"}
    assert (await ask('{ node(id: "ord_none") { id } }'))["node"] is None
    assert (await ask(BY_ID, id="1001", scope="other"))["order"] is None


async def test_the_orders_of_a_customer_are_paged_newest_first(service: Service, ask: Ask) -> None:
    mine = [placed(number, f"o{number}", "ann") for number in (3, 1, 5, 2, 4)]
    waiting = other(9, "Order Refunded", "o9", total=3)
    await collect(service, [*mine, waiting, placed(6, "theirs", "bob")], source="web", received_at=NOW)
    seen: list[str] = []
    after = None
    while True:
        page = (await ask(ORDERS_OF, value="ann", first=2, after=after))["customer"]["profile"]["orders"]
        assert page["totalCount"] == 6
        seen += [edge["node"]["orderId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["o9", "o5", "o4", "o3", "o2", "o1"]
    (unknown, *_) = (await ask(ORDERS_OF, value="ann", first=1))["customer"]["profile"]["orders"]["edges"]
    assert (unknown["node"]["state"], unknown["node"]["placedAt"]) == ("UNKNOWN", None)
    errors = await ask(ORDERS_OF, value="ann", first=101, fails=True)
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_order_follows_its_identifier_when_customers_merge_and_split(service: Service, ask: Ask) -> None:
    cart = placed(1, "1001", "ann")
    del cart["userId"]
    login = {"type": "identify", "messageId": "login", "userId": "ann", "anonymousId": "c1"}
    await collect(service, [{**cart, "anonymousId": "c1"}], source="web", received_at=NOW)
    await collect(service, [login], source="web", received_at=NOW)
    count = '{ customer(by: {namespace: "user_id", value: "ann"}) { profile { orders { totalCount } } } }'
    assert (await ask(count))["customer"]["profile"]["orders"]["totalCount"] == 1
    apart = 'mutation { declareDifferent(a: {namespace: "user_id", value: "ann"}, b: {namespace: "anonymous_id", value: "c1"}, reason: "?") { id } }'
    await ask(apart)
    assert (await ask(count))["customer"]["profile"]["orders"]["totalCount"] == 0


async def test_the_touchpoints_of_an_order_are_the_events_that_tell_of_it(service: Service, ask: Ask) -> None:
    messages = [placed(1, "1001", "ann"), other(2, "Order Updated", "1001"), other(3, "Order Cancelled", "1001")]
    await collect(service, [*messages, placed(4, "1002", "ann")], source="web", received_at=NOW)
    document = """query($after: String) { order(orderId: "1001") { touchpoints(first: 2, after: $after) {
      totalCount edges { node { name session { id } } } pageInfo { hasNextPage endCursor } } } }"""
    page = (await ask(document))["order"]["touchpoints"]
    assert [edge["node"]["name"] for edge in page["edges"]] == ["Order Cancelled", "Order Updated"]
    assert page["totalCount"] == 3
    rest = (await ask(document, after=page["pageInfo"]["endCursor"]))["order"]["touchpoints"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["Order Completed"]
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("who", [{"userId": "null"}])
async def test_an_order_of_nobody_is_found_and_says_so(service: Service, ask: Ask, who: dict[str, Any]) -> None:
    await collect(service, [{**placed(1, "1001", "x"), **who}], source="web", received_at=NOW)
    assert (await ask('{ order(orderId: "1001") { state total { amount } } }'))["order"] == {
        "state": "PLACED",
        "total": {"amount": "11.00"},
    }
    errors = await ask('{ order(orderId: "1001") { identifier { key } } }', fails=True)
    assert errors[0]["extensions"]["code"] == "NOT_FOUND"
