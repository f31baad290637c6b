"""What no repetition would make possible is told at once, and apart from a server that does not answer."""

from pathlib import Path

import pytest
from neo4j.exceptions import Neo4jError

from identity_graph.errors import UnwritableError
from identity_graph.runtime import ensure_server, stop_server
from identity_graph.settings import Settings
from identity_graph.store.driver.connection import is_failed_database
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from tests.ports import free_port


async def test_more_memory_than_a_transaction_may_have_is_not_asked_for_again(tmp_path: Path) -> None:
    """On a server of its own: that of the other tests might end when its heap is full."""
    ports = {"neo4j_bolt_port": free_port(), "neo4j_http_port": free_port()}
    settings = Settings.model_validate({"data_dir": tmp_path, "neo4j_uri": None, "neo4j_heap": "256m", **ports})
    runs = 0

    async def ask_for_too_much(tx: ReadTransaction) -> None:
        nonlocal runs
        runs += 1
        text = "UNWIND range(1, 1000000000) AS n WITH collect(n) AS numbers RETURN size(numbers) AS size"
        await (await tx.run(text)).consume()

    server = ensure_server(settings)
    try:
        async with await Graph.connect(server.uri, server.user, server.password) as graph:
            with pytest.raises(UnwritableError, match="too little memory"):
                await graph.write(ask_for_too_much)
            assert runs == 1
            assert await graph.run("RETURN 1 AS one") == [{"one": 1}]
    finally:
        stop_server(settings)


async def test_what_a_constraint_forbids_is_told_after_some_tries(graph: Graph) -> None:
    async def write(tx: ReadTransaction) -> None:
        await (await tx.run("CREATE (:Customer {id: 'one'}), (:Customer {id: 'one'})")).consume()

    with pytest.raises(UnwritableError, match="forbids"):
        await graph.write(write)
    assert await graph.run("MATCH (c:Customer) RETURN c") == []


@pytest.mark.parametrize(
    ("code", "is_failed"),
    [
        ("Neo.DatabaseError.General.UnknownError", False),
        ("Neo.DatabaseError.Statement.ExecutionFailed", False),
        ("Neo.DatabaseError.Transaction.TransactionCommitFailed", True),
        ("Neo.TransientError.Database.DatabaseUnavailable", False),
    ],
)
def test_one_statement_that_fails_is_no_database_that_failed(code: str, is_failed: bool) -> None:
    error = Neo4jError._hydrate_neo4j(code=code, message="It failed.")
    assert is_failed_database(error) is is_failed
