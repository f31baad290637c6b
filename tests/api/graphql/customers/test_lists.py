from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, dead_letter, merged, seed

Ask = Callable[..., Awaitable[Any]]

CUSTOMERS = """query($order: CustomerOrder, $first: Int, $after: String) {
  customers(orderBy: $order, first: $first, after: $after) {
    totalCount edges { node { id } } pageInfo { hasNextPage endCursor }
  }
}"""
LETTERS = """query($first: Int, $after: String) { deadLetters(first: $first, after: $after) {
  totalCount edges { node { id code reason receivedAt source raw payload attempts lastError } } pageInfo { endCursor }
} }"""


async def _walk(ask: Ask, first: int, **arguments: Any) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = (await ask(CUSTOMERS, first=first, after=after, **arguments))["customers"]
        assert len(page["edges"]) <= first
        found += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def _seed_customers(graph: Graph) -> None:
    await seed(
        graph,
        customers=[
            customer("cus_1", size=3, last_seen=NOON, first_seen=NOON - DAY, created_at=NOON + 4),
            customer("cus_2", size=1, last_seen=NOON, first_seen=NOON - 2 * DAY, created_at=NOON + 2),
            customer("cus_3", size=1, last_seen=NOON + DAY, first_seen=NOON, created_at=NOON + 3),
            customer("cus_4", size=1, last_seen=NOON, first_seen=NOON, created_at=NOON + 5),
        ],
        merges=[merged("cus_5", "cus_1", at=NOON + 6)],
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (None, ["cus_3", "cus_4", "cus_2", "cus_1"]),
        ("LAST_SEEN_DESC", ["cus_3", "cus_4", "cus_2", "cus_1"]),
        ("FIRST_SEEN_DESC", ["cus_4", "cus_3", "cus_1", "cus_2"]),
        ("CREATED_DESC", ["cus_4", "cus_1", "cus_3", "cus_2"]),
        ("SIZE_DESC", ["cus_1", "cus_4", "cus_3", "cus_2"]),
    ],
)
@pytest.mark.parametrize("first", [1, 2, 100])
async def test_customers_are_listed_in_every_order_without_the_merged_ones(
    graph: Graph, ask: Ask, order: str | None, expected: list[str], first: int
) -> None:
    await _seed_customers(graph)
    assert await _walk(ask, first, order=order) == expected


async def test_the_total_counts_customers_that_are_none_any_more_out(graph: Graph, ask: Ask) -> None:
    assert (await ask(CUSTOMERS))["customers"]["totalCount"] == 0
    await _seed_customers(graph)
    assert (await ask(CUSTOMERS, first=1))["customers"]["totalCount"] == 4


async def test_a_cursor_holds_for_the_order_that_it_came_from(graph: Graph, ask: Ask) -> None:
    await _seed_customers(graph)
    after = (await ask(CUSTOMERS, first=1, order="SIZE_DESC"))["customers"]["pageInfo"]["endCursor"]
    (error,) = await ask(CUSTOMERS, fails=True, order="CREATED_DESC", after=after)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_customers_that_are_added_meanwhile_neither_shift_nor_repeat_what_follows(graph: Graph, ask: Ask) -> None:
    await _seed_customers(graph)
    first = (await ask(CUSTOMERS, first=2))["customers"]
    await seed(graph, customers=[customer("cus_6", last_seen=NOON + DAY), customer("cus_0", last_seen=NOON)])
    rest = (await ask(CUSTOMERS, first=9, after=first["pageInfo"]["endCursor"]))["customers"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == ["cus_2", "cus_1", "cus_0"]


async def test_dead_letters_are_listed_and_read_by_id(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        dead_letters=[
            dead_letter("dlq_1", raw='{"type": "wave"}', received_at=NOON),
            dead_letter("dlq_2", raw="no json", received_at=NOON),
            dead_letter("dlq_3", raw="null", received_at=NOON + DAY, reason="why", code="not_an_object", source="app"),
        ],
    )
    first = (await ask(LETTERS, first=1))["deadLetters"]
    assert first["edges"][0]["node"] == {
        "id": "dlq_3",
        "code": "not_an_object",
        "reason": "why",
        "receivedAt": "2026-01-02T12:00:00Z",
        "source": "app",
        "raw": "null",
        "payload": None,
        "attempts": 0,
        "lastError": None,
    }
    rest = (await ask(LETTERS, after=first["pageInfo"]["endCursor"]))["deadLetters"]
    assert (first["totalCount"], rest["totalCount"]) == (3, 3)
    assert [(edge["node"]["id"], edge["node"]["payload"]) for edge in rest["edges"]] == [
        ("dlq_2", None),
        ("dlq_1", {"type": "wave"}),
    ]
    node = await ask('{ node(id: "dlq_1") { __typename ... on DeadLetter { code } } }')
    assert node == {"node": {"__typename": "DeadLetter", "code": "unknown_type"}}
