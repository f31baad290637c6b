"""Reads as one statement of their own: they give what they give in a transaction, and are asked again in one after a failure that passes."""

from typing import Any

import pytest
from neo4j.exceptions import ClientError, DriverError, Neo4jError, SessionExpired, TransientError

from identity_graph.store.customers import customers
from identity_graph.store.driver import graph as driver
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import Call, ReadTransaction, run_together
from tests.builders import customer, seed


async def ask_ids(graph: Graph) -> list[str]:
    count = customers.count_customers.call()
    found = customers.find_customers.call(ids=["cus_1", "cus_2", "cus_3"])
    await graph.ask(count, found)
    assert count.rows[0].customers == len(found.rows)
    return sorted(row.id for row in found.rows)


def fail_first(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> list[ReadTransaction]:
    """Let the first statements fail, and note by what each was run."""
    by: list[ReadTransaction] = []
    waiting = list(errors)

    async def run(tx: ReadTransaction, *calls: Call[ReadTransaction, Any]) -> None:
        by.append(tx)
        if waiting:
            raise waiting.pop()
        await run_together(tx, *calls)

    monkeypatch.setattr(driver, "run_together", run)
    return by


async def test_several_reads_are_one_statement_without_a_transaction(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seed(graph, customers=[customer("cus_1"), customer("cus_2")])
    by = fail_first(monkeypatch)
    assert await ask_ids(graph) == ["cus_1", "cus_2"]
    assert [type(one).__name__ for one in by] == ["AsyncSession"]


@pytest.mark.parametrize("error", [TransientError("later"), SessionExpired("gone")])
async def test_after_a_failure_that_passes_they_are_asked_again(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, error: Neo4jError | DriverError
) -> None:
    await seed(graph, customers=[customer("cus_1")])
    by = fail_first(monkeypatch, error)
    assert await ask_ids(graph) == ["cus_1"]
    assert [type(one).__name__ for one in by] == ["AsyncSession", "AsyncManagedTransaction"]


async def test_other_failures_are_told(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    by = fail_first(monkeypatch, ClientError("wrong"))
    with pytest.raises(ClientError):
        await ask_ids(graph)
    assert len(by) == 1
