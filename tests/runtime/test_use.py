"""A server that several use: watched, shared, adopted, and stopped by the last one out. Each test on real processes."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from identity_graph.cli.neo4j import neo4j_app
from identity_graph.errors import GraphUnavailableError
from identity_graph.runtime import Proof, ServerUse, ensure_server, find_server, server_home
from identity_graph.runtime import server as server_module
from identity_graph.runtime.home import was_full
from identity_graph.runtime.process import ServerProcess, find_process
from identity_graph.runtime.progress import silent
from identity_graph.runtime.use import _register
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port
from tests.runtime.embedding import Stranger, clear, end_of, movable, password_of, small, until

UNREADABLE = "Unreadable bytes are encountered after last readable position"

_USE = """
import sys
from identity_graph.runtime import ServerUse, stop_server
from identity_graph.settings import Settings
settings = Settings.model_validate_json(sys.argv[1])
{then}
"""


class Used(NamedTuple):
    """A server that is used, and its settings."""

    settings: Settings
    use: ServerUse


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[Used]:
    """Give the server of all tests that need one that runs, whatever became of it; most want ``used``."""
    settings = small(tmp_path_factory.mktemp("shared") / "data")
    with ServerUse(settings) as use:
        yield Used(settings, use)
    clear(settings)


@pytest.fixture
def used(shared: Used) -> Used:
    """Give a server that runs, and that this process uses."""
    shared.use.renew()
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Generator[Settings]:
    """Give settings of a server of this test's own."""
    settings = small(tmp_path / "data")
    yield settings
    clear(settings)


def elsewhere(settings: Settings, then: str) -> "subprocess.Popen[str]":
    """Do something with the server in another process."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("IDENTITY_GRAPH_")}
    return subprocess.Popen(
        [sys.executable, "-c", _USE.format(then=then), settings.model_dump_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def use_elsewhere(settings: Settings) -> "subprocess.Popen[str]":
    """Use the server in another process until that is told to go on, or is killed."""
    process = elsewhere(
        settings, "use = ServerUse(settings); print('used', flush=True); sys.stdin.read(1); use.release()"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "used\n"
    return process


def test_the_last_one_out_stops_it_and_who_was_killed_counts_no_more(own: Settings) -> None:
    with use_elsewhere(own) as other:
        use = ServerUse(own)
        assert find_server(own) is not None
        other.communicate("x")  # the one that started it goes first
        assert other.returncode == 0
        assert use.is_current(), "the first to end stopped it under the other"
    with use_elsewhere(own) as killed:
        use.release()
        assert find_server(own) is not None
        killed.kill()
        killed.communicate()
    orphan = find_server(own)
    assert orphan is not None
    with ServerUse(own) as adopted:
        assert (adopted.server.pid, adopted.server.started) == (orphan.pid, False)
    assert find_server(own) is None


def test_who_joins_a_running_server_never_ends_it_for_a_tail_that_was_dropped(used: Used) -> None:
    with server_home(used.settings).debug_log.open("ab") as log:
        log.write(f"No space left on device\n{UNREADABLE}\n".encode())
    with ServerUse(used.settings) as other:
        assert other.server.pid == used.use.server.pid
        assert used.use.is_current()


def test_the_mark_of_a_start_by_hand_outlasts_a_user_that_comes_during_it(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while jars are fetched: there is no server yet, and the mark looks like that of one that is gone."""
    home = server_home(own)
    fetch = server_module.ensure_jars

    def come_meanwhile(*arguments: Any) -> list[Path]:
        _register(home, silent).withdraw()
        return fetch(*arguments)

    monkeypatch.setattr(server_module, "ensure_jars", come_meanwhile)
    pid = ensure_server(own).pid
    with ServerUse(own) as use:
        assert use.server.pid == pid
    assert (find_server(own) or use.server).pid == pid
    assert find_process(home) is not None


