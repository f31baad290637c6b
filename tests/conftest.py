"""Fixtures of all tests: a real Neo4j, settings that mean it, and its graph, wiped before each test that asks for it."""

import os
import signal
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from pydantic import SecretStr

from identity_graph.runtime import stop_server
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from tests.neo4j_server import NoNeo4jError, TestServer, claim, provided_server, release, wipe
from tests.properties import RAN, register_profiles

register_profiles()

NEO4J_URI = "IDENTITY_GRAPH_NEO4J_URI"


LONGEST = (
    "tests/docs/test_blocks.py",
    "tests/service/rules/test_kill.py",
    "tests/service/catalogue/test_kill.py",
    "tests/service/activation/test_kill.py",
    "tests/runtime/test_use.py",
    "tests/runtime/test_bad_days.py",
    "tests/runtime/test_backup.py",
    "tests/runtime/test_nothing_lost.py",
    "tests/service/identity/test_revisions.py",
    "tests/demo/test_demo.py",
    "tests/files/test_importing.py",
    "tests/service/rules/test_preview.py",
    "tests/domain/identity/test_resolution_properties.py",
    "tests/api/test_attacks.py",
    "tests/api/graphql/explaining/test_violations.py",
    "tests/service/commit/test_concurrent_revisions.py",
    "tests/api/collector/test_openapi.py",
    "tests/runtime/test_operations_docs.py",
    "tests/api/graphql/access/test_masking.py",
    "tests/api/test_authorisation.py",
    "tests/api/collector/test_poison.py",
    "tests/api/graphql/activation/test_alerts.py",
)
"""The files that take longest: workers begin with these, so that none is left alone with one at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Let a run that is told to end stop its server, as Ctrl-C does; refuse workers that would wipe each other's graph."""
    if NEO4J_URI in os.environ and config.getoption("numprocesses", None):
        raise pytest.UsageError(
            f"{NEO4J_URI} is set, and several workers cannot share a database: unset it, or say -n 0."
        )
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    # On a busy machine a commit takes seconds: what was answered is to be in the graph, unless a test asks for the spool.
    os.environ.setdefault("IDENTITY_GRAPH_SPOOL_AFTER_MS", "60000")
    if config.getoption("--hypothesis-profile") != "soak":
        # A server of the tests runs for minutes: its second compiler takes more time than it saves.
        os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of workers that were ended before they could do so themselves."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        for folder in config._tmp_path_factory.getbasetemp().glob("popen-*/neo4j*"):  # type: ignore[attr-defined]
            stop_server(Settings(data_dir=folder))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Say how many workers `-n auto` is: one more than there are cores, up to four, and none beside where a Neo4j is given.

    Workers wait, too: for their servers, and for what tests let pass.
    """
    return 0 if NEO4J_URI in os.environ else min(4, (os.cpu_count() or 2) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Put the files that take longest first, and leave all else in order."""
    turns = {config.rootpath / name: turn for turn, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turns.get(item.path, len(turns)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what was not run, and why, and how much a soak looked at."""
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    for reason in sorted({where[2].removeprefix("Skipped: ") for where in skipped if isinstance(where, tuple)}):
        terminalreporter.write_line(f"NOT RUN: {reason}", yellow=True, bold=True)
    if config.getoption("--hypothesis-profile") == "soak":
        for name, count in sorted(RAN.items()):
            terminalreporter.write_line(f"{count:>8,} {name}")
        terminalreporter.write_line(f"{sum(RAN.values()):>8,} examples of {len(RAN)} properties")


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[TestServer]:
    """Give the Neo4j of this session: uri, user, password, http_url, database."""
    try:
        with provided_server(tmp_path_factory.mktemp("neo4j")) as server:
            yield server
    except NoNeo4jError as error:
        pytest.exit(str(error), returncode=3)


@pytest.fixture(scope="session")
async def session_graph(neo4j_server: TestServer) -> AsyncGenerator[Graph]:
    """Give the connection that all tests share, with the schema in place; most tests want ``graph``."""
    server = neo4j_server
    async with await Graph.connect(server.uri, server.user, server.password, server.database) as graph:
        try:
            await claim(graph, server)
        except NoNeo4jError as error:
            pytest.exit(str(error), returncode=3)
        await apply_migrations(graph)
        yield graph
        await release(graph)


@pytest.fixture
async def graph(session_graph: Graph) -> Graph:
    """Give an empty graph with the current schema. Whatever writes to Neo4j in a test asks for it, if only to be wiped."""
    await wipe(session_graph)
    return session_graph


@pytest.fixture
def settings(neo4j_server: TestServer, tmp_path: Path) -> Settings:
    """Give settings that mean the Neo4j of the tests, and a data folder of this test's own."""
    return Settings(
        port=0,
        data_dir=tmp_path / "data",
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=SecretStr(neo4j_server.password),
        neo4j_database=neo4j_server.database,
    )


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands find the Neo4j of the tests, and this test's data folder, in their environment."""
    assert settings.neo4j_password is not None
    for name, value in {
        "NEO4J_URI": settings.neo4j_uri or "",
        "NEO4J_USER": settings.neo4j_user,
        "NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
        "NEO4J_DATABASE": settings.neo4j_database,
        "DATA_DIR": str(settings.data_dir),
    }.items():
        monkeypatch.setenv(f"IDENTITY_GRAPH_{name}", value)
