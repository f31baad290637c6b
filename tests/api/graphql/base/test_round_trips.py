"""Queries do not multiply with the number of customers, and a request takes few transactions."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.service.core import Service
from identity_graph.store.driver import query
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import Call, ReadTransaction
from tests.builders import customer, event, link, seed, session, trait

Ask = Callable[..., Awaitable[Any]]

EVERYTHING = """query($first: Int) { customers(first: $first, orderBy: SIZE_DESC) {
  totalCount
  edges { node {
    id mergedIds
    identifiers { key customer { id } }
    traits { name value identifier { key customer { id } } }
    journey(first: 5) { totalCount edges { node { name session { owner { key } } identifiers { key customer { id } } } } }
    sessions(first: 5) { totalCount edges { node { owner { customer { id } } } } }
    identityGraph { nodes { key } links { a { key } b { key } }
                    refusedLinks { edges { node { a { customer { id } } b { customer { id } } } } } }
  } }
} }"""


@pytest.fixture
async def queries(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count, per read transaction, the statements that are run; nobody has asked anything yet."""
    for reader in (service.applier, service.evaluator, service.deliverer, service.alerting):  # they read, too
        await reader.close()
    monkeypatch.setattr(query, "SENT", {})
    monkeypatch.setattr(query, "_ASKED", Counter())
    counts: list[int] = []
    read, ask = service.graph.read, service.graph.ask

    async def counted_alone(*calls: Call[ReadTransaction, Any]) -> None:
        counts.append(1)
        await ask(*calls)

    async def counted(work: Callable[[ReadTransaction], Awaitable[Any]]) -> Any:
        place = len(counts)
        counts.append(0)

        async def run(tx: ReadTransaction) -> Any:
            class Counting:
                async def run(self, *args: Any) -> Any:
                    counts[place] += 1
                    return await tx.run(*args)

            return await work(Counting())  # pyright: ignore[reportArgumentType]

        return await read(run)

    monkeypatch.setattr(service.graph, "read", counted)
    monkeypatch.setattr(service.graph, "ask", counted_alone)
    return counts


async def _seed(graph: Graph, count: int) -> None:
    keys = [(f"user_id:u{n}", f"phone:+86138001380{n:02}") for n in range(count)]
    await seed(
        graph,
        customers=[customer(identifiers=pair) for pair in keys],
        links=[link(a, b) for a, b in keys] + [link(keys[n][0], keys[n - 1][1]) for n in range(1, count)],
        sessions=[session(a, event(), event(observed=[a, b])) for a, b in keys],
        traits=[trait(a, "city", "Chengdu") for a, _ in keys],
    )


async def test_a_page_of_fifty_customers_takes_as_many_queries_as_one_of_two(
    graph: Graph, ask: Ask, queries: list[int]
) -> None:
    await _seed(graph, 50)
    await ask("{ __typename }")
    del queries[:]
    spent: dict[int, tuple[int, int]] = {}
    for first in (2, 50):
        answer = await ask(EVERYTHING, first=first)
        assert len(answer["customers"]["edges"]) == first
        assert all(len(edge["node"]["identifiers"]) == 2 for edge in answer["customers"]["edges"])
        assert all(edge["node"]["journey"]["totalCount"] == 2 for edge in answer["customers"]["edges"])
        spent[first] = (len(queries), sum(queries))
        del queries[:]
    # Two lists that want the same objects may get to them in one turn or in two.
    assert all(transactions <= 6 and statements <= 17 for transactions, statements in spent.values()), spent


async def test_claims_and_computed_traits_of_fifty_customers_take_as_many_queries_as_those_of_two(
    graph: Graph, ask: Ask, queries: list[int]
) -> None:
    await _seed(graph, 50)
    yaml = "computed: {orders: {event: Order Completed, policy: count}}"
    await ask(
        "mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { version } } }",
        yaml=yaml,
    )
    asked = """query($first: Int) { customers(first: $first, orderBy: SIZE_DESC) { edges { node {
      traits { claims(first: 2) { edges { node { value identifier { key } } } } }
      profile { computed { name value } }
    } } } }"""
    spent: set[int] = set()
    for first in (2, 50):
        del queries[:]
        found = (await ask(asked, first=first))["customers"]["edges"]
        assert [edge["node"]["profile"]["computed"] for edge in found] == [[{"name": "orders", "value": 0}]] * first
        spent.add(sum(queries))
    assert len(spent) == 1


