"""Bad input about money, orders, clocks and catalogues, as senders send it over HTTP: it is told, and nothing is lost."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.live import ADMIN_KEY, WRITE_KEY, Live, serve

ORDER = """query($id: String!, $scope: String! = "default") { order(orderId: $id, scope: $scope) {
  state placedAt total { amount currency } refunded { amount } lines { sku price { amount } quantity }
  problems { messageId path reason } identifier { key } touchpoints { totalCount }
} }"""
CUSTOMER = """query($user: String!) { customer(by: {namespace: "user_id", value: $user}) {
  firstSeenAt lastSeenAt journey { edges { node { name occurredAt } } } traits { name value }
  profile { spending { purchases total { amount currency } unconverted } rfm { recencyDays } }
} }"""
COUNTED = "{ ingestStats { accepted deadLettered ignored { namespace code count } } }"
CATALOGUE = "{ catalogue { version status } }"
APPLY = """mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { version } } }"""
SCOPES = "docs/orders.md#scope"


class Shop:
    """Senders of messages, and somebody who asks what has become of them."""

    def __init__(self, session: httpx.AsyncClient) -> None:
        self.session = session

    async def send(self, *messages: dict[str, Any]) -> None:
        """Send a batch, which is taken whatever is in it."""
        answer = await self.session.post("/v1/batch", json={"batch": messages}, headers={"X-Write-Key": WRITE_KEY})
        assert (answer.status_code, answer.json()) == (200, {"success": True})

    async def ask(self, document: str, *, fails: bool = False, **variables: Any) -> Any:
        answer = await self.session.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        )
        body = answer.json()
        assert ("errors" in body) is fails, body
        return body["errors"] if fails else body["data"]

    async def order(self, id: str, scope: str = "default") -> dict[str, Any]:
        return (await self.ask(ORDER, id=id, scope=scope))["order"]

    async def customer(self, user: str) -> dict[str, Any]:
        return (await self.ask(CUSTOMER, user=user))["customer"]

    async def spent(self, user: str) -> tuple[int, str, str, int]:
        """Tell how many purchases a customer made, for how much, and how many could not be added up."""
        spending = (await self.customer(user))["profile"]["spending"]
        total = spending["total"]
        return spending["purchases"], total["amount"], total["currency"], spending["unconverted"]

    async def counted(self) -> dict[str, int]:
        """Tell which fields of messages were counted as unreadable; no message was refused."""
        stats = (await self.ask(COUNTED))["ingestStats"]
        assert stats["deadLettered"] == 0
        return {row["namespace"]: row["count"] for row in stats["ignored"] if row["code"] == "unreadable_field"}


@asynccontextmanager
async def talk_to(live: Live) -> AsyncGenerator[Shop]:
    async with clients.AsyncClient(base_url=live.url, timeout=30) as session:
        yield Shop(session)


@pytest.fixture
async def shop(graph: Graph, settings: Settings) -> AsyncGenerator[Shop]:
    """Give a service of this test's own on an empty graph, whose catalogue may be changed."""
    keys = {"write_key": SecretStr(WRITE_KEY), "admin_key": SecretStr(ADMIN_KEY)}
    with serve(settings.model_copy(update=keys)) as live:
        async with talk_to(live) as shop:
            yield shop


def told(number: int, name: str, user: str, order_id: str, **said: Any) -> dict[str, Any]:
    """Make a message of an order of some hour."""
    return {
        "type": "track",
        "event": name,
        "messageId": f"m{number}",
        "timestamp": f"2026-01-01T{number:02}:00:00Z",
        "userId": user,
        "properties": {"order_id": order_id, "currency": "USD", **said},
    }


def bought(number: int, user: str, order_id: str, **said: Any) -> dict[str, Any]:
    return told(number, "Order Completed", user, order_id, **said)


def reasons(order: dict[str, Any]) -> dict[str | None, dict[str, str]]:
    """Give the problems of an order: the reason by message and path."""
    found: dict[str | None, dict[str, str]] = {}
    for problem in order["problems"]:
        found.setdefault(problem["messageId"], {})[problem["path"]] = problem["reason"]
    return found


async def kept(graph: Graph) -> dict[str, Any]:
    """Read the properties of all events as they were kept, by message."""
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.message_id AS id, e.properties AS properties")
    return {row["id"]: json.loads(row["properties"]) for row in rows}


