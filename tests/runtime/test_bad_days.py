"""A real service and failures of its embedded Neo4j: it answers in time, loses nothing, and recovers by itself."""

import os
import resource
import signal
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from identity_graph.runtime import find_server
from identity_graph.settings import Settings
from tests.runtime.embedding import Serving, Stranger, clear, end_of, movable, password_of, serving, until

IN_TIME = 8.0
"""Seconds within which an answer must come; one on a machine of its own, and the driver alone takes over thirty."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    """Give one service for all tests that leave it well."""
    settings = movable(tmp_path_factory.mktemp("bad-days"))
    try:
        with serving(settings) as service:
            yield service
    finally:
        clear(settings)


@pytest.fixture
def own(tmp_path: Path) -> Generator[Settings]:
    """Give settings of a data folder of this test's own."""
    settings = movable(tmp_path / "data")
    yield settings
    clear(settings)


def timed_send(service: Serving, name: str) -> tuple[int, float, bool]:
    """Send one event: the status, the seconds, and whether it says when to come again."""
    begun = time.monotonic()
    answer = service.send(name)
    return answer.status_code, time.monotonic() - begun, "retry-after" in answer.headers


def test_while_neo4j_is_stopped_all_hear_so_in_time_and_then_it_goes_on(shared: Serving) -> None:
    count = shared.count()
    process = psutil.Process(shared.neo4j)
    process.suspend()
    try:
        with ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(lambda n: timed_send(shared, f"stopped-{n}"), range(8)))
        later = timed_send(shared, "stopped-later")
        assert {(status, again) for status, _, again in [*at_once, later]} == {(200, False)}
        assert max(seconds for _, seconds, _ in at_once) < IN_TIME
        assert later[1] < IN_TIME / 2, "it waits behind those before"
        until(lambda: shared.readiness().get("status") == "spooling", "the news that Neo4j does not answer")
        told = shared.readiness()
        assert "does not answer" in told["reason"]
        assert told["waiting"] == 9
    finally:
        process.resume()
    assert shared.count() == count + 9, "all was stored, and once"
    assert shared.neo4j == process.pid, "it was there all the time"


def test_a_killed_neo4j_is_started_again_and_no_stranger_on_its_port_is_told_the_password(shared: Serving) -> None:
    names = [f"before-{n}" for n in range(20)]
    assert shared.takes(*names)
    count = shared.count()
    server = find_server(shared.settings)
    assert server is not None
    end_of(server.pid)
    stranger = Stranger(server.process.bolt_port)
    try:
        status, seconds, again = timed_send(shared, "meanwhile")
        assert (status, again) == (200, False)
        assert seconds < IN_TIME
        assert shared.takes(*names), "repeats of what was acknowledged"
        assert shared.count() == count + 1, "all was stored, and once"
    finally:
        stranger.close()
    moved = find_server(shared.settings)
    assert moved is not None
    assert moved.process.bolt_port != server.process.bolt_port
    assert password_of(shared.settings) not in b"".join(stranger.heard)


def test_a_database_that_cannot_write_is_restarted_when_it_can_and_nothing_is_lost(shared: Serving) -> None:
    """Neo4j may not let its files grow: to it that is a full disk."""
    pid, count = shared.neo4j, shared.count()
    _, hard = psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE)
    psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    statuses = {timed_send(shared, f"full-{n}")[0] for n in range(4)}
    assert statuses == {200}
    assert shared.count() == count + 4, "all was stored, and once"
    assert shared.neo4j != pid
    assert hard == resource.RLIM_INFINITY


def test_of_two_services_the_first_to_end_takes_nothing_from_the_other(own: Settings) -> None:
    with serving(own) as first, serving(own) as second:
        pid = first.neo4j
        assert first.end() in {0, -signal.SIGTERM, 130}
        assert second.takes("after")
        assert second.neo4j == pid
        second.process.kill()  # kill -9: Neo4j is nobody's
        second.process.wait()
        assert find_server(own) is not None
        with serving(own) as third:
            assert third.neo4j == pid
            third.end()
        assert find_server(own) is None, "the last one out stops it"
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_service_that_is_killed_leaves_nothing_behind_that_matters(own: Settings) -> None:
    with serving(own) as service:
        os.kill(service.neo4j, signal.SIGKILL)
        until(lambda: service.neo4j, "the next Neo4j")  # it is being started
        service.process.kill()
        service.process.wait()
    with serving(own) as again:
        assert again.takes("first", "second")
        assert again.count() == 2
