"""Privacy requests from the terminal."""

import json
import stat
from asyncio import to_thread
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from identity_graph.cli.app import app
from identity_graph.domain.privacy.personal_data import read_schema
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service


async def call(run: CliRunner, *words: str) -> Result:
    return await to_thread(run.invoke, app, list(words))


@pytest.mark.usefixtures("environment")
async def test_a_request_is_opened_brought_on_and_its_data_written(
    run: CliRunner, service: Service, tmp_path: Path
) -> None:
    sent = {"type": "identify", "userId": "ann-4711", "messageId": "1", "traits": {"city": "Bonn"}}
    await collect(service, [sent], source="web", received_at=service.units.now())
    opened = await call(
        run, "privacy", "open", "ACCESS", "user_id:ann-4711", "--requester", "herself", "--format", "json"
    )
    assert opened.exit_code == 0, opened.output
    id = json.loads(opened.stdout)["id"]
    for to in ("verified", "approved", "running"):
        done = await call(run, "privacy", "advance", id, to, "--reason", "as asked")
        assert done.exit_code == 0, done.output
    assert "DONE" in done.stdout
    listed = await call(run, "privacy", "list", "--state", "done")
    assert id in listed.stdout
    assert "user_id:ann-4711" in listed.stdout
    file = tmp_path / "data.json"
    assert (await call(run, "privacy", "export", id, "--output", str(file))).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["traits"][0]["value"] == "Bonn"


def test_the_schema_is_printed_as_it_ships(run: CliRunner) -> None:
    assert json.loads(run.invoke(app, ["privacy", "schema"]).stdout) == read_schema()