async def test_negative_prices_are_told_and_the_rest_of_the_order_and_its_neighbours_count(
    shop: Shop, graph: Graph
) -> None:
    lines = [{"sku": "A", "price": -10, "quantity": 2}, {"sku": "B", "price": 5}]
    messages = [
        bought(1, "ann", "1", total=-50, products=lines),
        bought(2, "ann", "2", total=20),
        told(3, "Order Refunded", "ann", "2", total=-5),
        bought(4, "bob", "3", total=7),
    ]
    await shop.send(*messages)
    order = await shop.order("1")
    assert (order["state"], order["total"]["amount"]) == ("PLACED", "0.00")
    assert [(line["sku"], line["price"]) for line in order["lines"]] == [("A", None), ("B", {"amount": "5.00"})]
    negative = "must not be negative: Order Refunded tells what was paid back, as a positive amount"
    assert reasons(order) == {
        "m1": {"properties.total": negative, "properties.products.price": negative},
        None: {
            "properties.total": "is missing, and so are revenue, subtotal and prices: the order counts with 0",
        },
    }
    paid_back = await shop.order("2")
    assert (paid_back["state"], paid_back["refunded"]["amount"]) == ("PLACED", "0.00")
    assert reasons(paid_back) == {"m3": {"properties.total": negative}}
    assert await shop.counted() == {"properties.total": 2, "properties.products.price": 1}
    assert await shop.spent("ann") == (2, "20.00", "USD", 0)
    assert await shop.spent("bob") == (1, "7.00", "USD", 0)
    assert await kept(graph) == {message["messageId"]: message["properties"] for message in messages}

    await shop.send(told(5, "Order Updated", "ann", "1", total=30), told(6, "Order Refunded", "ann", "2", total=5))
    assert await shop.spent("ann") == (2, "45.00", "USD", 0)


async def test_amounts_in_unknown_currencies_are_told_kept_and_added_to_no_others(shop: Shop, graph: Graph) -> None:
    messages = [
        bought(1, "ann", "1", total=10, currency="shells"),
        bought(2, "ann", "2", total=11, currency="shells"),
        bought(3, "ann", "3", total=20),
        bought(4, "ann", "4", total=5, currency=156),
        told(5, "Order Refunded", "ann", "3", total=1, currency="shells"),
    ]
    await shop.send(*messages)
    order = await shop.order("1")
    assert order["total"] == {"amount": "10.00", "currency": "SHELLS"}
    unknown = "must be a currency of ISO 4217, such as CNY: its amounts are not added to others"
    assert reasons(order) == {"m1": {"properties.currency": unknown}}
    other = await shop.order("3")
    assert (other["total"], other["refunded"]["amount"]) == ({"amount": "20.00", "currency": "USD"}, "0.00")
    assert [problem["messageId"] for problem in other["problems"]] == ["m5", "m5"]
    assert "is not that of the order, USD" in other["problems"][-1]["reason"]
    assert await shop.counted() == {"properties.currency": 4}
    assert await shop.spent("ann") == (4, "20.00", "USD", 3)
    assert (await kept(graph))["m4"]["currency"] == 156

    await shop.send(*(told(n + 5, "Order Updated", "ann", str(n), total=t) for n, t in ((1, 10), (2, 11), (4, 5))))
    assert await shop.spent("ann") == (4, "46.00", "USD", 0)


async def test_a_refund_before_its_order_waits_and_one_above_it_is_told_and_not_subtracted(shop: Shop) -> None:
    refund = told(2, "Order Refunded", "ann", "1", total="10.00")
    await shop.send(refund, bought(3, "bob", "2", total=5))
    early = await shop.order("1")
    assert (early["state"], early["placedAt"], early["refunded"]["amount"]) == ("UNKNOWN", None, "10.00")
    assert await shop.spent("ann") == (0, "0.00", "XXX", 0)
    await shop.send(bought(1, "ann", "1", total=69.99))
    order = await shop.order("1")
    assert (order["state"], order["total"]["amount"], order["problems"]) == ("PARTLY_REFUNDED", "69.99", [])
    assert await shop.spent("ann") == (1, "59.99", "USD", 0)

    await shop.send(told(4, "Order Refunded", "ann", "1", total=40), told(5, "Order Refunded", "ann", "1", total=40))
    over = await shop.order("1")
    assert (over["state"], over["refunded"]["amount"]) == ("REFUNDED", "69.99")
    assert reasons(over) == {None: {"refunds": "exceed the total by 20.01 USD, which is not subtracted"}}
    assert await shop.spent("ann") == (1, "0.00", "USD", 0)
    assert await shop.spent("bob") == (1, "5.00", "USD", 0)


