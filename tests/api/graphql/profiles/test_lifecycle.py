"""Stages of life, spending and affinities over GraphQL."""

from typing import Any

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask

YEAR_2027 = 1_800_000_000_000_000
LIFE = """query($user: String!, $first: Int, $after: String) {
  customer(by: {namespace: "user_id", value: $user}) { profile {
    lifecycle { stage since reason history(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { stage at cause reason purchases lastPurchaseAt rhythmDays rhythmSource } }
    } }
    spending { purchases firstAt lastAt total { amount currency } average { amount } unconverted }
    affinities(by: CATEGORY) { name orders quantity share lastAt }
  } }
}"""


def bought(day: int, *categories: str, total: int = 10) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"o{day}",
        "timestamp": f"2020-01-{day:02}T00:00:00Z",
        "userId": "ann",
        "properties": {
            "order_id": f"o{day}",
            "total": total,
            "currency": "CNY",
            "products": [{"sku": name, "category": name, "quantity": 2} for name in categories],
        },
    }


VISIT = {"type": "page", "messageId": "p", "anonymousId": "c1", "timestamp": "2019-12-01T00:00:00Z"}
LOGIN = {
    "type": "identify",
    "messageId": "i",
    "anonymousId": "c1",
    "userId": "ann",
    "timestamp": "2019-12-02T00:00:00Z",
}


async def test_a_life_is_told_with_its_causes_and_numbers(service: Service, ask: Ask) -> None:
    orders = [bought(1, "Tea"), bought(11, "Tea", "Cups", total=25), bought(21), bought(31, "Tea")]
    await collect(service, [VISIT, LOGIN, *orders], source="web", received_at=YEAR_2027)
    profile = (await ask(LIFE, user="ann"))["customer"]["profile"]
    life = profile["lifecycle"]
    assert (life["stage"], life["since"]) == ("CHURNED", "2020-03-01T00:00:00Z")
    changes = [edge["node"] for edge in life["history"]["edges"]]
    assert [(change["stage"], change["at"][:10], change["cause"]) for change in changes] == [
        ("CHURNED", "2020-03-01", "TIME"),
        ("AT_RISK", "2020-02-15", "TIME"),
        ("LOYAL", "2020-01-31", "PURCHASE"),
        ("ACTIVE", "2020-01-11", "PURCHASE"),
        ("NEW", "2020-01-01", "PURCHASE"),
        ("POTENTIAL", "2019-12-02", "KNOWN"),
        ("ANONYMOUS", "2019-12-01", "SEEN"),
    ]
    assert life["reason"] == changes[0]["reason"]
    assert {name: changes[0][name] for name in ("purchases", "lastPurchaseAt", "rhythmDays", "rhythmSource")} == {
        "purchases": 4,
        "lastPurchaseAt": "2020-01-31T00:00:00Z",
        "rhythmDays": 10.0,
        "rhythmSource": "OWN",
    }
    assert profile["spending"] == {
        "purchases": 4,
        "firstAt": "2020-01-01T00:00:00Z",
        "lastAt": "2020-01-31T00:00:00Z",
        "total": {"amount": "55.00", "currency": "CNY"},
        "average": {"amount": "13.75"},
        "unconverted": 0,
    }
    assert profile["affinities"] == [
        {"name": "Tea", "orders": 3, "quantity": "6", "share": 1.0, "lastAt": "2020-01-31T00:00:00Z"},
        {"name": "Cups", "orders": 1, "quantity": "2", "share": 1 / 3, "lastAt": "2020-01-11T00:00:00Z"},
    ]


async def test_the_history_is_paged(service: Service, ask: Ask) -> None:
    await collect(service, [VISIT, LOGIN, bought(1), bought(11)], source="web", received_at=YEAR_2027)
    seen: list[str] = []
    after = None
    while True:
        page = (await ask(LIFE, user="ann", first=2, after=after))["customer"]["profile"]["lifecycle"]["history"]
        seen += [edge["node"]["stage"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["CHURNED", "AT_RISK", "ACTIVE", "NEW", "POTENTIAL", "ANONYMOUS"]
    assert page["totalCount"] == len(seen)


async def test_who_only_looked_is_potential_and_spent_nothing(service: Service, ask: Ask) -> None:
    await collect(service, [LOGIN], source="web", received_at=YEAR_2027)
    profile = (await ask(LIFE, user="ann"))["customer"]["profile"]
    assert profile["lifecycle"]["stage"] == "POTENTIAL"
    assert profile["lifecycle"]["history"]["edges"][0]["node"]["rhythmDays"] is None
    assert (profile["spending"]["purchases"], profile["spending"]["firstAt"]) == (0, None)
    assert profile["affinities"] == []
