"""Imports into a real Neo4j: what arrives, what is rejected, and that a stop in the middle changes nothing."""

import asyncio
import gzip
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity_graph.errors import GraphUnavailableError, InvalidInputError
from identity_graph.files.importing import ImportProgress, ImportReport, import_file
from identity_graph.files.mapping import Mapping
from identity_graph.files.ndjson import read_line
from identity_graph.files.simulating import simulate
from identity_graph.files.source_files import Line
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.files.reading_helpers import mapping

NOW = 1_800_000_000_000_000
IMPORT = "import typer; from identity_graph.cli.files.commands import import_; typer.run(import_)"


def visits(count: int, *, people: int = 50) -> list[dict[str, Any]]:
    """Make messages of some people, each with three cookies, a device and an account; neighbours share a tablet."""
    return [
        {
            "messageId": f"m{n}",
            "type": "track",
            "event": "Product Viewed",
            "timestamp": f"2026-01-{1 + n // 9 % 28:02}T{n % 24:02}:{n % 60:02}:00Z",
            "anonymousId": f"cookie-{n % people}-{n // people % 3}",
            **({"userId": f"user-{n % people}"} if n % 7 == 0 else {}),
            "context": {"device": {"id": f"tablet-{n % people // 2}" if n % 11 == 0 else f"device-{n % people}"}},
        }
        for n in range(count)
    ]