async def test_one_order_id_of_two_customers_counts_once_and_says_what_to_do(shop: Shop) -> None:
    same = [bought(1, "ann", "1", total=10), bought(2, "bob", "1", total=10)]
    await shop.send(*same, bought(3, "bob", "2", total=7))
    order = await shop.order("1")
    assert (order["identifier"]["key"], order["touchpoints"]["totalCount"]) == ("user_id:ann", 2)
    (reason,) = reasons(order)[None].values()
    assert reason.startswith("are those of several customers (different values of user_id): it counts once")
    assert SCOPES in reason
    assert not any(name in reason for name in ("ann", "bob")), "reports hold no personal data"
    assert await shop.spent("ann") == (1, "10.00", "USD", 0)
    assert await shop.spent("bob") == (1, "7.00", "USD", 0)
    assert await shop.counted() == {}


async def test_one_order_id_of_two_shops_is_told_and_two_orders_once_each_shop_has_a_scope(shop: Shop) -> None:
    messages = [
        bought(1, "ann", "1001", total=10, affiliation="Rome"),
        bought(2, "bob", "1001", total=20, affiliation="Oslo"),
        told(3, "Order Refunded", "bob", "1001", total=5, affiliation="Oslo"),
        bought(4, "ann", "1002", total=7, affiliation="Rome"),
    ]
    await shop.send(*messages)
    order = await shop.order("1001")
    assert (order["total"]["amount"], order["identifier"]["key"]) == ("20.00", "user_id:ann")
    found = reasons(order)[None]
    assert found["amounts"].startswith("differ between the events that complete it (total): the last ones count")
    assert all(SCOPES in found[path] for path in ("amounts", "identifiers"))

    await shop.ask(APPLY, yaml="commerce: {order_scope: {property: affiliation}}")
    async with asyncio.timeout(30):
        while (await shop.ask(CATALOGUE))["catalogue"]["status"] != "ACTIVE":  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)
    rome, oslo = await shop.order("1001", "Rome"), await shop.order("1001", "Oslo")
    assert [(it["total"]["amount"], it["refunded"]["amount"], it["identifier"]["key"]) for it in (rome, oslo)] == [
        ("10.00", "0.00", "user_id:ann"),
        ("20.00", "5.00", "user_id:bob"),
    ]
    assert (rome["problems"], oslo["problems"], await shop.order("1001")) == ([], [], None)
    assert await shop.spent("ann") == (2, "17.00", "USD", 0)
    assert await shop.spent("bob") == (1, "15.00", "USD", 0)


async def test_amounts_as_text_are_read_with_their_thousands_separators_or_told(shop: Shop, graph: Graph) -> None:
    written = ["1,299.00", "1.299,00", "1 299,00", "1'299.00", "1,299", "\uff11,299.00", 1299, "1299.0"]
    orders = [bought(n, "ann", f"o{n}", total=text) for n, text in enumerate(written, 1)]
    unclear = [bought(n, "bob", f"o{n}", total=text) for n, text in ((20, "1,29,900.00"), (21, "$5"), (22, "a lot"))]
    await shop.send(*orders, *unclear, bought(23, "bob", "o23", total="12,50"))
    assert await shop.spent("ann") == (8, "10392.00", "USD", 0)
    assert await shop.spent("bob") == (4, "12.50", "USD", 0)
    for message in unclear:
        order = await shop.order(message["properties"]["order_id"])
        assert reasons(order)[message["messageId"]] == {"properties.total": "must be a number, such as 1299.00"}
    assert await shop.counted() == {"properties.total": 3}
    assert (await kept(graph))["m20"]["total"] == "1,29,900.00"


def seen(id: str, timestamp: datetime | str, sent_at: datetime | None = None, user: str = "ann") -> dict[str, Any]:
    times = {"timestamp": timestamp, "sentAt": sent_at}
    return {
        "type": "track",
        "event": id,
        "messageId": id,
        "userId": user,
        **{name: str(at).replace("+00:00", "Z").replace(" ", "T") for name, at in times.items() if at is not None},
    }


def ages(edges: Iterable[dict[str, Any]], now: datetime) -> dict[str, float]:
    """Tell how many seconds before now each touchpoint happened."""
    return {
        edge["node"]["name"]: (now - datetime.fromisoformat(edge["node"]["occurredAt"])).total_seconds()
        for edge in edges
    }


