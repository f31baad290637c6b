"""RFM over GraphQL."""

from typing import Any

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
