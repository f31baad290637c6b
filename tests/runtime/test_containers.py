"""Dockerfile and docker-compose.yml fit the code: no Docker is needed to see that."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from identity_graph.runtime import NEO4J_VERSION
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
    assert compose()["services"]["neo4j"]["image"] == f"neo4j:{minor}-community"
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
    published = [port for service in content["services"].values() for port in service["ports"]]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)
    mounted = {volume.split(":")[0] for service in content["services"].values() for volume in service["volumes"]}
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


def test_the_image_runs_the_service_as_a_user_of_its_own_and_knows_its_health() -> None:
    instructions = dockerfile()
    assert "USER identity-graph" in instructions
    assert 'ENTRYPOINT ["identity-graph"]' in instructions
    assert 'CMD ["serve"]' in instructions
    health = next(line for line in instructions if line.startswith("HEALTHCHECK"))
    port = next(re.findall(r"IDENTITY_GRAPH_PORT=(\d+)", line)[0] for line in instructions if line.startswith("ENV"))
    assert f"http://127.0.0.1:{port}/health/ready" in health
    assert f"EXPOSE {port}" in instructions
    assert compose()["services"]["service"]["ports"] == [f"127.0.0.1:{port}:{port}"]
