"""docs/operations.md says what is so: its commands run, its tables name what exists."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from identity_graph.cli.rules.commands import rules_app
from identity_graph.runtime import NEO4J_VERSION, find_server, server_home, stop_server
from identity_graph.runtime.jars import read_lock
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

Run = Callable[[str], str]


@pytest.fixture
def reader(tmp_path: Path) -> Generator[Run]:
    """Run shell text as a reader in an empty folder does; whatever server runs then is stopped."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IDENTITY_GRAPH_NEO4J_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "IDENTITY_GRAPH_DATA_DIR": str(tmp_path / "data"),
        "IDENTITY_GRAPH_NEO4J_HEAP": "256m",
        "IDENTITY_GRAPH_NEO4J_PAGE_CACHE": "16m",
        "IDENTITY_GRAPH_NEO4J_BOLT_PORT": str(free_port()),
        "IDENTITY_GRAPH_NEO4J_HTTP_PORT": str(free_port()),
    }

    def run(text: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    yield run
    for data_dir in (tmp_path / "data", tmp_path / ".identity-graph" / "tests"):
        stop_server(Settings(data_dir=data_dir))


def block_that_begins(text: str) -> str:
    (block,) = [block for _language, block in BLOCKS if block.startswith(text)]
    return block


def test_every_fenced_block_of_the_page_is_tried() -> None:
    tried = (
        "identity-graph neo4j start  ",
        "docker compose up",
        "docker compose stop",
        "identity-graph neo4j start --data-dir",
        "identity-graph doctor\n",
        "identity-graph doctor --whole",
        "identity-graph rules diff",
        "identity-graph backup",
        "identity-graph restore",
        "python -m identity_graph.runtime.admin database load",
    )
    assert {block for _language, block in BLOCKS} == {block_that_begins(text) for text in tried}


def test_the_commands_start_show_and_stop_the_embedded_server(reader: Run, tmp_path: Path) -> None:
    shown = reader(block_that_begins("identity-graph neo4j start  "))
    assert f"Neo4j {NEO4J_VERSION} runs at bolt://127.0.0.1:" in shown
    assert "/browser/?connectURL=" in shown
    assert shown.rstrip().endswith("Neo4j has stopped.")
    settings = Settings(data_dir=tmp_path / "data")
    assert find_server(settings) is None
    listed = re.findall(r"^\| `<data dir>/neo4j/(\w+)`", PAGE, re.MULTILINE)
    assert {(server_home(settings).root / name).exists() for name in listed} == {True}
    assert {"data", "password", "logs", "conf"} <= set(listed)


def test_the_doctor_looks_at_the_embedded_server(reader: Run) -> None:
    blocks = (block_that_begins(text) for text in ("identity-graph doctor\n", "identity-graph doctor --whole"))
    shown = reader("".join(["identity-graph neo4j start\n", *blocks]))
    assert f"{NEO4J_VERSION} community answers at bolt://127.0.0.1:" in shown
    assert "This database holds no identity graph yet." in shown
    assert '"verdict": "look"' in shown


def test_the_commands_that_change_rules_exist() -> None:
    commands = [line.split("#")[0].split() for line in block_that_begins("identity-graph rules diff").splitlines()]
    assert {words[2] for words in commands} == {"diff", "apply", "rollback", "history"}
    for program, group, command, *_ in commands:
        assert (program, group) == ("identity-graph", "rules")
        assert CliRunner().invoke(rules_app, [command, "--help"]).exit_code == 0


def test_every_finding_of_the_doctor_is_on_the_page() -> None:
    text = "".join(
        (ROOT / "identity_graph" / name).read_text("utf-8")
        for name in ("domain/health/findings.py", "domain/health/spool_findings.py", "service/health/doctor.py")
    )
    found = set(re.findall(r"Level\.\w+,\s+\"(\w+)\"", text))
    told = {code for row in re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE) for code in re.findall(r"`(\w+)`", row)}
    assert len(found) > 10
    assert found <= told


def test_a_backup_can_be_restored_into_another_data_folder(reader: Run, tmp_path: Path) -> None:
    reader("identity-graph neo4j start && identity-graph neo4j stop")
    reader(block_that_begins("identity-graph backup"))
    for name, block in (("other", "identity-graph restore"), ("third", "python -m identity_graph.runtime.admin")):
        reader(f'export IDENTITY_GRAPH_DATA_DIR="$PWD/{name}"\n{block_that_begins(block)}')
        assert server_home(Settings(data_dir=tmp_path / name)).store.joinpath("databases", "neo4j").is_dir()


async def test_a_server_left_running_can_be_given_to_the_tests(reader: Run) -> None:
    block = block_that_begins("identity-graph neo4j start --data-dir")
    shown = reader(f'{block}echo "$IDENTITY_GRAPH_NEO4J_URI $IDENTITY_GRAPH_NEO4J_PASSWORD"')
    uri, password = shown.splitlines()[-1].split()
    async with await Graph.connect(uri, "neo4j", password) as graph:
        assert await graph.run("RETURN 1 AS one") == [{"one": 1}]


def test_the_containers_that_the_page_starts_and_shows_exist() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    assert block_that_begins("docker compose up").splitlines() == [
        "docker compose up --build --detach",
        "docker compose logs service",
    ]
    assert set(services) == {"neo4j", "service", "password"}
    assert set(re.findall(r"docker compose (?:logs|exec) (\w+)", PAGE)) == set(services)


def test_what_can_be_set_beside_the_compose_file_is_told_in_both_places() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    used = set(re.findall(r"\$\{(\w+):-", text))
    assert used == {
        "NEO4J_PASSWORD",
        "IDENTITY_GRAPH_PORT",
        "NEO4J_HTTP_PORT",
        "NEO4J_BOLT_PORT",
        "NEO4J_IMAGE",
        "PYTHON_IMAGE",
    }
    head = text[: text.index("services:")]
    table = PAGE[PAGE.index("| in `.env` |") : PAGE.index("any other [setting]")]
    assert {name for name in used if name not in head or f"`{name}`" not in table} == set()
    assert {"Compose 2.24"} <= set(re.findall(r"Compose 2\.24", head)) & set(re.findall(r"Compose 2\.24", PAGE))


def test_the_settings_of_the_page_exist_and_have_these_defaults() -> None:
    told = dict(re.findall(r"^\| `IDENTITY_GRAPH_(NEO4J_\w+)` \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert told == {name: str(Settings.model_fields[name.lower()].default) for name in told}
    assert {"NEO4J_HEAP", "NEO4J_PAGE_CACHE", "NEO4J_BOLT_PORT", "NEO4J_HTTP_PORT"} <= set(told)
    named = set(re.findall(r"`IDENTITY_GRAPH_([A-Z0-9_]+)(?:=1)?`", PAGE))
    assert named - {"TEST_WIPE"} <= {name.upper() for name in Settings.model_fields}


def test_the_size_of_the_fetch_is_as_told() -> None:
    lock = read_lock()
    assert f"{len(lock.jars)} jars ({lock.size / 1e6:.0f} MB)" in PAGE
    assert f"neo4j-{NEO4J_VERSION}" in PAGE
