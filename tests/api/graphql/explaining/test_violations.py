"""What did not count, and identity health, as GraphQL answers it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.graphql.base.cursors import encode_cursor
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import Call, ReadTransaction
from tests.builders import NOON

Ask = Callable[..., Awaitable[Any]]

VIOLATIONS = """query($code: String, $first: Int, $after: String) {
  violations(code: $code, first: $first, after: $after) {
    edges { node { code message at observationId ruleVersion a { key quarantined } b { key customer { id } } } }
    pageInfo { hasNextPage endCursor }
  }
}"""
HEALTH = """{ identityHealth {
  takenAt verdict findings { level code title advice }
  identifiers customers anonymousCustomers anonymousShare largestCustomer maxIdentifiers quarantined deadLetters
  namespaces { namespace identifiers observations customers mean p95 max quarantined crowded
               ignored { namespace code count } }
  sizes { least most customers }
  violationCounts { code count }
  days { date newCustomers merges splits movedIdentifiers refusedLinks ignoredValues }
  suspects(first: 5) { identifier { key customer { id } } partners of limit percent }
} }"""


def signs_in(user: str, device: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "messageId": f"{user} on {device}",
        "userId": user,
        "context": {"device": {"id": device}},
    } | more


@pytest.fixture
async def shop(graph: Graph, service: Service) -> None:
    """Have two people use one tablet, many another one, and one tell a phone number that is none."""
    stream = [
        signs_in("ann", "tablet"),
        signs_in("bob", "tablet"),
        *(signs_in(f"u{n}", "counter") for n in range(51)),
        *(signs_in(f"u{n}", "till") for n in range(11)),
        signs_in("cleo", "phone", traits={"phone": "12"}),
    ]
    for number, message in enumerate(stream):
        await collect(service, [message], source="web", received_at=NOON + number)


async def test_each_violation_says_what_it_is_about(shop: None, ask: Ask) -> None:
    nodes = [edge["node"] for edge in (await ask(VIOLATIONS, first=100))["violations"]["edges"]]
    told = {node["code"]: node for node in nodes}
    assert told.keys() == {"limit_exceeded", "quarantined", "invalid"}
    counter = told["quarantined"]
    assert counter["a"] == {"key": "device_id:counter", "quarantined": True}
    assert (counter["b"], counter["observationId"], counter["ruleVersion"]) == (None, None, 1)
    assert counter["message"] == (
        "device_id counter was seen with 51 user_id, more than 12, so it counts as shared and its links do not count."
    )
    (tablet,) = (node for node in nodes if node["a"]["key"] == "device_id:tablet")
    assert (tablet["code"], tablet["b"]["key"]) == ("limit_exceeded", "user_id:ann")
    assert tablet["b"]["customer"]["id"].startswith("cus_")
    assert "together they would have 2 user_id (1 and 1); the limit is 1." in tablet["message"]
    assert all(
        node["a"] == {"key": "device_id:till", "quarantined": False}
        for node in nodes
        if node["b"] != tablet["b"] and node["b"]
    )


async def test_a_value_that_is_no_identifier_is_given_as_it_came_with_its_event(shop: None, ask: Ask) -> None:
    query = """{ violations(code: "invalid") { edges { node {
      observationId message a { key namespace value label firstSeenAt }
    } } } }"""
    (edge,) = (await ask(query))["violations"]["edges"]
    node = edge["node"]
    assert {name: node["a"][name] for name in ("key", "namespace", "value", "label")} == {
        "key": "phone:12",
        "namespace": "phone",
        "value": "12",
        "label": "Phone",
    }
    assert '"12" is not a valid phone' in node["message"]
    event = await ask(
        "query($id: ID!) { node(id: $id) { ... on Touchpoint { identifiers { key } } } }", id=node["observationId"]
    )
    assert {one["key"] for one in event["node"]["identifiers"]} == {"user_id:cleo", "device_id:phone"}
    (error,) = await ask('{ violations(code: "invalid") { edges { node { a { customer { id } } } } } }', fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_pages_follow_each_other(shop: None, ask: Ask) -> None:
    whole = (await ask(VIOLATIONS, first=100))["violations"]
    found: list[Any] = []
    after = None
    while True:
        page = (await ask(VIOLATIONS, first=7, after=after))["violations"]
        found += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [edge["node"] for edge in found] == [edge["node"] for edge in whole["edges"]]
    moments = [edge["node"]["at"] for edge in found]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"code": "coat"},
        {"first": 101},
        {"after": "no cursor"},
        {"after": encode_cursor("violations", NOON, "coat 1")},
        {"after": encode_cursor("customers", NOON, "link 1")},
    ],
)
async def test_what_makes_no_sense_is_refused(graph: Graph, ask: Ask, arguments: dict[str, Any]) -> None:
    (error,) = await ask(VIOLATIONS, fails=True, **arguments)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_page_of_thirteen_takes_as_many_queries_as_one_of_two(
    shop: None, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    read, alone = service.graph.read, service.graph.ask

    async def counted_alone(*calls: Call[ReadTransaction, Any]) -> None:
        statements.extend(call.file.name for call in calls)
        await alone(*calls)

    async def counted(work: Callable[[ReadTransaction], Awaitable[Any]]) -> Any:
        async def run(tx: ReadTransaction) -> Any:
            class Counting:
                async def run(self, *args: Any) -> Any:
                    statements.append(args[0])
                    return await tx.run(*args)

            return await work(Counting())  # pyright: ignore[reportArgumentType]

        return await read(run)

    await ask("{ __typename }")
    monkeypatch.setattr(service.graph, "read", counted)
    monkeypatch.setattr(service.graph, "ask", counted_alone)
    spent: list[int] = []
    for first in (2, 13):
        del statements[:]
        assert len((await ask(VIOLATIONS, first=first))["violations"]["edges"]) == first
        spent.append(len(statements))
    assert spent == [4, 4]


async def test_identity_health_says_what_stands_out(shop: None, ask: Ask) -> None:
    health = (await ask(HEALTH))["identityHealth"]
    assert health["verdict"] == "LOOK"
    assert [(one["level"], one["code"]) for one in health["findings"]] == [("LOOK", "quarantined"), ("LOOK", "crowded")]
    assert (health["identifiers"], health["customers"], health["anonymousCustomers"]) == (58, 55, 1)
    assert health["anonymousShare"] == pytest.approx(1 / 55)
    assert (health["quarantined"], health["deadLetters"], health["maxIdentifiers"]) == (1, 0, 500)
    device = next(one for one in health["namespaces"] if one["namespace"] == "device_id")
    assert device == {
        "namespace": "device_id",
        "identifiers": 4,
        "observations": 65,
        "customers": 4,
        "mean": 1.0,
        "p95": 1,
        "max": 1,
        "quarantined": 1,
        "crowded": 1,
        "ignored": [],
    }
    phone = next(one for one in health["namespaces"] if one["namespace"] == "phone")
    assert phone["ignored"] == [{"namespace": "phone", "code": "invalid", "count": 1}]
    assert sum(band["customers"] for band in health["sizes"]) == 55
    assert {one["code"]: one["count"] for one in health["violationCounts"]} == {
        "quarantined": 1,
        "invalid": 1,
        "limit_exceeded": 11,
    }
    assert len(health["days"]) == 30
    assert health["days"][0]["newCustomers"] >= 55
    (suspect,) = health["suspects"]
    assert suspect["identifier"]["key"] == "device_id:till"
    assert (suspect["partners"], suspect["of"], suspect["limit"], suspect["percent"]) == (11, "user_id", 12, 91)


async def test_the_numbers_are_passed_on_for_a_minute_and_suspects_are_of_now(
    shop: None, ask: Ask, service: Service
) -> None:
    before = (await ask(HEALTH))["identityHealth"]
    await collect(service, [signs_in("u46", "till")], source="web", received_at=NOON)
    after = (await ask(HEALTH))["identityHealth"]
    assert after["suspects"][0]["partners"] == 12
    assert {**after, "suspects": None} == {**before, "suspects": None}


async def test_every_identifier_says_whether_it_is_quarantined(shop: None, ask: Ask) -> None:
    answer = await ask(
        """{ lookup(value: "counter") { identifier { quarantined } customer { identifiers { key quarantined }
             journey(first: 1) { edges { node { identifiers { key quarantined } } } } } }
           ann: customer(by: {namespace: "user_id", value: "u0"}) { identifiers { key quarantined }
             journey { edges { node { identifiers { key quarantined } } } } } }"""
    )
    (match,) = answer["lookup"]
    assert match["identifier"] == {"quarantined": True}
    assert match["customer"]["identifiers"] == [{"key": "device_id:counter", "quarantined": True}]
    touched = {
        one["key"]: one["quarantined"]
        for edge in answer["ann"]["journey"]["edges"]
        for one in edge["node"]["identifiers"]
    }
    assert touched == {"user_id:u0": False, "device_id:counter": True, "device_id:till": False}
