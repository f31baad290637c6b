"""`identity-graph doctor` tells what is wrong and what to do, and its exit code says whether something must be done."""

from asyncio import to_thread
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from identity_graph.cli.app import app
from identity_graph.domain.health.findings import Verdict
from identity_graph.files.importing import import_file
from identity_graph.files.mapping_file import parse_mapping
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.service.health.doctor import examine
from identity_graph.settings import Settings
from identity_graph.spool import spool_folder, take_file
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations, read_migrations
from tests.builders import NOON, dead_letter, seed
from tests.ports import free_port
from tests.spool.test_file import AMPLE, entry
from tests.worlds.audit import keep_audit

Run = Callable[..., Result]


@pytest.fixture
def run(graph: Graph, environment: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a terminal whose environment names the Neo4j of the tests."""
    monkeypatch.setenv("COLUMNS", "130")
    return lambda *arguments: CliRunner().invoke(app, ["doctor", *arguments])


@pytest.fixture
async def visited(graph: Graph, settings: Settings) -> None:
    """Store what two people did, one of whom signed in, and a value that is none."""
    messages = [
        {"type": "page", "messageId": "1", "anonymousId": "c1"},
        {"type": "identify", "messageId": "2", "anonymousId": "c1", "userId": "ann"},
        {"type": "identify", "messageId": "3", "anonymousId": "c2", "userId": "null"},
    ]
    async with open_service(settings) as service:
        await collect(service, messages, source="web", received_at=NOON)


@pytest.fixture
async def schema(graph: Graph) -> AsyncGenerator[Graph]:
    """Give a graph whose list of migrations a test may change; it is put right afterwards."""
    yield graph
    await graph.run("MATCH (m:Migration) WHERE m.version > 9000 DELETE m")
    await graph.run("MATCH (m:Migration {version: 2}) SET m.checksum = coalesce(m.was, m.checksum) REMOVE m.was")
    await apply_migrations(graph)


def codes(described: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in described["findings"]]


def test_a_healthy_graph_is_told_to_be_so(visited: None, run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert "Healthy." in result.output
    for shown in (
        "community answers at bolt://",
        f"version {len(read_migrations())}",
        "by default",
        "2 (50% anonymous)",
        "user_id",
        "blocked",
    ):
        assert shown in result.output


def test_programs_get_the_same_as_json(visited: None, run: Run, settings: Settings) -> None:
    result = run("--format", "json")
    told = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["verdict"], told["findings"], told["suspects"]) == ("healthy", [], [])
    assert told["neo4j"]["answers"] is True
    assert told["neo4j"]["address"] == settings.neo4j_uri
    assert told["rules"]["version"] == 1
    health = told["health"]
    assert (health["customers"], health["anonymous_share"], health["violations"]) == (2, 0.5, {"blocked": 1})
    cookies = next(one for one in health["namespaces"] if one["namespace"] == "anonymous_id")
    assert (cookies["identifiers"], cookies["observations"]) == (2, 3)
    assert cookies["spread"] == {"customers": 2, "mean": 1.0, "p95": 1, "most": 1}
    assert health["sizes"][0] == {"least": 1, "most": 1, "customers": 1}
    assert len(health["days"]) == 30
    assert all(len(day["day"]) == len("2026-01-01") for day in health["days"])


async def test_what_sources_send_is_shown_and_judged(graph: Graph, settings: Settings, run: Run) -> None:
    now = now_instant()
    people = [
        {
            "type": "identify",
            "messageId": f"{n}",
            "userId": f"u{n}",
            "traits": {"age": "old" if n < 5 else n, "coat": n},
        }
        for n in range(20)
    ]
    traits = [{"type": "identify", "messageId": "t", "userId": "u1", "traits": {f"t{n:02}": n for n in range(20)}}]
    async with open_service(settings) as service:
        await collect(service, people, source="crm", received_at=now)
        await collect(service, traits, source="web\x1b[2J", received_at=now)
    result = await to_thread(run)
    assert result.exit_code == 1
    assert '5 of 20 values of the trait "age" from "crm" do not count' in result.output
    assert "75%" in result.output
    assert "undeclared" in result.output
    assert "and 7 more: --format json" in result.output
    assert "\x1b[2J" not in result.output
    told = orjson.loads((await to_thread(run, "--format", "json")).stdout)
    quality = told["quality"]
    assert codes(told) == ["values_do_not_fit"]
    assert [(one["source"], one["accepted"]) for one in quality["sources"]] == [("crm", 20), ("web\x1b[2J", 1)]
    assert len(quality["traits"]) == 22
    assert quality["traits"][0]["completeness"] == {"customers": 20, "filled": 15, "own": 15, "share": 0.75}
    assert quality["sample"]["customers"] == 20
    assert [one["name"] for one in quality["events"]] == ["identify", "identify"]


async def test_files_with_columns_that_nobody_reads_are_shown(
    graph: Graph, settings: Settings, run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "crm.csv"
    table.write_text("id,colour\nu1,red\n")
    mapping = parse_mapping("type: {value: identify}\nidentifiers: {user_id: id}\n", name="crm.yaml")
    async with open_service(settings) as service:
        await import_file(service, table, mapping, source="crm", rejects=tmp_path / "rejects.ndjson")
    assert "Files with columns that their mapping does not name" in (await to_thread(run)).output
    (told,) = orjson.loads((await to_thread(run, "--format", "json")).stdout)["quality"]["unused_columns"]
    assert (told["file"], told["columns"]) == (str(table), ["colour"])


async def test_a_catalogue_that_cannot_be_read_asks_for_an_act(visited: None, graph: Graph, run: Run) -> None:
    await graph.run("MATCH (c:Catalogue) SET c.yaml = 'format: 99'")
    told = orjson.loads((await to_thread(run, "--format", "json")).stdout)
    assert (told["verdict"], codes(told), told["quality"]) == ("act", ["BAD_CATALOGUE"], None)


async def test_dead_letters_ask_for_an_act(visited: None, graph: Graph, run: Run) -> None:
    await seed(graph, dead_letters=[dead_letter()])
    result = await to_thread(run)
    assert result.exit_code == 1
    assert "Act." in result.output
    assert "1 message waits among the dead letters." in result.output
    assert "retryDeadLetters" in result.output


@pytest.mark.parametrize(
    "tamper",
    [
        "MATCH (e:AuditEntry {number: 2}) SET e.who = 'nobody'",
        "MERGE (c:AuditCheckpoint {count: 2}) SET c.checkpoint = 'none'",
    ],
)
async def test_a_changed_audit_log_asks_for_an_act(graph: Graph, settings: Settings, tamper: str) -> None:
    await graph.write(keep_audit)
    await graph.run("MATCH (c:AuditCheckpoint) DELETE c")
    assert "audit_log_changed" not in {finding.code for finding in (await examine(settings)).findings}
    await graph.run(tamper)
    found = await examine(settings)
    assert "audit_log_changed" in {finding.code for finding in found.findings}
    assert found.verdict is Verdict.ACT


async def test_values_close_to_quarantine_are_shown(visited: None, graph: Graph, run: Run) -> None:
    await graph.run(
        "MATCH (i:Identifier {key: 'anonymous_id:c1'}) SET i.crowding = 98, i.partners = '{\"user_id\":49}'"
    )
    result = await to_thread(run)
    assert result.exit_code == 0
    assert "Look at this." in result.output
    assert "49 user_id" in result.output


def test_a_neo4j_that_does_not_answer_is_a_finding(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_NEO4J_URI", f"bolt://127.0.0.1:{free_port()}")
    told = orjson.loads(run("--format", "json").stdout)
    assert run().exit_code == 1
    assert (told["verdict"], codes(told), told["neo4j"]["answers"]) == ("act", ["GRAPH_UNAVAILABLE"], False)
    assert (told["schema"], told["rules"], told["health"]) == (None, None, None)


def test_a_graph_without_rules_is_one_that_no_service_was_started_on(run: Run) -> None:
    told = orjson.loads(run("--format", "json").stdout)
    assert (told["verdict"], codes(told), told["schema"]) == ("look", ["no_rules"], len(read_migrations()))


async def test_rules_that_cannot_be_read_ask_for_an_act(visited: None, graph: Graph, run: Run) -> None:
    await graph.run("MATCH (r:RuleSet) SET r.yaml = 'format: 99'")
    told = orjson.loads((await to_thread(run, "--format", "json")).stdout)
    assert (told["verdict"], codes(told), told["health"]) == ("act", ["BAD_RULES"], None)


@pytest.mark.parametrize(
    ("status", "verdict", "code", "told"),
    [
        ("APPLYING", "look", "rules_applying", "Version 1 of the rules is being applied: 25% of the graph is done."),
        ("FAILED", "act", "rules_failed", "Applying version 1 of the rules failed: too many coats"),
    ],
)
async def test_rules_that_are_not_applied_to_all_are_told(
    visited: None, graph: Graph, run: Run, status: str, verdict: str, code: str, told: str
) -> None:
    await graph.run(
        "MATCH (r:RuleSet) SET r.status = $status, r.progress = 0.25, r.error = 'too many coats'", status=status
    )
    described = orjson.loads((await to_thread(run, "--format", "json")).stdout)
    assert (described["verdict"], codes(described)) == (verdict, [code])
    assert described["findings"][0]["title"] == told
    assert described["health"]["customers"] == 2


async def test_what_waits_in_the_spool_is_told(visited: None, settings: Settings) -> None:
    held = take_file(spool_folder(settings.data_dir), AMPLE)
    held.file.write([entry("waits", messages=3)])
    waiting = await examine(settings)
    held.release()
    assert waiting.verdict is Verdict.LOOK
    assert "events_waiting" in [finding.code for finding in waiting.findings]
    assert waiting.spool is not None
    assert waiting.spool.messages == 3


async def test_a_schema_of_another_release_is_told(visited: None, schema: Graph, run: Run) -> None:
    await schema.run("CREATE (:Migration {version: 9001, name: 'coats', checksum: '?'})")
    told = orjson.loads((await to_thread(run, "--format", "json")).stdout)
    assert (told["verdict"], codes(told), told["schema"]) == ("act", ["SCHEMA_MISMATCH"], None)


async def test_a_schema_that_is_behind_is_told_and_left_as_it_is(
    visited: None, schema: Graph, settings: Settings
) -> None:
    await schema.run("MATCH (m:Migration) WHERE m.version > 1 DELETE m")
    behind = await examine(settings)
    assert (behind.verdict, behind.schema) == (Verdict.ACT, 1)
    assert [finding.code for finding in behind.findings] == ["schema_outdated"]
    await schema.run("MATCH (m:Migration {version: 1}) DELETE m")
    empty = await examine(settings)
    assert (empty.verdict, [finding.code for finding in empty.findings]) == (Verdict.LOOK, ["no_graph"])
    assert await schema.run("MATCH (m:Migration) WHERE m.version > 0 RETURN m") == []
