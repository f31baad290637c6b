"""The embedded server: started by hand here, since the tests at large may run on another Neo4j."""

import json
import os
import signal
import socket
import stat
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from typer.testing import CliRunner

from identity_graph.cli.neo4j import NOT_RUNNING, neo4j_app
from identity_graph.errors import GraphSignInError, RuntimeServerError
from identity_graph.runtime import (
    NEO4J_VERSION,
    Fetching,
    ServerHandle,
    Waiting,
    bolt_answers,
    ensure_server,
    find_server,
    server_home,
    stop_server,
)
from identity_graph.runtime.process import find_process
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port


class Embedded(NamedTuple):
    """An embedded server of this module, with the answers of two starts at once."""

    settings: Settings
    first: ServerHandle
    second: ServerHandle


def small(data_dir: Path, **more: object) -> Settings:
    """Settings of a small server on ports of its own."""
    ports = {"neo4j_bolt_port": free_port(), "neo4j_http_port": free_port()}
    memory = {"neo4j_heap": "256m", "neo4j_page_cache": "16m"}
    return Settings.model_validate({"data_dir": data_dir, **ports, **memory, **more})


@pytest.fixture(autouse=True)
def _no_given_neo4j(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line mean the embedded server, also where the tests at large are given another Neo4j."""
    monkeypatch.delenv("IDENTITY_GRAPH_NEO4J_URI", raising=False)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Generator[Embedded]:
    """Start one server twice at once, for all tests of this module."""
    settings = small(tmp_path_factory.mktemp("embedded"))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(ensure_server, [settings, settings])
    yield Embedded(settings, first, second)
    stop_server(settings)


@pytest.fixture
def idle(tmp_path: Path) -> Settings:
    """Give settings of a server that was never started."""
    return small(tmp_path)


def run(*arguments: str, data_dir: Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(neo4j_app, [*arguments, "--data-dir", str(data_dir)])
    return outcome.exit_code, outcome.stdout


def kill(server: ServerHandle, settings: Settings) -> None:
    """Kill the server as a power cut would, and wait until it is gone."""
    os.kill(server.pid, signal.SIGKILL)
    while find_server(settings) is not None:
        time.sleep(0.02)


def test_two_starts_at_once_give_one_server(embedded: Embedded) -> None:
    assert embedded.first.pid == embedded.second.pid
    assert {embedded.first.started, embedded.second.started} == {True, False}


def test_a_later_start_finds_the_running_server(embedded: Embedded) -> None:
    again = ensure_server(embedded.settings)
    assert (again.pid, again.started) == (embedded.first.pid, False)


async def test_its_password_opens_it_and_another_does_not(embedded: Embedded) -> None:
    server = embedded.first
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        rows = await graph.run("CALL dbms.components() YIELD versions, edition RETURN versions, edition")
    assert rows == [{"versions": [NEO4J_VERSION], "edition": "community"}]
    with pytest.raises(GraphSignInError):
        await Graph.connect(server.uri, server.user, "guessed")


def test_its_password_is_readable_by_its_owner_only(embedded: Embedded) -> None:
    home = server_home(embedded.settings)
    assert stat.S_IMODE(home.password_file.stat().st_mode) == 0o600
    assert home.password_file.read_text().strip() == embedded.first.password
    assert embedded.first.password not in repr(embedded.first)


def test_it_listens_on_this_machine_only(embedded: Embedded) -> None:
    listening = {
        connection.laddr
        for connection in psutil.Process(embedded.first.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {port for _host, port in listening} >= {embedded.settings.neo4j_bolt_port, embedded.settings.neo4j_http_port}
    assert {host for host, _port in listening} <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


def test_it_outlives_whoever_started_it(embedded: Embedded) -> None:
    assert os.getsid(embedded.first.pid) != os.getsid(0)
    assert os.getpid() not in {parent.pid for parent in psutil.Process(embedded.first.pid).parents()}


def test_it_starts_from_the_archive_of_its_classes(embedded: Embedded) -> None:
    archives = list((embedded.settings.cache_dir / f"neo4j-{NEO4J_VERSION}").glob("neo4j-*.jsa"))
    assert archives, "the archive could not be made"
    assert str(archives[0]) in {area.path for area in psutil.Process(embedded.first.pid).memory_maps()}


def test_status_shows_where_it_runs(embedded: Embedded) -> None:
    code, shown = run("status", data_dir=embedded.settings.data_dir)
    assert code == 0
    home = server_home(embedded.settings)
    expected = {NEO4J_VERSION, "running", embedded.first.uri, str(embedded.first.pid), "since", "MB", str(home.root)}
    assert {text for text in expected if text in shown} == expected


def test_browser_shows_its_address_and_how_to_sign_in(embedded: Embedded) -> None:
    code, shown = run("browser", data_dir=embedded.settings.data_dir)
    assert code == 0
    bolt, http = embedded.settings.neo4j_bolt_port, embedded.settings.neo4j_http_port
    address = f"http://127.0.0.1:{http}/browser/?connectURL=bolt%3A%2F%2Fneo4j%40127.0.0.1%3A{bolt}"
    assert address in shown
    assert embedded.first.password in shown
    assert str(server_home(embedded.settings).password_file) in shown


def test_start_on_the_command_line_finds_it(embedded: Embedded) -> None:
    code, shown = run("start", data_dir=embedded.settings.data_dir)
    assert code == 0
    assert f"already runs at {embedded.first.uri}" in shown


async def test_a_killed_server_is_started_again_with_its_data(embedded: Embedded) -> None:
    settings, server = embedded.settings, ensure_server(embedded.settings)
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        await graph.run("CREATE (:Trait {key: 'survives'})")
    kill(server, settings)
    code, shown = run("status", data_dir=settings.data_dir)
    assert (code, "not running" in shown) == (NOT_RUNNING, True)

    again = ensure_server(settings)
    assert again.started
    assert again.pid != server.pid
    async with await Graph.connect(again.uri, again.user, again.password) as graph:
        assert await graph.run("MATCH (t:Trait) RETURN t.key AS key") == [{"key": "survives"}]


def test_a_stopped_server_is_gone_and_stopping_again_is_no_error(embedded: Embedded) -> None:
    settings = embedded.settings
    server = ensure_server(settings)
    code, shown = run("stop", data_dir=settings.data_dir)
    assert (code, "Neo4j has stopped" in shown) == (0, True)
    assert find_server(settings) is None
    assert not bolt_answers("127.0.0.1", settings.neo4j_bolt_port)
    assert not psutil.pid_exists(server.pid) or psutil.Process(server.pid).status() == psutil.STATUS_ZOMBIE
    code, shown = run("stop", data_dir=settings.data_dir)
    assert (code, "No embedded Neo4j runs" in shown) == (0, True)


def test_nothing_runs_before_the_first_start(idle: Settings) -> None:
    code, shown = run("status", data_dir=idle.data_dir)
    assert code == NOT_RUNNING
    assert "not running" in shown
    assert "identity-graph neo4j start" in shown
    code, shown = run("browser", data_dir=idle.data_dir)
    assert code == NOT_RUNNING
    assert "identity-graph neo4j start" in shown


@pytest.mark.parametrize("started_at", [psutil.Process().create_time(), 1.0], ids=["same start", "recycled"])
def test_a_note_of_another_programs_process_is_not_believed(idle: Settings, started_at: float) -> None:
    home = server_home(idle)
    home.process_file.parent.mkdir(parents=True)
    note = {"pid": os.getpid(), "started_at": started_at, "bolt_port": 1, "http_port": 2, "version": "5"}
    home.process_file.write_text(json.dumps(note))
    assert find_process(home) is None
    assert stop_server(idle) is False
    assert not home.process_file.exists()


def test_a_spoiled_note_is_not_believed(idle: Settings) -> None:
    home = server_home(idle)
    home.process_file.parent.mkdir(parents=True)
    home.process_file.write_text('{"pid": 12')
    assert find_process(home) is None


@pytest.mark.parametrize("setting", ["neo4j_bolt_port", "neo4j_http_port"])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeServerError, match=f"Port {port} is taken.*IDENTITY_GRAPH_{setting.upper()}"):
            ensure_server(small(tmp_path, **{setting: port}))


def test_a_server_that_dies_while_starting_tells_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeServerError, match=r"(?s)ended while it was starting.*Too small maximum heap"):
        ensure_server(small(tmp_path, neo4j_heap="1m"))


def test_a_data_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RuntimeServerError, match=r"cannot use its folder .*IDENTITY_GRAPH_DATA_DIR"):
        ensure_server(small(tmp_path / "file"))


def test_a_store_whose_password_is_lost_says_the_way_back_in(idle: Settings) -> None:
    (server_home(idle).store / "databases" / "system").mkdir(parents=True)
    with pytest.raises(RuntimeServerError, match=r"password .* is missing.*delete .*databases/system.*new password"):
        ensure_server(idle)


def test_ctrl_c_during_a_start_leaves_nothing_running(idle: Settings) -> None:
    pids: list[int] = []

    def interrupt(step: Fetching | Waiting) -> None:
        if step == Waiting("Neo4j is starting"):
            process = find_process(server_home(idle))
            assert process is not None
            pids.append(process.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_server(idle, progress=interrupt)
    assert len(pids) == 1
    assert find_process(server_home(idle)) is None


def test_a_given_neo4j_needs_no_embedded_one(idle: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"bolt://127.0.0.1:{free_port()}"
    monkeypatch.setenv("IDENTITY_GRAPH_NEO4J_URI", uri)
    code, shown = run("start", data_dir=idle.data_dir)
    assert (code, f"the Neo4j at {uri} is used" in shown) == (2, True)
    code, shown = run("status", data_dir=idle.data_dir)
    assert (code, "does not answer" in shown) == (NOT_RUNNING, True)
    code, shown = run("browser", data_dir=idle.data_dir)
    assert (code, "IDENTITY_GRAPH_NEO4J_PASSWORD" in shown) == (0, True)
    assert not server_home(idle).root.exists()
