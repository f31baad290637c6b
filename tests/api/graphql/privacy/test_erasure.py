"""Erasure as privacy officers see it: previewed, done, proven, and nothing of the person is left or comes back."""

import json
from typing import Any

from identity_graph.domain.privacy.receipts import read_receipt
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask

ANN = {"namespace": "user_id", "value": "ann-4711"}
PREVIEW = """mutation ($by: IdentifierInput!) { previewErasure(by: $by) {
  identifiers events traits segments sharedWith { identifiers { key } } } }"""
ERASE = """mutation ($by: IdentifierInput!) { eraseCustomer(by: $by, reason: "she asked") {
  receipt { id erasedAt identifiers events signature } } }"""
SEEN = """query ($value: String!) { lookup(value: $value) { customer { id identifiers { key }
  journey { edges { node { id name } } } traits { name value } } } }"""
EVERYTHING = """MATCH (n) RETURN properties(n) AS all UNION ALL MATCH ()-[r]->() RETURN properties(r) AS all"""
TRACES = ("ann-4711", "ann@example.com", "Annabel Q.", "cookie-of-ann", "order-of-ann", "ring 2 of Ann")
SENT: list[dict[str, Any]] = [
    {"type": "page", "name": "Home", "anonymousId": "cookie-of-ann", "messageId": "1", "timestamp": "2026-01-01T10:00:00Z"},
    {
        "type": "identify", "anonymousId": "cookie-of-ann", "userId": "ann-4711", "messageId": "2", "timestamp": "2026-01-01T10:01:00Z",
        "traits": {"email": "ann@example.com", "firstName": "Annabel Q."},
        "context": {"device": {"id": "tablet-in-the-hall"}},
    },
    {
        "type": "track", "event": "Order Completed", "userId": "ann-4711", "messageId": "3", "timestamp": "2026-01-01T10:02:00Z",
        "properties": {"order_id": "order-of-ann", "total": 99.5, "currency": "EUR", "note": "ring 2 of Ann"},
    },
    {"type": "nonsense", "userId": "ann-4711", "messageId": "4", "timestamp": "2026-01-01T10:03:00Z"},
]  # fmt: skip
BOB: list[dict[str, Any]] = [
    {
        "type": "identify", "userId": "bob-0815", "messageId": "b1", "timestamp": "2026-01-01T18:00:00Z",
        "traits": {"firstName": "Bob"},
        "context": {"device": {"id": "tablet-in-the-hall"}},
    },
]  # fmt: skip


async def traces(service: Service) -> set[str]:
    """Look for the values in all properties of the graph; what is packed is unpacked as text."""
    found = json.dumps([row["all"] for row in await service.graph.run(EVERYTHING)], default=repr, ensure_ascii=False)
    return {value for value in TRACES if value in found}


async def test_nothing_of_an_erased_person_is_left_or_comes_back_and_the_neighbour_stays(
    ask: Ask, service: Service
) -> None:
    now = service.units.now()
    await collect(service, SENT, source="web", received_at=now)
    await collect(service, BOB, source="web", received_at=now)
    bob = await ask(SEEN, value="bob-0815")
    assert await traces(service) == set(TRACES)
    previewed = (await ask(PREVIEW, by=ANN))["previewErasure"]
    (neighbour,) = previewed["sharedWith"]
    assert {"key": "user_id:bob-0815"} in neighbour["identifiers"]
    receipt = (await ask(ERASE, by=ANN))["eraseCustomer"]["receipt"]
    signed = read_receipt(receipt["signature"])
    assert signed is not None
    assert (signed.id, signed.identifiers, signed.events) == (
        receipt["id"],
        previewed["identifiers"],
        previewed["events"],
    )
    assert previewed["events"] == 3
    assert await traces(service) == set()
    assert await ask(SEEN, value="bob-0815") == bob
    report = await collect(service, SENT[:3], source="web", received_at=now)
    assert report.accepted == 0
    await collect(service, [{**SENT[2], "messageId": "late"}], source="web", received_at=now)
    assert await traces(service) == set()
    assert (await ask(SEEN, value="ann-4711"))["lookup"] == []
    await service.audit.flush()
    entries = await service.graph.run(
        "MATCH (a:AuditEntry) WHERE a.action = 'person.erase' RETURN a.operation AS operation"
    )
    assert entries == [{"operation": "eraseCustomer"}]


