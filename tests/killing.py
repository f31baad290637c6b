"""A service of a test's own, in a process and on a Neo4j that can be killed without harm to other tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from identity_graph.runtime import stop_server
from identity_graph.settings import Settings
from tests import clients
from tests.ports import free_port

ADMIN_KEY = "the-admin-key"
SECONDS = 240


@pytest.fixture
def own(tmp_path: Path) -> Generator[Settings]:
    """Give settings of an embedded server of this test's own, since others must not be killed."""
    ports = {"neo4j_bolt_port": free_port(), "neo4j_http_port": free_port(), "port": free_port()}
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "neo4j_uri": None, **ports})
    yield settings
    stop_server(settings)


def start_service(settings: Settings) -> "subprocess.Popen[bytes]":
    """Start a service in a process of its own."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("IDENTITY_GRAPH_NEO4J")}
    environment |= {
        "IDENTITY_GRAPH_ADMIN_KEY": ADMIN_KEY,
        "IDENTITY_GRAPH_NEO4J_BOLT_PORT": str(settings.neo4j_bolt_port),
        "IDENTITY_GRAPH_NEO4J_HTTP_PORT": str(settings.neo4j_http_port),
    }
    command = [
        sys.executable,
        "-c",
        "from identity_graph.cli.app import main; main()",
        "serve",
        "--port",
        str(settings.port),
    ]
    return subprocess.Popen(
        [*command, "--data-dir", str(settings.data_dir)], env=environment, stdout=subprocess.DEVNULL
    )


def ask(settings: Settings, document: str, **variables: Any) -> dict[str, Any]:
    """Ask the service over GraphQL."""
    answer = clients.post(
        f"http://127.0.0.1:{settings.port}/graphql",
        json={"query": document, "variables": variables},
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        timeout=30,
    )
    return answer.json()["data"]


def in_force_when(settings: Settings, what: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask for the rules, or the catalogue, until they are as wanted; while nothing answers, ask again."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            found = ask(settings, f"{{ {what} {{ version status progress error }} }}")[what]
        except (httpx.HTTPError, ValueError, TypeError):
            found = None
        if found is not None and wanted(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"the {what} did not become as wanted in {SECONDS} seconds")


def kill(pid: int) -> None:
    """Kill a process as a power cut would, and wait until it is gone."""
    process = psutil.Process(pid)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
