"""Settings that make no sense end a command with a message that says what to do, before anything is started."""

import socket
import sys
from collections.abc import Generator

import pytest

from identity_graph.cli.app import main


@pytest.fixture
def taken() -> Generator[int]:
    """Give a port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def end_of(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that ends with an error, and return what it says."""
    monkeypatch.setattr(sys, "argv", ["identity-graph", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    return capsys.readouterr().err


def test_a_setting_of_a_wrong_kind_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_PORT", "many")
    monkeypatch.setenv("IDENTITY_GRAPH_NEO4J_HEAP", "lots")
    said = end_of(["serve"], monkeypatch, capsys)
    assert said.startswith("Error BAD_SETTINGS: IDENTITY_GRAPH_PORT: ")
    assert "not 'many'; IDENTITY_GRAPH_NEO4J_HEAP: " in said


def test_a_taken_port_is_told_before_neo4j_is_started(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_NEO4J_URI", "bolt://127.0.0.1:1")
    said = end_of(["serve", "--port", str(taken)], monkeypatch, capsys)
    assert said.startswith(f"Error BAD_SETTINGS: The service cannot listen on port {taken} of 127.0.0.1 (")
    assert "--port" in said
