"""What every page of a long list costs: it walks an index, and reads no more than it shows."""

from typing import Any

import pytest

from identity_graph.store import reading_customers, reading_operations
from identity_graph.store.graph import Graph
from identity_graph.store.query import QUERIES, Transaction
from tests.builders import customer, dead_letter, seed

_LISTS = {
    "reading/page_customers_by_last_seen": "2026-01-01T12:00:00Z",
    "reading/page_customers_by_first_seen": "2026-01-01T12:00:00Z",
    "reading/page_customers_by_created_at": "2026-01-01T12:00:00Z",
    "reading/page_customers_by_size": 1,
    "reading/page_dead_letters": "2026-01-01T12:00:00Z",
}
_MODULES = (reading_customers, reading_operations)


def _operators(plan: dict[str, Any]) -> list[str]:
    own = plan["operatorType"].partition("@")[0]
    return [own, *(operator for child in plan.get("children", []) for operator in _operators(child))]


async def _plan(graph: Graph, name: str, mode: str, **parameters: Any) -> dict[str, Any]:
    async def work(tx: Transaction) -> dict[str, Any]:
        result = await tx.run(f"{mode} {QUERIES[name].text}", parameters)  # pyright: ignore[reportArgumentType]
        summary = await result.consume()
        plan = summary.profile or summary.plan
        assert plan is not None
        return plan

    return await graph.read(work)


@pytest.mark.parametrize(("name", "before"), _LISTS.items())
async def test_a_page_of_a_long_list_seeks_in_an_index(graph: Graph, name: str, before: Any) -> None:
    await seed(graph, customers=[customer()], dead_letters=[dead_letter()])
    operators = _operators(await _plan(graph, name, "EXPLAIN", before=before, before_id="x", limit=21))
    assert operators.count("NodeIndexSeek") + operators.count("NodeIndexSeekByRange") == 2
    assert not {"NodeByLabelScan", "AllNodesScan", "Sort"} & set(operators)


def _rows(plan: dict[str, Any]) -> int:
    own = plan["args"]["Rows"] if plan["operatorType"].startswith("NodeIndexSeek") else 0
    return own + sum(_rows(child) for child in plan.get("children", []))


async def test_a_page_in_the_middle_of_many_customers_of_one_size_reads_no_more_than_it_shows(graph: Graph) -> None:
    await seed(graph, customers=[customer(f"cus_{n:04}", size=1) for n in range(1000)])
    name = "reading/page_customers_by_size"
    profile = await _plan(graph, name, "PROFILE", before=1, before_id="cus_0500", limit=21)
    assert _rows(profile) <= 2 * 21
