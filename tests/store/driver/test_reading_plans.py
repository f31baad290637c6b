"""What every page of a long list costs: it walks an index, and reads no more than it shows."""

from itertools import pairwise
from typing import Any

import pytest

from identity_graph.store.changes import log as reading_changes
from identity_graph.store.collecting import dead_letters
from identity_graph.store.customers import customers as reading_customers
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import QUERIES, ReadTransaction
from identity_graph.store.explaining import violations
from tests.builders import customer, dead_letter, link, seed

_LISTS = {
    "customers/page_customers_by_last_seen": "2026-01-01T12:00:00Z",
    "customers/page_customers_by_first_seen": "2026-01-01T12:00:00Z",
    "customers/page_customers_by_created_at": "2026-01-01T12:00:00Z",
    "customers/page_customers_by_size": 1,
    "collecting/page_dead_letters": "2026-01-01T12:00:00Z",
}
_VIOLATIONS = ("explaining/page_refusals", "explaining/page_ignored_values", "explaining/page_quarantines")
_MODULES = (reading_changes, reading_customers, dead_letters, violations)


def _operators(plan: dict[str, Any]) -> list[str]:
    own = plan["operatorType"].partition("@")[0]
    return [own, *(operator for child in plan.get("children", []) for operator in _operators(child))]


async def _plan(graph: Graph, name: str, mode: str, **parameters: Any) -> dict[str, Any]:
    async def work(tx: ReadTransaction) -> dict[str, Any]:
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
    own = plan["args"]["Rows"] if plan["operatorType"].startswith(("NodeIndexSeek", "NodeUniqueIndexSeek")) else 0
    return own + sum(_rows(child) for child in plan.get("children", []))


async def test_a_page_in_the_middle_of_many_customers_of_one_size_reads_no_more_than_it_shows(graph: Graph) -> None:
    await seed(graph, customers=[customer(f"cus_{n:04}", size=1) for n in range(1000)])
    name = "customers/page_customers_by_size"
    profile = await _plan(graph, name, "PROFILE", before=1, before_id="cus_0500", limit=21)
    assert _rows(profile) <= 2 * 21


@pytest.mark.parametrize("name", _VIOLATIONS)
async def test_a_page_in_the_middle_of_many_violations_reads_no_more_than_it_shows(graph: Graph, name: str) -> None:
    keys = [f"phone:{n:04}" for n in range(1000)]
    pairs = list(pairwise(keys))
    await seed(graph, customers=[customer(identifiers=[key]) for key in keys], links=[link(a, b) for a, b in pairs])
    await graph.run(
        """UNWIND range(0, 998) AS n
        WITH n, datetime('2026-01-01T12:00:00Z') + duration({seconds: n}) AS at, right('000' + n, 4) AS value
        MATCH (i:Identifier {key: 'phone:' + value})-[l:OBSERVED_WITH]->(:Identifier)
        SET i.quarantined_at = at, l.refused_at = at
        CREATE (:Event {id: 'evt_' + value, ignored: ['invalid phone:x'], ignored_at: at, occurred_at: at})"""
    )
    await graph.run("CALL db.resampleOutdatedIndexes()")
    more: dict[str, Any] = {"code": "limit_exceeded", "max_identifiers": 500} if name.endswith("refusals") else {}
    more |= {"code": "invalid"} if name.endswith("values") else {}
    profile = await _plan(graph, name, "PROFILE", before="2026-01-01T12:08:00Z", before_id="", limit=21, **more)
    assert 20 <= _read_by_index(profile) <= 2 * 21


def _read_by_index(plan: dict[str, Any]) -> int:
    """Count the rows that ranges of an index gave."""
    own = plan["args"]["Rows"] if "IndexSeekByRange" in plan["operatorType"] else 0
    return own + sum(_read_by_index(child) for child in plan.get("children", []))


async def test_the_change_log_begins_at_a_moment_without_a_walk(graph: Graph) -> None:
    await graph.run(
        "UNWIND range(1, 1000) AS n WITH n, datetime({epochSeconds: n / 2}) AS at "
        "CREATE (:Change {position: n, kind: 'SPLIT', at: at, reached_at: at})"
    )
    name = "changes/find_start"
    for since in ("1970-01-01T00:04:00Z", "1969-01-01T00:00:00Z"):
        profile = await _plan(graph, name, "PROFILE", since=since)
        assert "Sort" not in _operators(profile)
        assert _rows(profile) == 1
    rows = await graph.read(lambda tx: reading_changes.find_start(tx, since="1970-01-01T00:04:00Z"))
    assert [row.position for row in rows] == [480]


@pytest.mark.parametrize(
    ("name", "place"),
    [("changes/page_changes", {"after": 500}), ("changes/page_changes_back", {"before": 500, "start": 1})],
)
async def test_a_page_in_the_middle_of_the_change_log_reads_no_more_than_it_shows(
    graph: Graph, name: str, place: dict[str, int]
) -> None:
    await graph.run("UNWIND range(1, 1000) AS n CREATE (:Change {position: n, kind: 'SPLIT', at: datetime()})")
    for since in (None, "0001-01-01T00:00:00Z"):
        profile = await _plan(graph, name, "PROFILE", **place, kinds=None, since=since, limit=21)
        assert 21 <= _rows(profile) <= 2 * 21
