"""A service that is told to stop ends well: whoever supervises it sees no failure."""

import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.ports import free_port

pytestmark = pytest.mark.timeout(120)
SERVE = [sys.executable, "-c", "from identity_graph.cli.app import main; main()", "serve", "--port"]


def wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if clients.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the service was not ready in a minute")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_normal_stop_exits_with_0(graph: Graph, stop: signal.Signals) -> None:
    port = free_port()
    process = subprocess.Popen([*SERVE, str(port)], env=os.environ.copy(), stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(process, port)
        process.send_signal(stop)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
