"""Commands need the password of Neo4j: whoever has a wrong one reads and changes nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app as commands
from identity_graph.reference.authorisation_page import expect_commands
from identity_graph.spool.folder import take_file
from tests.neo4j_server import TestServer
from tests.spool.test_file import AMPLE, entry


@pytest.fixture
def with_a_wrong_password(neo4j_server: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands sign in to the Neo4j of the tests as somebody whom it does not know."""
    for name, value in {
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USER": "stranger",
        "NEO4J_PASSWORD": "a wrong password",
        "DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"IDENTITY_GRAPH_{name}", value)


GIVEN: Mapping[str, str] = {
    "import": "events.ndjson",
    "export": "--output out.csv",
    "lookup": "x",
    "journey": "x",
    "why": "user_id:a user_id:b",
    "restore": "backup",
    "audit export": "out.ndjson",
    "consent set": "user_id:a marketing granted",
    "consent list": "user_id:a",
    "consent why": "user_id:a marketing",
    "keys create": "x",
    "privacy open": "access user_id:a --requester themselves",
    "privacy show": "prq_0",
    "privacy advance": "prq_0 running --reason asked",
    "privacy extend": "prq_0 --reason asked",
    "privacy export": "prq_0 --output out.json",
    "keys rotate": "x",
    "keys revoke": "x",
    "rules diff": "default",
    "rules apply": "default",
    "rules rollback": "1",
    "catalogue diff": "default",
    "catalogue apply": "default",
    "catalogue rollback": "1",
    "segments show": "x",
    "segments preview": "active",
    "segments apply": "active",
    "segments delete": "x",
    "segments members": "x",
    "segments why": "x user_id:a",
    "segments export": "x out.csv",
}
"""What commands are given so that they come as far as the graph."""

ELSEWHERE = {"backup": "IDENTITY_GRAPH_NEO4J_URI is set", "restore": "IDENTITY_GRAPH_NEO4J_URI is set"}
"""These work on the folder of the embedded server, and refuse any other Neo4j."""


@pytest.mark.parametrize("command", expect_commands())
def test_a_command_without_the_password_is_refused(
    command: str, with_a_wrong_password: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.ndjson").write_text('{"type": "track", "userId": "u1"}\n', "utf-8")
    held = take_file(tmp_path / "spool", AMPLE)  # so that there is something to deliver
    held.file.write([entry("a")])
    held.release()

    ran = CliRunner().invoke(commands, [*command.split(), *GIVEN.get(command, "").split()])

    said = f"{ran.output} {ran.exception}"
    assert ran.exit_code == 1, said
    assert (ELSEWHERE.get(command) or "Security.Unauthorized") in said, said
