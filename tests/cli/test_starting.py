"""A service that is started beside its Neo4j waits for it, and says so; what waiting does not mend ends it at once."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from identity_graph.runtime import free_port
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.lost_answers import LossyWay
from tests.neo4j_server import TestServer

pytestmark = [pytest.mark.timeout(120), pytest.mark.usefixtures("environment")]
# A shell lets what it starts in the background ignore Ctrl-C, and children inherit that: the service starts as in a terminal.
_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
SERVE = [sys.executable, "-u", "-c", f"{_CTRL_C}; from identity_graph.cli.app import main; main()", "serve", "--port"]
SECONDS = 60


class Serving:
    """A service that was started, and what it says."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)

    def until_it_says(self, text: str) -> str:
        deadline = time.monotonic() + SECONDS
        while True:
            line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            if text in line:
                return line

    def until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if clients.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the service was not ready in a minute")


Serve = Callable[[dict[str, str]], Serving]


@pytest.fixture
def serve() -> Generator[Serve]:
    """Start services with other settings than those of the tests; whatever runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(changed: dict[str, str]) -> Serving:
        port = free_port()
        environment = os.environ | {f"IDENTITY_GRAPH_{name}": value for name, value in changed.items()}
        started.append(
            subprocess.Popen(
                [*SERVE, str(port)], env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        )
        return Serving(started[-1], port)

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@contextmanager
def way_to(server: TestServer, port: int) -> Generator[None]:
    """Let the Neo4j of the tests answer at a port, as if it had just come up there."""
    target = urlsplit(server.uri)
    assert target.hostname is not None
    with closing(LossyWay((target.hostname, target.port or 7687), port)):
        yield


def test_a_neo4j_that_is_not_there_yet_is_waited_for(serve: Serve, graph: Graph, neo4j_server: TestServer) -> None:
    port = free_port()
    service = serve({"NEO4J_URI": f"bolt://127.0.0.1:{port}"})
    said = service.until_it_says("Waiting for it")
    assert f"Nothing answers at bolt://127.0.0.1:{port}: is Neo4j running there?" in said
    with way_to(neo4j_server, port):
        service.until_ready()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(SECONDS) == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_waits_can_be_stopped(serve: Serve, stop: signal.Signals) -> None:
    service = serve({"NEO4J_URI": f"bolt://127.0.0.1:{free_port()}"})
    service.until_it_says("Waiting for it")
    service.process.send_signal(stop)
    assert service.process.wait(10) == 0


def test_a_password_that_neo4j_refuses_ends_the_service_with_what_to_do(serve: Serve) -> None:
    service = serve({"NEO4J_USER": "nobody-yet", "NEO4J_PASSWORD": "not-the-password"})
    said = service.until_it_says("GRAPH_SIGN_IN")
    assert "refuses the user 'nobody-yet'" in said
    assert "keeps the password of its first start" in said
    assert service.process.wait(SECONDS) == 1
