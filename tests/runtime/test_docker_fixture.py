"""The fixture that takes its Neo4j from Docker, on engines that answer and do not do all that is asked of them."""

import json
import re
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from testcontainers.core.config import testcontainers_config

from tests import neo4j_server
from tests.neo4j_server import NoContainerError, TestServer, docker_answers, provided_server

NOWHERE = "Get registry: dial tcp: lookup registry on 127.0.0.53: no such host"
FALLBACK = TestServer("bolt://embedded", "neo4j", "secret", "http://embedded")
ID = "c0ffee"

Answer = tuple[int, Any]
Route = Callable[[str, str], Answer | None]


class Engine:
    """What speaks Docker's API on a socket, and remembers what it was asked."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self.asked: list[tuple[str, str, Any]] = []

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        path = re.sub(r"^/v[\d.]+", "", path)
        self.asked.append((method, path.partition("?")[0], json.loads(body) if body else None))
        if path == "/_ping":
            return 200, "OK"
        if path == "/version":
            return 200, {"ApiVersion": "1.44", "Version": "25.0"}
        return self._route(method, path) or (500, {"message": f"this engine does not know {method} {path}"})


def pulls_nothing(_method: str, path: str) -> Answer | None:
    """Answer as an engine without images that reaches no registry."""
    if path.startswith("/images/create"):
        return 500, {"message": NOWHERE}
    return 404, {"message": "No such image"}


def starts_nothing(method: str, path: str) -> Answer | None:
    """Answer as an engine that has the image, makes the container and cannot start it."""
    if path.startswith("/images/"):
        return 200, {"Id": "sha256:1", "RepoTags": [neo4j_server.IMAGE]}
    if path.startswith("/containers/create"):
        return 201, {"Id": ID, "Warnings": []}
    if path.startswith(f"/containers/{ID}/json"):
        return 200, {"Id": ID, "Name": "/neo4j", "Config": {}, "State": {"Status": "created"}}
    if method == "DELETE" and path.startswith(f"/containers/{ID}"):
        return 204, None
    return 500, {"message": "no room left"}


@contextmanager
def serving(engine: Engine) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, content = engine.answer(self.command, self.path, body)
            text = content if isinstance(content, str) else json.dumps(content)
            raw = b"" if content is None else text.encode()
            self.send_response(code)
            if code != 204:
                self.send_header("Content-Type", "text/plain" if isinstance(content, str) else "application/json")
                self.send_header("Content-Length", str(len(raw)))
            self.send_header("Api-Version", "1.44")
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            self.respond()

        def do_POST(self) -> None:
            self.respond()

        def do_DELETE(self) -> None:
            self.respond()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingMixIn, UnixStreamServer):
        daemon_threads = True

    with TemporaryDirectory(prefix="docker-") as folder:  # the path of a socket has to be short
        path = Path(folder, "docker.sock")
        with Server(str(path), Handler) as server:
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield f"unix://{path}"
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture
def engine_of(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[Route], Engine]]:
    """Let Docker mean an engine that answers by a route, and no Neo4j be given otherwise."""
    monkeypatch.delenv("IDENTITY_GRAPH_NEO4J_URI", raising=False)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    with ExitStack() as stack:

        def start(route: Route) -> Engine:
            engine = Engine(route)
            monkeypatch.setenv("DOCKER_HOST", stack.enter_context(serving(engine)))
            monkeypatch.setattr(testcontainers_config, "tc_host_override", "localhost")
            return engine

        yield start


def test_where_no_image_can_be_fetched_the_tests_say_so_and_go_on_with_the_embedded_server(
    engine_of: Callable[[Route], Engine], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @contextmanager
    def embedded(_folder: Path) -> Generator[TestServer]:
        yield FALLBACK

    monkeypatch.setattr(neo4j_server, "_embedded", embedded)
    engine = engine_of(pulls_nothing)
    assert docker_answers()
    with (
        pytest.warns(UserWarning, match="A Docker engine answers, but gives no Neo4j") as warned,
        provided_server(tmp_path) as server,
    ):
        assert server == FALLBACK
    (message,) = [str(warning.message) for warning in warned]
    assert NOWHERE in message
    assert f"`docker pull {neo4j_server.IMAGE}`" in message
    assert "IDENTITY_GRAPH_NEO4J_URI" in message
    assert ("POST", "/images/create") in {(method, path) for method, path, _ in engine.asked}


def test_a_container_that_does_not_start_is_not_left_behind(engine_of: Callable[[Route], Engine]) -> None:
    engine = engine_of(starts_nothing)
    with pytest.raises(NoContainerError, match="no room left"), neo4j_server._from_docker():
        pytest.fail("it did not start")
    assert [(method, path) for method, path, _ in engine.asked if path.startswith("/containers/")] == [
        ("POST", "/containers/create"),
        ("GET", f"/containers/{ID}/json"),
        ("POST", f"/containers/{ID}/start"),
        ("DELETE", f"/containers/{ID}"),
    ]


def with_bridge(gateway: str) -> Route:
    """Answer as an engine whose bridge to its containers has an address."""

    def route(method: str, path: str) -> Answer | None:
        if path == "/networks/bridge":
            return 200, {"Name": "bridge", "Id": ID, "IPAM": {"Config": [{"Gateway": gateway}]}}
        return starts_nothing(method, path)

    return route


@pytest.mark.parametrize(
    ("host", "gateway", "address"),
    [
        pytest.param("localhost", "203.0.113.7", "127.0.0.1", id="an engine on this machine"),
        pytest.param("203.0.113.1", "127.0.0.1", "127.0.0.1", id="an engine beside this in one container"),
        pytest.param("203.0.113.1", "203.0.113.7", "", id="an engine elsewhere, where it has to be reached"),
    ],
)
def test_the_container_listens_on_this_machine_only_where_it_is_on_it(
    host: str, gateway: str, address: str, engine_of: Callable[[Route], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(with_bridge(gateway))
    monkeypatch.setattr(testcontainers_config, "tc_host_override", host)
    (wanted,) = containers_wanted(engine)
    bound = wanted["HostConfig"]["PortBindings"]
    assert bound == {port: [{"HostIp": address, "HostPort": ""}] for port in ("7687/tcp", "7474/tcp")}


def test_the_container_reports_nothing_and_has_a_limit(engine_of: Callable[[Route], Engine]) -> None:
    (wanted,) = containers_wanted(engine_of(starts_nothing))
    assert {
        "NEO4J_dbms_usage__report_enabled=false",
        "NEO4J_client_allow__telemetry=false",
        "NEO4J_server_memory_heap_max__size=768m",
    } <= set(wanted["Env"])


def containers_wanted(engine: Engine) -> list[dict[str, Any]]:
    with pytest.raises(NoContainerError), neo4j_server._from_docker():
        pytest.fail("it did not start")
    return [body for _, path, body in engine.asked if path == "/containers/create"]