def lines(messages: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def expected_customers(content: bytes, settings: Settings) -> set[frozenset[str]]:
    """Say what the customers should be, from the pure derivation."""
    from identity_graph.domain.rules.file import load_preset

    outcomes = [read_line(Line(n, line)) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
    return {frozenset(customer) for customer in simulate(outcomes, load_preset(), now=NOW).customers}


async def customers(graph: Graph) -> set[frozenset[str]]:
    rows = await graph.run("MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) RETURN c.id AS id, collect(i.key) AS keys")
    return {frozenset(row["keys"]) for row in rows}


async def count(graph: Graph, label: str) -> int:
    return int((await graph.run(f"MATCH (n:{label}) RETURN count(n) AS count"))[0]["count"])


async def run(settings: Settings, path: Path, columns: Mapping | None = None, **options: Any) -> ImportReport:
    options.setdefault("rejects", path.with_suffix(".rejected"))
    async with open_service(settings) as service:
        return await import_file(service, path, columns, source="import", **options)


def counts(report: ImportReport) -> tuple[int, int, dict[str, int]]:
    return report.state.accepted, report.state.duplicates, dict(report.state.rejected)


async def test_an_import_gives_the_customers_of_the_simulation(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    content = lines(visits(1200))
    path = tmp_path / "visits.ndjson"
    path.write_bytes(content)
    seen: list[ImportProgress] = []
    report = await run(settings, path, on_progress=seen.append)
    assert counts(report) == (1200, 0, {})
    assert await count(graph, "Event") == 1200
    assert await customers(graph) == expected_customers(content, settings)
    assert [it.total for it in seen] == [len(content)] * 3
    assert seen[-1].done == len(content)


async def test_a_file_that_was_imported_is_only_reported_and_anew_changes_nothing(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(lines(visits(30)))
    await run(settings, path)
    again = await run(settings, path)
    assert (again.was_finished, counts(again)) == (True, (30, 0, {}))
    anew = await run(settings, path, restart=True)
    assert (anew.was_finished, counts(anew)) == (False, (0, 30, {}))
    assert await count(graph, "Event") == 30


async def test_a_file_that_grew_is_read_again_and_only_what_is_new_is_added(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(lines(visits(20)))
    await run(settings, path)
    path.write_bytes(lines(visits(25)))
    assert counts(await run(settings, path)) == (5, 20, {})


async def test_rejected_records_are_reported_written_out_and_kept_as_dead_letters(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "visits.ndjson"
    good = lines(visits(2))
    path.write_bytes(good + b'{"broken\n{"type": "track", "event": "x"}\n\n7\n' + lines(visits(4)[2:]))
    report = await run(settings, path)
    assert counts(report) == (4, 0, {"not_json": 1, "no_identifier": 1, "not_an_object": 1})
    assert [line for line, _ in report.examples["no_identifier"]] == [4]
    assert stat.S_IMODE(report.rejects_path.stat().st_mode) == 0o600, "it is for its owner only"
    written = [json.loads(line) for line in report.rejects_path.read_text().splitlines()]
    assert {(row["line"], row["code"]) for row in written} == {
        (3, "not_json"),
        (4, "no_identifier"),
        (6, "not_an_object"),
    }
    assert written[0]["raw"] == '{"broken'
    assert [row["message"] for row in written[1:]] == [{"type": "track", "event": "x"}, 7]
    letters = await graph.run("MATCH (d:DeadLetter) RETURN d.code AS code, d.raw AS raw, d.source AS source")
    assert {(row["code"], row["source"]) for row in letters} == {
        ("not_json", "import"),
        ("no_identifier", "import"),
        ("not_an_object", "import"),
    }
    unread = next(json.loads(row["raw"]) for row in letters if row["code"] == "not_json")
    assert unread == {"file": "visits.ndjson", "line": 3, "text": '{"broken'}


async def test_an_import_that_is_killed_goes_on_where_it_was_and_nothing_is_lost_or_doubled(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    messages = visits(4500, people=300)
    rows = lines(messages).splitlines(keepends=True)
    for n in range(100, len(rows), 400):
        rows[n] = b"not json\n"
    content = b"".join(rows)
    bad = content.count(b"not json")
    path = tmp_path / "visits.ndjson.gz"
    path.write_bytes(gzip.compress(content))
    rejects = tmp_path / "rejected.ndjson"
    process = subprocess.Popen(  # noqa: ASYNC220 - it is started, watched and killed
        [sys.executable, "-c", IMPORT, str(path), "--rejects", str(rejects)],
        env=environment(settings),
        stderr=subprocess.PIPE,
    )
    noted: list[dict[str, Any]] = []
    while not noted and process.poll() is None:
        await asyncio.sleep(0.02)
        noted = await graph.run("MATCH (i:Import) WHERE i.records > 0 RETURN i.records AS records")
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert noted, errors.decode()
    assert 0 < await count(graph, "Event") < len(messages) - bad

    report = await run(settings, path, rejects=rejects)
    assert report.resumed_at >= noted[0]["records"]
    accepted, duplicates, rejected = counts(report)
    assert (accepted + duplicates, rejected) == (len(messages) - bad, {"not_json": bad})
    assert await count(graph, "Event") == len(messages) - bad
    assert await count(graph, "DeadLetter") == bad
    assert await customers(graph) == expected_customers(content, settings)
    lines_written = [json.loads(line)["line"] for line in rejects.read_text().splitlines()]
    assert lines_written == [n + 1 for n in range(100, len(messages), 400)]


def environment(settings: Settings) -> dict[str, str]:
    password = settings.neo4j_password
    assert settings.neo4j_uri is not None
    assert password is not None
    return os.environ | {
        "IDENTITY_GRAPH_NEO4J_URI": settings.neo4j_uri,
        "IDENTITY_GRAPH_NEO4J_USER": settings.neo4j_user,
        "IDENTITY_GRAPH_NEO4J_PASSWORD": password.get_secret_value(),
        "IDENTITY_GRAPH_NEO4J_DATABASE": settings.neo4j_database,
        "IDENTITY_GRAPH_DATA_DIR": str(settings.data_dir),
    }


async def test_repeated_rows_of_a_table_are_events_of_their_own(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "purchases.txt"
    path.write_bytes(b" customer_id  date cds dollars\r\n 00004 19970101  2   29.33\r\n 00004 19970101  2   29.33\r\n")
    table = mapping(
        """
        delimiter: whitespace
        identifiers: {crm_id: customer_id}
        timestamp: {column: date, format: "%Y%m%d", zone: America/New_York}
        event: {value: Order Completed}
        channel: {value: STORE}
        properties: {revenue: {column: dollars, type: number}}
        """
    )
    assert counts(await run(settings, path, table)) == (2, 0, {})
    [row] = await graph.run(
        "MATCH (e:Event)-[:OBSERVED]->(i:Identifier) WITH i, e ORDER BY e.message_id RETURN i.key AS key, "
        "collect([e.message_id, e.name, e.channel, toString(e.occurred_at), e.properties]) AS events"
    )
    event = ["Order Completed", "STORE", "1997-01-01T05:00:00Z", '{"revenue":29.33}']
    assert row == {"key": "crm_id:00004", "events": [["purchases.txt:1", *event], ["purchases.txt:2", *event]]}


async def test_history_keeps_its_times_though_it_says_when_it_was_sent(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.ndjson"
    sent = {"sentAt": "2020-01-01T00:00:09Z", "userId": "u", "type": "track", "event": "x"}
    path.write_bytes(lines([sent | {"timestamp": "2020-01-01T00:00:00Z"}, sent | {"event": "y"}]))
    await run(settings, path)
    rows = await graph.run("MATCH (e:Event) RETURN e.name AS name, toString(e.occurred_at) AS at")
    assert {(row["name"], row["at"]) for row in rows} == {("x", "2020-01-01T00:00:00Z"), ("y", "2020-01-01T00:00:09Z")}


async def test_a_shortened_gzip_gives_all_that_can_be_read_and_says_what_to_do(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.ndjson.gz"
    path.write_bytes(gzip.compress(lines(visits(1200)))[:-1000])
    report = await run(settings, path)
    assert report.problem is not None
    assert "ends in the middle of its gzip" in report.problem
    stored = await count(graph, "Event")
    assert 0 < stored == report.state.records
    path.write_bytes(gzip.compress(lines(visits(1200))))
    whole = await run(settings, path)
    assert (whole.problem, counts(whole)) == (None, (1200 - stored, stored, {}))


async def test_a_file_that_is_something_else_is_refused_before_anything_is_imported(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.ndjson"
    path.write_bytes(b"a,b,c\n" * 200)
    with pytest.raises(InvalidInputError, match=r"None of the first 100 records can be read.*not JSON"):
        await run(settings, path)
    path.write_bytes(b"")
    with pytest.raises(InvalidInputError, match="is empty"):
        await run(settings, path)
    assert await count(graph, "DeadLetter") == 0


async def test_a_neo4j_that_goes_away_ends_the_import_and_the_next_run_goes_on(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.ndjson"
    path.write_bytes(lines(visits(2500)))
    async with open_service(settings) as service:
        commit = service.committer.commit
        commits = 0

        async def commit_for_a_while(*args: Any, **options: Any) -> Any:
            nonlocal commits
            commits += 1
            if commits > 3:
                raise GraphUnavailableError("Neo4j does not answer.")
            return await commit(*args, **options)

        monkeypatch.setattr(service.committer, "commit", commit_for_a_while)
        with pytest.raises(GraphUnavailableError):
            await import_file(service, path, None, source="import", rejects=tmp_path / "rejects")
    stored = await count(graph, "Event")
    assert 0 < stored < 2500
    report = await run(settings, path)
    assert report.state.accepted + report.state.duplicates == 2500
    assert await count(graph, "Event") == 2500


async def test_a_rejects_file_that_cannot_be_written_says_so(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "f.ndjson"
    path.write_bytes(lines(visits(1)) + b"bad\n")
    with pytest.raises(InvalidInputError, match="name another file for rejected records with --rejects"):
        await run(settings, path, rejects=tmp_path / "no" / "such" / "folder")


async def test_ids_of_18_digits_stay_apart_or_are_refused_with_the_reason(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    numbers = [123456789012345678, 123456789012345679]
    table = mapping("identifiers: {crm_id: id}\nevent: {value: x}\nmessage_id: m")
    for name, kind in (("double", pa.float64()), ("decimal", pa.decimal128(38, 2))):
        path = tmp_path / f"{name}.parquet"
        ids = pa.array([f"{number}" for number in numbers]).cast(pa.decimal128(38, 2)).cast(kind, safe=False)
        pq.write_table(pa.table({"id": ids, "m": ["1", "2"]}), path)
    report = await run(settings, tmp_path / "double.parquet", table)
    assert counts(report) == (0, 0, {"invalid_field": 2})
    assert report.examples["invalid_field"][0] == (
        1,
        "Column 'id': it is a floating-point number too long to be exact: give it as text.",
    )
    written = [json.loads(line) for line in report.rejects_path.read_text().splitlines()]
    assert [(row["line"], row["code"]) for row in written] == [(1, "invalid_field"), (2, "invalid_field")]
    assert await count(graph, "DeadLetter") == 2
    assert counts(await run(settings, tmp_path / "decimal.parquet", table)) == (2, 0, {})
    assert await customers(graph) == {frozenset({f"crm_id:{number}"}) for number in numbers}


async def test_a_rejected_record_can_be_mended_in_the_file_of_rejects(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.ndjson"
    lines = [rb'{"type":"track","event":"x","userId":"\ud800"}', b'{"type":"track","event":"y","userId":NaN}']
    path.write_bytes(b"\n".join(lines))
    report = await run(settings, path)
    assert counts(report) == (0, 0, {"invalid_text": 1, "invalid_field": 1})
    first, second = (json.loads(line)["message"] for line in report.rejects_path.read_text().splitlines())
    assert (first["userId"], second["event"]) == ("\ud800", "y")