def test_only_the_disk_of_the_run_that_failed_counts(tmp_path: Path) -> None:
    home = server_home(Settings.model_validate({"data_dir": tmp_path}))
    home.debug_log.parent.mkdir(parents=True)
    began = "2026-01-01 [o.n.g.f.m.GlobalModule] Logging config in use: default\n"
    opened, full, unreadable = (f"{text}\n" for text in ("[ Database: neo4j ]", "No space left on device", UNREADABLE))
    bare = began + "Error starting Neo4j database server\n"
    runs = {
        began + opened + full: True,
        began + opened + full + began + unreadable: True,
        began + opened + full + bare + began + unreadable + began + unreadable: True,
        began + opened + full + began + opened: False,
        began + opened + full + began + opened + began + unreadable: False,
        opened: False,
        "": False,
    }
    for text, expected in runs.items():
        for cut in {0, len(text) // 3, len(text) // 2, len(text)}:
            # The newest of the rotated logs is the first.
            home.debug_log.with_name("debug.log.02").write_text(text[: cut // 2])
            home.debug_log.with_name("debug.log.01").write_text(text[cut // 2 : cut])
            home.debug_log.write_text(text[cut:])
            assert was_full(home) is expected, (text, cut)


def test_what_was_started_by_hand_stays_until_it_is_stopped_by_hand(own: Settings) -> None:
    pid = ensure_server(own).pid
    with ServerUse(own):
        pass
    with ServerUse(own) as use:
        assert use.server.pid == pid, "it stays though nobody used it any more"
        outcome = CliRunner().invoke(neo4j_app, ["stop", "--data-dir", str(own.data_dir)])
        assert (outcome.exit_code, f"process {os.getpid()} uses it" in outcome.stdout) == (1, True)
        assert use.is_current()
    assert find_server(own) is None, "it was to end with the last of its users"


def test_a_kill_between_the_start_and_the_note_leaves_a_server_that_is_found(own: Settings) -> None:
    begun = ServerUse(own)
    home = server_home(own)
    home.process_file.unlink()
    with ServerUse(own) as use:
        assert (use.server.pid, use.server.uri, use.server.started) == (begun.server.pid, begun.server.uri, False)
        begun.release()
        assert use.is_current()
    assert find_process(home) is None


def test_a_kill_during_a_start_or_a_stop_is_put_right_by_the_next_start(own: Settings) -> None:
    home = server_home(own)
    starting = elsewhere(own, "ServerUse(own := settings)")
    until(lambda: find_process(home) is not None, "the start of Neo4j")
    starting.kill()
    starting.communicate()
    with ServerUse(own) as use:
        former = use.server
    assert find_process(home) is None
    running = ensure_server(own)
    os.kill(running.pid, signal.SIGSTOP)  # so that it does not end before its stopper is killed
    stopping = elsewhere(
        own, "import identity_graph.runtime.process as p; p.psutil.Process.resume = id; stop_server(settings)"
    )
    until(home.stopping_file.exists, "the note that it is to end")
    stopping.kill()
    stopping.communicate()
    os.kill(running.pid, signal.SIGCONT)
    with ServerUse(own) as use:
        assert use.server.pid not in {running.pid, former.pid}
        assert use.is_current()


def test_who_lost_a_race_for_a_port_takes_another(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    both = [movable(tmp_path / name, ports) for name in ("one", "two")]
    try:
        with ThreadPoolExecutor(2) as pool:
            one, two = pool.map(ensure_server, both)
        assert one.uri != two.uri
        assert one.http_url != two.http_url
        assert f"bolt://127.0.0.1:{ports[0]}" in {one.uri, two.uri}
    finally:
        for settings in both:
            clear(settings)


async def test_a_stranger_on_the_port_is_not_told_the_password(used: Used) -> None:
    server = used.use.server
    proof = Proof(used.settings, server.process)
    graph = await Graph.connect(server.uri, server.user, server.password, prove=proof, retry_seconds=2)
    end_of(server.pid)
    stranger = Stranger(used.settings.neo4j_bolt_port)
    try:
        with pytest.raises(GraphUnavailableError):
            await graph.run("RETURN 1")
        with pytest.raises(GraphUnavailableError, match="the password was not sent"):
            await Graph.connect(server.uri, server.user, server.password, prove=proof)
        await graph.close()
    finally:
        stranger.close()
    assert password_of(used.settings) not in b"".join(stranger.heard)


def test_another_process_of_ours_is_no_proof_either(used: Used) -> None:
    """The note may name a process that lives, is ours, and does not listen there."""
    process = used.use.server.process
    Proof(used.settings, process)()
    moved = ServerProcess(process.pid, process.started_at, free_port(), process.http_port, process.version)
    with pytest.raises(GraphUnavailableError):
        Proof(used.settings, moved)()


def test_nothing_in_the_data_folder_is_for_others(used: Used) -> None:
    home, data_dir = server_home(used.settings), used.settings.data_dir
    until((home.store / "databases").is_dir, "the store")
    time.sleep(0.5)
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in [data_dir, *data_dir.rglob("*")]}
    assert len(modes) > 20
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    end_of(used.use.server.pid)
    home.log.chmod(0o644)
    used.use.renew()
    assert stat.S_IMODE(home.log.stat().st_mode) == 0o600
