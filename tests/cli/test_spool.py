"""What waits in the spool, shown and delivered from the terminal."""

import json

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.settings import Settings
from identity_graph.spool import spool_folder, take_file
from identity_graph.store.driver.graph import Graph
from tests.spool.test_file import AMPLE, entry

run = CliRunner()


@pytest.fixture
def waiting(environment: None, settings: Settings) -> None:
    """Leave three messages, as a process does that ended."""
    held = take_file(spool_folder(settings.data_dir), AMPLE)
    held.file.write([entry("waits", messages=3)])
    held.release()


def test_an_empty_spool_is_told_without_neo4j(environment: None, settings: Settings) -> None:
    shown = run.invoke(app, ["spool", "status"])
    assert (shown.exit_code, shown.stdout) == (0, "Nothing waits in the spool.\n")
    assert not spool_folder(settings.data_dir).exists(), "looking changes nothing"


def test_what_waits_is_shown(waiting: None) -> None:
    assert "Messages that wait in the spool: 3 (" in run.invoke(app, ["spool", "status"]).stdout
    told = json.loads(run.invoke(app, ["spool", "status", "--format", "json"]).stdout)
    assert (told["messages"], told["since"], told["damaged"]) == (3, "1970-01-01T00:00:00.001000Z", [])


def test_what_waits_is_delivered(graph: Graph, waiting: None) -> None:
    shown = run.invoke(app, ["spool", "drain"])
    assert (shown.exit_code, shown.stdout) == (0, "Messages delivered: 3. Nothing waits in the spool.\n")
    found = run.invoke(app, ["lookup", "waits"])
    assert found.exit_code == 0
    assert "Not in this answer" not in found.stderr


def test_what_a_service_holds_is_left_to_it(graph: Graph, environment: None, settings: Settings) -> None:
    held = take_file(spool_folder(settings.data_dir), AMPLE)
    held.file.write([entry("waits")])
    shown = run.invoke(app, ["spool", "drain"])
    held.release()
    assert shown.exit_code == 1
    assert "A running service holds them" in shown.stdout


def test_a_lookup_says_that_messages_wait(graph: Graph, waiting: None) -> None:
    shown = run.invoke(app, ["lookup", "waits"])
    assert "Not in this answer yet: 3 messages that wait in the spool" in shown.stderr
