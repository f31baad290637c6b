"""The audit log from the terminal; and what commands record of themselves."""

import json
from asyncio import to_thread
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from identity_graph.cli.app import app
from identity_graph.cli.recorded import COMMANDS, list_commands
from identity_graph.domain.audit.entries import AuditEntry
from identity_graph.domain.audit.objects import hash_text, name_identifier
from identity_graph.service.audit.keeping import make_checkpoint
from identity_graph.service.audit.reading import stream_log
from identity_graph.service.audit.recording import record
from identity_graph.service.audit.signing_key import load_signer
from identity_graph.service.core import Service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.worlds.audit import make_entry


async def call(run: CliRunner, *words: str) -> Result:
    return await to_thread(run.invoke, app, list(words))


async def latest(graph: Graph) -> AuditEntry:
    return [sealed.entry async for sealed in stream_log(graph)][-1]


@pytest.fixture
async def log(graph: Graph) -> Graph:
    await graph.write(lambda tx: record(tx, *(make_entry(number) for number in range(3))))
    return graph


def test_every_command_is_in_the_table() -> None:
    assert set(COMMANDS) == {path for path, _ in list_commands(app)}


async def test_commands_record_what_they_were_asked_for(service: Service, graph: Graph, run: CliRunner) -> None:
    key = service.audit.hash_key
    await call(run, "lookup", "+8613800138000", "--namespace", "phone")
    read = await latest(graph)
    assert (str(read.action), read.operation, read.who.kind) == ("person.read", "lookup", "command")
    assert read.objects == (name_identifier(key, "phone", "+8613800138000"),)
    await call(run, "why", "user_id:1", "user_id:2")
    assert (await latest(graph)).objects == (hash_text(key, "user_id:1"), hash_text(key, "user_id:2"))
    await call(run, "keys", "create", "shop")
    made = await latest(graph)
    assert (str(made.action), made.objects[0], str(made.outcome)) == ("key.change", "shop", "done")
    await call(run, "keys", "revoke", "nobody")
    failed = await latest(graph)
    assert (str(failed.outcome), failed.reason) == ("failed", "NOT_FOUND")
    count = len([None async for _ in stream_log(graph)])
    await call(run, "keys", "list")
    assert len([None async for _ in stream_log(graph)]) == count


async def test_the_log_is_listed_and_exported(log: Graph, run: CliRunner, tmp_path: Path) -> None:
    listed = await call(run, "audit", "list", "--first", "2", "--format", "json")
    assert [json.loads(line)["number"] for line in listed.stdout.splitlines()] == [3, 2]
    assert "person.read" in (await call(run, "audit", "list")).stdout
    output = tmp_path / "log.ndjson"
    assert (await call(run, "audit", "export", str(output))).exit_code == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["operation"] for line in lines] == ["customer"] * 3 + ["audit list"] * 2
    assert len({line["hash"] for line in lines}) == 5
    piped = await call(run, "audit", "export", "-", "--after", "4")
    assert [json.loads(line)["number"] for line in piped.stdout.splitlines()] == [5, 6]


async def test_an_intact_log_verifies(log: Graph, run: CliRunner, settings: Settings, tmp_path: Path) -> None:
    checkpoint = await make_checkpoint(log, load_signer(settings.data_dir), 1)
    told = tmp_path / "service.log"
    told.write_text(f"2026-01-01 [info] audit checkpoint checkpoint={checkpoint}\n")
    for against in (str(checkpoint), str(told)):
        verified = await call(run, "audit", "verify", "--against", against)
        assert verified.exit_code == 0, verified.output
        assert "intact: 3 entries. 2 checkpoints fit" in verified.stdout


async def test_what_is_wrong_is_told_with_its_place(log: Graph, run: CliRunner, settings: Settings) -> None:
    checkpoint = await make_checkpoint(log, load_signer(settings.data_dir), 1)
    await log.run("MATCH (e:AuditEntry {number: 2}) SET e.operation = 'nothing'")
    verified = await call(run, "audit", "verify")
    assert verified.exit_code == 1
    assert "Entry 2 does not follow" in verified.stdout
    await log.run("MATCH (e) WHERE e:AuditEntry OR e:Sequence OR e:AuditCheckpoint DELETE e")
    assert (await call(run, "audit", "verify")).exit_code == 0
    cut = await call(run, "audit", "verify", "--against", str(checkpoint))
    assert cut.exit_code == 1
    assert "Entries 1 to 3 are missing at the end" in cut.stdout


async def test_keys_are_named_and_checked(log: Graph, run: CliRunner, settings: Settings) -> None:
    await make_checkpoint(log, load_signer(settings.data_dir), 1)
    key = (await call(run, "audit", "key")).stdout.strip()
    assert key == load_signer(settings.data_dir).public_key
    assert (await call(run, "audit", "verify", "--key", key)).exit_code == 0
    other = await call(run, "audit", "verify", "--key", "A" * 43)
    assert "none of those that you trust" in other.stdout
    for words in (["--key", "?"], ["--against", "no checkpoint"]):
        refused = await call(run, "audit", "verify", *words)
        assert refused.exit_code == 1
    named = (await call(run, "audit", "hash", "phone:1")).stdout.strip()
    assert named == hash_text(load_signer(settings.data_dir).hash_key, "phone:1")