async def test_clocks_that_are_years_off_are_corrected_or_told(shop: Shop) -> None:
    before = datetime.now(UTC)
    ahead, behind = before + timedelta(days=5 * 365), before - timedelta(days=10 * 365)
    long_ago = seen("Behind Unsent", behind)
    await shop.send(
        seen("Ahead", ahead, ahead + timedelta(seconds=300)),
        seen("Behind", behind, behind + timedelta(seconds=200)),
        seen("Ahead Unsent", ahead),
        seen("Minutes Ahead", before + timedelta(minutes=9)),
        seen("Right", before - timedelta(seconds=100)),
        {**long_ago, "userId": "eve"},
        seen("Neighbour", before - timedelta(seconds=50), user="bob"),
    )
    sensors = {"type": "track", "event": "Sensors", "distinct_id": "ann", "login_id": "ann", "properties": {}}
    sensors |= {"identities": {"$identity_login_id": "ann"}, "time": int(ahead.timestamp() * 1000)}
    data = base64.b64encode(json.dumps(sensors).encode()).decode()
    assert (await shop.session.post(f"/sa?token={WRITE_KEY}", data={"data": data})).status_code == 200

    ann = await shop.customer("ann")
    now = datetime.now(UTC)
    took = (now - before).total_seconds()
    names = [edge["node"]["name"] for edge in ann["journey"]["edges"]]
    assert names[-3:] == ["Right", "Behind", "Ahead"]
    found = ages(ann["journey"]["edges"], now)
    for name, age in {"Ahead": 300, "Behind": 200, "Right": 100, "Ahead Unsent": 0, "Minutes Ahead": 0}.items():
        assert age - 1 <= found[name] <= age + took + 1, (name, found[name])
    assert 0 <= found["Sensors"] <= took + 1
    assert datetime.fromisoformat(ann["lastSeenAt"]) <= now
    assert await shop.counted() == {"timestamp": 1, "time": 1}, "nine minutes are no reason to complain"
    (old,) = ages((await shop.customer("eve"))["journey"]["edges"], before).values()
    assert old == pytest.approx(timedelta(days=10 * 365).total_seconds(), abs=1), "without sentAt it is believed"
    assert [*ages((await shop.customer("bob"))["journey"]["edges"], before).values()] == [pytest.approx(50, abs=1)]


async def test_a_catalogue_that_contradicts_itself_is_refused_line_by_line_and_changes_nothing(shop: Shop) -> None:
    await shop.send(
        {"type": "identify", "messageId": "m1", "userId": "ann", "traits": {"points": 3}},
        bought(2, "ann", "1", total=5),
    )
    before = await shop.customer("ann")
    text = """traits:
  points: {type: text, policy: sum}
  city: {class: identity, group: household}
computed:
  points: {event: Order Completed, policy: count}
  level: {event: Order Completed, policy: sum, of: total, named: [{name: Any}, {name: Gold, above: 5}]}
  none: {event: Order Completed, policy: count, where: {total: {above: 9, below: 3}}}
commerce:
  events: {refunded: [Order Updated]}
  rates: {USD: {2026-01-01: 7}}
rfm: {method: boundaries, recency: [9, 3], frequency: [2, 1], monetary: [2, 1]}
lifecycle: {at_risk_after: 4, churned_after: 2}
interactions: {survey: [Asked], review: [Asked]}
"""
    (error,) = await shop.ask(APPLY, yaml=text, fails=True)
    assert error["extensions"]["code"] == "BAD_CATALOGUE"
    assert [problem.split(": ", 2)[:2] for problem in error["extensions"]["problems"]] == [
        ["catalogue:2", "traits.points.policy"],
        ["catalogue:3", "traits.city.group"],
        ["catalogue:5", "computed.points"],
        ["catalogue:6", "computed.level.named[1]"],
        ["catalogue:7", "computed.none.where.total"],
        ["catalogue:9", "commerce.events.refunded"],
        ["catalogue:10", "commerce.rates"],
        ["catalogue:11", "rfm.recency"],
        ["catalogue:12", "lifecycle.churned_after"],
        ["catalogue:13", "interactions.review"],
    ]
    assert (await shop.ask(CATALOGUE))["catalogue"] == {"version": 1, "status": "ACTIVE"}
    assert await shop.customer("ann") == before
