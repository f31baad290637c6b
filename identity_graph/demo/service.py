"""A service of one's own for a while: an empty data folder, an embedded Neo4j, ``identity-graph serve`` beside it."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests

from identity_graph.errors import IdentityGraphError
from identity_graph.runtime import Progress, ServerHandle, ensure_server, free_port, silent, stop_server
from identity_graph.settings import Settings

_START_TIMEOUT = 120
_STOP_TIMEOUT = 30


class ServiceStartError(IdentityGraphError):
    """The service did not come up, or does not answer as it should."""

    code = "SERVICE_NOT_READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """A service that answers at ``url``; ``environment`` is what commands need to work on the same graph."""

    url: str
    port: int
    pid: int
    admin_key: str
    write_key: str
    neo4j: ServerHandle
    environment: dict[str, str]
    log: Path

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask a question in GraphQL and return its data.

        Raises:
            ServiceStartError: the answer holds errors.
        """
        answer = requests.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self.admin_key}"},
            timeout=60,
        )
        body = answer.json()
        if answer.status_code != 200 or body.get("errors"):
            raise ServiceStartError(f"The service answered {answer.status_code}: {body}", status=answer.status_code)
        return body["data"]


@contextmanager
def started_service(data_dir: Path, *, port: int = 0, progress: Progress = silent) -> Generator[RunningService]:
    """Start Neo4j and the service on an empty ``data_dir``; both are stopped at the end, the data stays to be looked at.

    Whatever an earlier run left in ``data_dir`` is stopped and deleted first.

    Raises:
        ServiceStartError: the service does not come up.
        RuntimeServerError: Neo4j does not.
    """
    port = port or free_port()
    settings = Settings(data_dir=data_dir, neo4j_uri=None, port=port)  # of the port Neo4j Browser finds the guide
    stop_server(settings)
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(mode=0o700, parents=True)
    try:
        # First commits take long on a small machine. What was answered is to be in the graph when somebody looks, not in the spool.
        patient = {"IDENTITY_GRAPH_SPOOL_AFTER_MS": "60000"}
        with serving(data_dir, ensure_server(settings, progress=progress), port=port, environment=patient) as service:
            yield service
    finally:
        stop_server(settings)


@contextmanager
def serving(
    data_dir: Path,
    neo4j: ServerHandle,
    *,
    port: int = 0,
    name: str = "service",
    command: Sequence[str] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Generator[RunningService]:
    """Run a service on the running embedded Neo4j of ``data_dir``, with keys of its own; ``name`` is that of its log.

    ``command`` is what to run in place of ``identity-graph``; ``environment`` has further variables.

    Raises:
        ServiceStartError: the service does not come up.
    """
    port = port or free_port()
    admin_key, write_key = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
    log = data_dir / f"{name}.log"
    variables = {
        **{key: value for key, value in os.environ.items() if not key.startswith("IDENTITY_GRAPH_NEO4J_")},
        "IDENTITY_GRAPH_DATA_DIR": str(data_dir),
        "IDENTITY_GRAPH_ADMIN_KEY": admin_key,
        "IDENTITY_GRAPH_WRITE_KEY": write_key,
        "IDENTITY_GRAPH_WEBHOOK_ALLOW_PRIVATE": "true",
        **environment,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(command or [str(command_path())]),
                *("serve", "--host", "127.0.0.1", "--port", str(port), "--data-dir", str(data_dir)),
            ],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url, log)
        yield RunningService(
            url=url,
            port=port,
            pid=process.pid,
            admin_key=admin_key,
            write_key=write_key,
            neo4j=neo4j,
            environment=variables,
            log=log,
        )
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def command_path() -> Path:
    """Return the path of the command ``identity-graph`` that is installed beside this Python."""
    return Path(sys.executable).parent / "identity-graph"


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise ServiceStartError(f"The service did not become ready. Its last output:\n{tail}", log=str(log))
