"""RFM over GraphQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from identity_graph.service.catalogue import changing as catalogues
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask

RFM = """query($user: String!) { customer(by: {namespace: "user_id", value: $user}) { profile { rfm {
  recencyDays frequency monetary { amount currency } unconverted score cut { id version }
} } } }"""
CUT = "id version at population method currency recency frequency monetary classes frequencyClasses"


def bought(user: str, number: int, **said: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"{user}-{number}",
        "timestamp": f"2026-01-{number:02}T00:00:00Z",
        "userId": user,
        "properties": {"order_id": f"{user}-{number}", "total": "10.10", "currency": "USD", **said},
    }


async def test_a_score_shows_the_cut_that_it_refers_to(service: Service, ask: Ask) -> None:
    refund = {**bought("ann", 1), "messageId": "r", "event": "Order Refunded"}
    refund["properties"] = {"order_id": "ann-1", "total": 1}
    messages = [bought("ann", 1), bought("ann", 2, total=5), bought("ann", 3, currency="EUR"), bought("bob", 1), refund]
    await collect(
        service, [*messages, {"type": "page", "userId": "eve", "messageId": "p"}], source="web", received_at=10**16
    )
    before = (await ask(RFM, user="ann"))["customer"]["profile"]["rfm"]
    assert before.pop("recencyDays") > 200
    assert before == {
        "frequency": 3,
        "monetary": {"amount": "14.10", "currency": "USD"},
        "unconverted": 1,
        "score": None,
        "cut": None,
    }
    assert (await ask("{ rfmCut { version } }"))["rfmCut"] is None
    made = (await ask("mutation { recutRfm { cut { %s } } }".replace("%s", CUT)))["recutRfm"]["cut"]
    assert (made["version"], made["population"], made["currency"]) == (1, 2, "USD")
    assert (made["frequency"], made["frequencyClasses"], made["classes"]) == ([4, 4, 3, 3], 2, 2)
    assert made["monetary"] == ["14.11", "14.11", "14.10", "14.10"]
    assert (await ask("{ rfmCut { %s } }".replace("%s", CUT)))["rfmCut"] == made
    node = await ask("query($id: ID!) { node(id: $id) { ... on RfmCut { version } } }", id=made["id"])
    assert node["node"] == {"version": 1}
    assert (await ask('{ node(id: "rfm_7") { id } other: node(id: "rfm_x") { id } }')) == {"node": None, "other": None}
    ann, bob, eve = [(await ask(RFM, user=user))["customer"]["profile"]["rfm"] for user in ("ann", "bob", "eve")]
    assert ann["cut"] == bob["cut"] == {"id": made["id"], "version": 1}
    assert ann["score"] > bob["score"]
    assert (eve["score"], eve["recencyDays"], eve["frequency"]) == (None, None, 0)


TEN = {
    (205, 6, 472): "343",
    (140, 3, 340): "412",
    (194, 4, 405): "323",
    (132, 5, 448): "433",
    (90, 9, 843): "555",
    (84, 9, 763): "555",
    (281, 8, 699): "355",
    (246, 4, 157): "321",
    (349, 3, 363): "212",
    (619, 4, 196): "121",
}
"""Days since the last order, orders and revenue of ten customers, and what they score under the boundaries below."""

OWN = """format: 1
rfm:
  method: boundaries
  recency: [115, 180, 297, 481]
  frequency: [8, 6, 5, 4]
  monetary: [665, 511, 381, 256]
"""


async def test_ten_customers_score_as_their_orders_say_under_boundaries_of_ones_own(service: Service, ask: Ask) -> None:
    await catalogues.put_in_force(service.units, OWN, 1, "test")
    now = datetime.now(UTC)
    messages: list[dict[str, Any]] = []
    for user, (days, orders, revenue) in enumerate(TEN):
        for number in range(orders):
            # The first order is the largest and the last one; the others came before it, for a dollar each.
            total = revenue - (orders - 1) if number == 0 else 1
            at = now - timedelta(days=days + 7 * number)
            messages.append({**bought(f"u{user}", number + 1, total=total), "timestamp": at.isoformat()})
    await collect(service, messages, source="web", received_at=int(now.timestamp()) * 1_000_000)
    await ask("mutation { recutRfm { cut { version } } }")
    scored = {}
    for user, numbers in enumerate(TEN):
        found = (await ask(RFM, user=f"u{user}"))["customer"]["profile"]["rfm"]
        assert (found["frequency"], found["monetary"]) == (
            numbers[1],
            {"amount": f"{numbers[2]}.00", "currency": "USD"},
        )
        assert found["recencyDays"] - numbers[0] in (0, 1), "midnight may come between"
        scored[numbers] = found["score"]
    assert scored == TEN
