"""The fixture that gives the tests their Neo4j."""

import pytest

from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.conftest import LONGEST
from tests.docs.blocks import ROOT
from tests.neo4j_server import NoNeo4jError, TestServer, claim, count_nodes, release


async def test_a_test_may_leave_nodes_behind(graph: Graph) -> None:
    await graph.run("CREATE (:Trait {key: 'left behind'})")
    assert await count_nodes(graph) == 1


async def test_the_next_test_finds_an_empty_graph_with_its_schema(graph: Graph) -> None:
    assert await count_nodes(graph) == 0
    rows = await graph.run("SHOW CONSTRAINTS YIELD labelsOrTypes RETURN labelsOrTypes[0] AS label")
    assert {"Identifier", "Customer", "Event"} <= {row["label"] for row in rows}


async def test_the_settings_mean_the_server_of_the_tests(settings: Settings, graph: Graph) -> None:
    assert settings.neo4j_uri is not None
    assert settings.neo4j_password is not None
    password = settings.neo4j_password.get_secret_value()
    async with await Graph.connect(settings.neo4j_uri, settings.neo4j_user, password) as other:
        await other.run("CREATE (:Trait {key: 'seen by both'})")
    assert await count_nodes(graph) == 1


async def test_a_given_database_with_nodes_of_somebody_else_is_not_wiped(
    graph: Graph, neo4j_server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IDENTITY_GRAPH_TEST_WIPE", raising=False)
    given = TestServer(neo4j_server.uri, neo4j_server.user, neo4j_server.password, neo4j_server.http_url, given=True)
    await release(graph)
    await graph.run("CREATE (:Trait {key: 'precious'})")
    try:
        with pytest.raises(NoNeo4jError, match="holds 1 nodes that no test made"):
            await claim(graph, given)
        monkeypatch.setenv("IDENTITY_GRAPH_TEST_WIPE", "1")
        await claim(graph, given)
    finally:
        await claim(graph, neo4j_server)


async def test_a_given_database_with_only_what_tests_left_is_taken(graph: Graph, neo4j_server: TestServer) -> None:
    given = TestServer(neo4j_server.uri, neo4j_server.user, neo4j_server.password, neo4j_server.http_url, given=True)
    await graph.run("CREATE (:Trait {key: 'left by a test'})")
    await release(graph)
    await claim(graph, given)
    assert await count_nodes(graph) == 1


def test_the_files_that_take_longest_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