ERASE_BUT = """mutation ($by: IdentifierInput!, $preserve: Preserve) {
  eraseCustomer(by: $by, reason: "she asked", preserve: $preserve) { receipt { preservedOrders signature } } }"""
KEPT = "MATCH (p:PreservedOrder) RETURN properties(p) AS all"


def order(number: str, order_id: str, **said: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": "Order Completed", "userId": "ann-4711", "messageId": number, "timestamp": "2026-01-01T23:30:00Z",
        "properties": {"order_id": order_id, "total": 99.5, "currency": "EUR", **said},
    }  # fmt: skip


async def test_the_law_may_keep_an_order_and_nobody_finds_the_person_by_it(ask: Ask, service: Service) -> None:
    now = service.units.now()
    lines = [
        {"sku": "ring", "price": 90, "quantity": 1},
        {"name": "engraved for ann-4711", "price": 9.5, "quantity": 1},
    ]
    sent = [*SENT[:2], order("3", "1001", products=lines), order("4", "of ann-4711")]
    refund = {**order("b2", "1002"), "userId": "bob-0815", "event": "Order Refunded"}
    await collect(service, [*sent, order("5", "1002"), order("6", "1003")], source="web", received_at=now)
    await collect(service, [*BOB, refund, {**order("b3", "1003"), "userId": "bob-0815"}], source="web", received_at=now)
    previewed = await ask("mutation ($by: IdentifierInput!) { previewErasure(by: $by) { orders } }", by=ANN)
    assert previewed["previewErasure"]["orders"] == 4
    receipt = (await ask(ERASE_BUT, by=ANN, preserve="AMOUNTS_AND_LINES"))["eraseCustomer"]["receipt"]
    signed = read_receipt(receipt["signature"])
    assert signed is not None
    assert (receipt["preservedOrders"], signed.preserved_orders) == (3, 3)
    kept = [row["all"] for row in await service.graph.run(KEPT)]
    by_id = {row.get("order_id"): row for row in kept}
    assert set(by_id) == {"1001", "1002", None}, "what was placed by somebody else, too, stays with them"
    assert {name: by_id["1001"][name] for name in ("scope", "state", "day", "currency", "total")} == {
        "scope": "default",
        "state": "PLACED",
        "day": "2026-01-02",
        "currency": "EUR",
        "total": "99.50",
    }
    assert [sorted(line) for line in json.loads(by_id["1001"]["lines"])] == [
        ["price", "quantity", "sku"],
        ["price", "quantity"],
    ]
    assert await traces(service) == set()
    assert await service.graph.run("MATCH (p:PreservedOrder)--(n) RETURN n") == []
    report = await collect(service, sent, source="web", received_at=now)
    assert report.accepted == 0
    assert await ask('query { order(orderId: "1001") { id } }') == {"order": None}
    assert [row["all"] for row in await service.graph.run(KEPT)] == kept
    bob = await ask('query { order(orderId: "1003") { identifier { key } } }')
    assert bob["order"]["identifier"]["key"] == "user_id:bob-0815"


async def test_amounts_are_kept_without_lines_when_only_these_are_asked_for(ask: Ask, service: Service) -> None:
    sent = [order("1", "1001", products=[{"sku": "ring", "price": 90, "quantity": 1}])]
    await collect(service, sent, source="web", received_at=service.units.now())
    await ask(ERASE_BUT, by=ANN, preserve="AMOUNTS")
    (row,) = await service.graph.run(KEPT)
    assert "lines" not in row["all"]
    assert row["all"]["total"] == "99.50"


async def test_an_erasure_needs_a_reason_and_somebody_known(ask: Ask) -> None:
    errors = await ask(ERASE.replace("she asked", " "), fails=True, by=ANN)
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    errors = await ask(ERASE, fails=True, by=ANN)
    assert errors[0]["extensions"]["code"] == "NOT_FOUND"
    assert "ann-4711" not in json.dumps(errors)