CARD = """{ lookup(value: "u0") { identifier { key } customer {
  id identifiers { key } traits { name value } journey(first: 20) { edges { node { name } } }
} } }"""
PROFILE = """{ customer(by: {namespace: "user_id", value: "u0"}) {
  profile { identity descriptive quantitative qualitative rfm { score } lifecycle { stage } spending { purchases } }
  journey(first: 20) { edges { node { name } } }
} }"""


@pytest.mark.parametrize(("document", "reads"), [(CARD, 3), (PROFILE, 9)])
async def test_a_card_takes_two_transactions_of_one_statement_each_when_it_is_asked_for_again_and_again(
    graph: Graph, ask: Ask, queries: list[int], document: str, reads: int
) -> None:
    await _seed(graph, 1)
    await ask("{ __typename }")
    answers: list[Any] = []
    for statements in ([1, reads], [1, reads], [1, 1], [1, 1]):
        del queries[:]
        answers.append(await ask(document))
        assert queries == statements
    assert answers[1:] == answers[:-1]


async def test_of_all_combinations_that_clients_think_of_the_first_are_planned(
    graph: Graph, ask: Ask, queries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "MOST_COMBINATIONS", 1)
    await _seed(graph, 1)
    for _ in range(3):
        await ask(CARD)
    for _ in range(4):
        del queries[:]
        await ask('{ lookup(value: "u0") { customer { identifiers { key } traits { name } } } }')
        assert queries == [1, 2]
    del queries[:]
    await ask(CARD)
    assert queries == [1, 1]


async def test_the_examples_of_a_preview_take_as_many_queries_as_one(
    graph: Graph, ask: Ask, queries: list[int]
) -> None:
    await _seed(graph, 50)
    yaml = "format: 1\nmax_identifiers: 1\nnamespaces: {user_id: {limit: 1}, phone: {normalize: phone, limit: 5}}"
    asked = """query($yaml: String!, $first: Int) { previewRules(yaml: $yaml) {
      examples(first: $first) { before { key customer { id } } after { key customer { id } } } } }"""
    spent: set[int] = set()
    for first in (1, 50):
        del queries[:]
        found = (await ask(asked, yaml=yaml, first=first))["previewRules"]["examples"]
        assert len(found) == first
        spent.add(sum(queries))
    assert len(spent) == 1


SEGMENTS = """query($first: Int) { segments(first: $first) { edges { node {
  size asOf sentence usedBy { id } pins { member } history { size }
  members(first: 2) { totalCount edges { node { id segments { name } membershipHistory(first: 2) { edges { node { segment { name } } } } } } }
  transitions(first: 2) { edges { node { customer { id } segment { name } } } }
} } } }"""


async def test_what_hangs_on_six_segments_takes_as_many_queries_as_that_of_two(
    graph: Graph, ask: Ask, service: Service, queries: list[int]
) -> None:
    await _seed(graph, 3)
    save = "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }"
    for number in range(6):
        await ask(save, input={"name": f"s{number}", "rule": {"hasIdentifier": "phone"}})
    await service.evaluator.catch_up()
    spent: set[int] = set()
    for first in (2, 6):
        del queries[:]
        found = (await ask(SEGMENTS, first=first))["segments"]["edges"]
        assert [edge["node"]["size"] for edge in found] == [3] * first
        assert all(len(edge["node"]["members"]["edges"][0]["node"]["segments"]) == 6 for edge in found)
        spent.add(sum(queries))
    # Lists that want the same objects may get to them in one turn or in several.
    assert max(spent) <= 20, spent
