"""Embedded servers and services of the tests' own, which may be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from identity_graph.runtime import find_server, server_home, stop_server
from identity_graph.runtime.process import find_process, kill
from identity_graph.settings import Settings
from tests import clients
from tests.ports import free_port

WRITE_KEY = "the-write-key"
ADMIN_KEY = "the-admin-key"
SECONDS = 180
"""How long a test waits for what takes some seconds on a machine of its own."""

_SERVE = "from identity_graph.cli.app import main; main()"


def small(data_dir: Path, **more: object) -> Settings:
    """Settings of a small server on ports of its own."""
    ports = {"neo4j_bolt_port": free_port(), "neo4j_http_port": free_port()}
    memory = {"neo4j_heap": "256m", "neo4j_page_cache": "16m"}
    return Settings.model_validate({"data_dir": data_dir, "neo4j_uri": None, **ports, **memory, **more})


def movable(data_dir: Path, ports: tuple[int, int] | None = None) -> Settings:
    """Settings of a small server that takes any port when its own is taken.

    The usual one is that of others, maybe: so it finds a note of an earlier start, on ports that no other test was given.
    """
    settings = small(data_dir, neo4j_bolt_port=0, neo4j_http_port=0)
    bolt_port, http_port = ports or (free_port(), free_port())
    home = server_home(settings)
    home.process_file.parent.mkdir(parents=True)
    former = {"pid": 1, "started_at": 0, "bolt_port": bolt_port, "http_port": http_port, "version": "5"}
    home.process_file.write_text(json.dumps(former))
    return settings


def until(wanted: Callable[[], object], what: str, seconds: float = SECONDS) -> float:
    """Wait until something holds, and tell how many seconds that took."""
    begun = time.monotonic()
    while not wanted():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - begun


def end_of(pid: int) -> None:
    """Kill a process as a power cut would, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not _runs(pid), f"the end of process {pid}")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE or psutil.Process(pid).num_threads() > 1
    except psutil.Error:
        return False


def clear(settings: Settings) -> None:
    """Leave nothing running, whatever a test that failed left behind."""
    home = server_home(settings)
    process = find_process(home)
    if process is not None:
        kill(process, home, 30)
    stop_server(settings)


class Serving:
    """``identity-graph serve`` as a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        self.settings = settings
        environment = {name: text for name, text in os.environ.items() if not name.startswith("IDENTITY_GRAPH_")}
        for name in ("data_dir", "neo4j_heap", "neo4j_page_cache", "neo4j_bolt_port", "neo4j_http_port"):
            environment[f"IDENTITY_GRAPH_{name.upper()}"] = str(getattr(settings, name))
        environment |= {"IDENTITY_GRAPH_WRITE_KEY": WRITE_KEY, "IDENTITY_GRAPH_ADMIN_KEY": ADMIN_KEY}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, "serve", "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def neo4j(self) -> int:
        """The process of its Neo4j, as it is noted now."""
        server = find_server(self.settings)
        return 0 if server is None else server.pid

    def send(self, *names: str) -> httpx.Response:
        """Send an event for each name, which is its message id, too."""
        batch = [{"type": "track", "event": "e", "messageId": name, "userId": name} for name in names]
        return clients.post(f"{self.url}/v1/batch", json={"batch": batch}, auth=(WRITE_KEY, ""), timeout=60)

    def takes(self, *names: str) -> bool:
        """Tell whether it takes events."""
        try:
            return self.send(*names).status_code == 200
        except httpx.HTTPError:
            return False

    def readiness(self) -> dict[str, Any]:
        """Read what it says of itself; nothing while it does not answer."""
        try:
            return clients.get(f"{self.url}/health/ready", timeout=60).json()
        except httpx.HTTPError:
            return {}

    def settle(self) -> None:
        """Wait until Neo4j has everything, and the spool nothing."""
        until(lambda: self.readiness() == {"status": "ready"}, "an empty spool")

    def count(self) -> int:
        """Count the events that are stored, when none waits any more."""
        self.settle()
        answer = clients.post(
            f"{self.url}/graphql",
            json={"query": "{ ingestStats { accepted } }"},
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            timeout=60,
        )
        return int(answer.json()["data"]["ingestStats"]["accepted"])

    def end(self) -> int:
        """Ask it to end and give its exit code."""
        self.process.terminate()
        return self.process.wait(SECONDS)


@contextmanager
def serving(settings: Settings) -> Generator[Serving]:
    """Serve, ready to take events, until the block ends."""
    service = Serving(settings)
    try:
        until(lambda: service.takes("first"), "the first event")
        service.settle()
        yield service
    finally:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait(SECONDS)


class Stranger:
    """A program that took a port, speaks Bolt, and remembers all that it was told, until it is closed."""

    def __init__(self, port: int) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self._listener.settimeout(0.2)
        self._closing = threading.Event()
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def _listen(self) -> None:
        """Answer the handshake of whoever comes, and listen to what is said then."""
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(1)
                try:
                    if connection.recv(20):
                        connection.sendall(b"\x00\x00\x04\x05")
                    while said := connection.recv(4096):
                        self.heard.append(said)
                except OSError:
                    continue

    def close(self) -> None:
        """Hear whoever speaks to the end, and give the port back."""
        self._closing.set()
        self._listening.join()
        self._listener.close()


def password_of(settings: Settings) -> bytes:
    """Read the password that no stranger may hear."""
    return server_home(settings).password_file.read_text().strip().encode()
