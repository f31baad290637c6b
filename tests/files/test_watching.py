"""A watch over a folder with a real Neo4j: what arrives is imported once, whatever happens to the watch."""

import asyncio
import gzip
import json
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files import watching
from identity_graph.files.watching import WatchCount, WatchOptions, watch
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.files.test_importing import count, environment, lines, visits

WATCH = "import sys; from identity_graph.cli.app import main; sys.argv[0] = 'identity-graph'; main()"
CONFIG = """
files:
  - {pattern: "orders-*.csv*", mapping: orders.yaml, source: shop}
  - {pattern: "*.ndjson"}
"""
MAPPING = """
message_id: id
changed_rows: replace
timestamp: at
identifiers: {crm_id: who}
event: {value: Order Completed}
properties: {total: {column: total, type: amount}}
"""
ORDERS = "id,at,who,total\n1,2026-01-01,c1,10\n2,2026-01-02,c2,20\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    root.mkdir()
    (root / "watch.yaml").write_text(CONFIG)
    (root / "orders.yaml").write_text(MAPPING)
    return root


async def watch_once(settings: Settings, root: Path, **options: Any) -> tuple[WatchCount, list[str]]:
    told: list[str] = []
    async with open_service(settings) as service:
        found = await watch(service, root, WatchOptions(settle=0.1, is_once=True, **options), told.append)
    return found, told


@asynccontextmanager
async def watched(service: Service, root: Path, told: list[str], settle: float = 0.3) -> AsyncGenerator[None]:
    """Watch a folder while the block runs."""
    task = asyncio.create_task(watch(service, root, WatchOptions(settle=settle), told.append))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(path: Path, seconds: float = 20) -> None:
    """Wait until a file is there."""
    for _ in range(int(seconds / 0.05)):
        if path.name in listed(path.parent):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} did not come: {listed(path.parent)}")


def report_of(root: Path, name: str) -> dict[str, Any]:
    return json.loads((root / f"{name}.report.json").read_text("utf-8"))


def listed(root: Path) -> set[str]:
    if not root.is_dir():
        return set()
    return {path.name for path in root.iterdir() if not path.name.startswith(".")}


async def totals(graph: Graph) -> list[float]:
    rows = await graph.run("MATCH (e:Event) WHERE e.retracted_at IS NULL RETURN e.properties AS p, e.source AS source")
    assert {row["source"] for row in rows} <= {"shop"}
    return sorted(json.loads(row["p"])["total"] for row in rows)


async def test_files_are_imported_by_their_pattern_and_moved_with_a_report(
    graph: Graph, settings: Settings, folder: Path
) -> None:
    (folder / "orders-1.csv").write_text(ORDERS + "3,2026-01-03,c3,1,23\n")
    (folder / "visits.ndjson").write_bytes(lines(visits(20)))
    (folder / "orders-2.csv").write_text("number,at\n1,2\n")
    (folder / "orders-3.csv.gz").write_bytes(gzip.compress(ORDERS.encode())[:-9])
    (folder / "empty.ndjson").touch()
    (folder / "readme.txt").write_text("hello")
    found, told = await watch_once(settings, folder)
    assert (found.done, found.failed) == (2, 3)
    assert listed(folder) == {"watch.yaml", "orders.yaml", "readme.txt", "done", "failed"}
    assert listed(folder / "done") == {
        *("orders-1.csv", "orders-1.csv.report.json", "orders-1.csv.rejected.ndjson"),
        *("visits.ndjson", "visits.ndjson.report.json"),
    }
    assert listed(folder / "failed") >= {"orders-2.csv", "orders-3.csv.gz", "empty.ndjson"}
    done = report_of(folder / "done", "orders-1.csv")
    assert {
        "source": "shop",
        "mapping": "orders.yaml",
        "records": 3,
        "accepted": 2,
        "rejected": {"broken_row": 1},
    }.items() <= (done.items())
    assert "has no column 'id'" in report_of(folder / "failed", "orders-2.csv")["reason"]
    assert "ends in the middle of its gzip" in report_of(folder / "failed", "orders-3.csv.gz")["reason"]
    assert "is empty" in report_of(folder / "failed", "empty.ndjson")["reason"]
    assert len(told) == 6, "one line for each file"
    assert [line for line in told if "readme.txt: no pattern of watch.yaml fits" in line] == told[:1]
    assert await count(graph, "Event") == 22


async def test_a_failed_file_that_is_put_back_after_the_mapping_was_mended_is_imported(
    graph: Graph, settings: Settings, folder: Path
) -> None:
    (folder / "orders.yaml").write_text(MAPPING.replace("who}", "person}"))
    (folder / "orders-1.csv").write_text(ORDERS)
    assert (await watch_once(settings, folder))[0].failed == 1
    (folder / "orders.yaml").write_text(MAPPING)
    (folder / "failed" / "orders-1.csv").rename(folder / "orders-1.csv")
    assert (await watch_once(settings, folder))[0].done == 1
    assert await totals(graph) == [10, 20]


async def test_a_correction_that_waits_beside_the_original_counts_last(
    graph: Graph, settings: Settings, folder: Path
) -> None:
    import os

    (folder / "orders-b.csv").write_text(ORDERS)
    (folder / "orders-a.csv").write_text(ORDERS.replace("10", "11"))
    os.utime(folder / "orders-b.csv", (1, 1))
    await watch_once(settings, folder)
    assert await totals(graph) == [11, 20]


async def test_a_file_is_read_when_it_is_complete(graph: Graph, settings: Settings, folder: Path) -> None:
    told: list[str] = []
    async with open_service(settings) as service, watched(service, folder, told):
        with (folder / "orders-1.csv").open("w") as file:
            for line in ORDERS.splitlines(keepends=True):
                file.write(line)
                file.flush()
                await asyncio.sleep(0.15)
        part = folder / "orders-2.csv.part"
        part.write_text(ORDERS.replace("1,2026", "7,2026").replace("2,2026", "8,2026"))
        await asyncio.sleep(0.5)
        assert part.exists()
        part.rename(folder / "orders-2.csv")
        await until(folder / "done" / "orders-1.csv.report.json")
        await until(folder / "done" / "orders-2.csv.report.json")
        (folder / "orders-1.csv").write_text(ORDERS.replace("10", "12"))
        await until(folder / "done" / "orders-1-2.csv.report.json")
    assert report_of(folder / "done", "orders-1.csv")["records"] == 2, told
    assert await totals(graph) == [10, 12, 20, 20]


async def test_several_watchers_share_the_files_of_a_folder(graph: Graph, settings: Settings, folder: Path) -> None:
    per_file = 40
    messages = visits(per_file * 12)
    for number in range(12):
        own = messages[number * per_file : (number + 1) * per_file]
        (folder / f"{number}.ndjson").write_bytes(lines(own))
    options = WatchOptions(settle=0.1, is_once=True)
    told: list[list[str]] = [[], [], []]
    async with open_service(settings) as service:
        found = await asyncio.gather(*(watch(service, folder, options, mine.append) for mine in told))
    assert sum(one.done for one in found) == 12
    reports = [report_of(folder / "done", f"{number}.ndjson") for number in range(12)]
    assert sum(one["accepted"] for one in reports) == len(messages) == await count(graph, "Event")
    assert sum(one["already_known"] for one in reports) == 0


async def test_a_watch_that_is_killed_goes_on_and_nothing_is_lost_or_doubled(
    graph: Graph, settings: Settings, folder: Path
) -> None:
    messages = visits(6000, people=300)
    (folder / "visits.ndjson").write_bytes(lines(messages))
    command = [sys.executable, "-c", WATCH, "import", "--watch", str(folder), "--settle", "0.1"]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE)  # noqa: ASYNC220
    noted: list[dict[str, Any]] = []
    while not noted and process.poll() is None:
        await asyncio.sleep(0.02)
        noted = await graph.run("MATCH (i:Import) WHERE i.records > 0 RETURN i.records AS records")
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert noted, errors.decode()
    assert 0 < await count(graph, "Event") < len(messages)
    assert (folder / "visits.ndjson").exists()

    found, told = await watch_once(settings, folder)
    assert found.done == 1, told
    report = report_of(folder / "done", "visits.ndjson")
    assert report["records"] == len(messages) == await count(graph, "Event")
    assert report["rejected"] == {}
    assert report["accepted"] + report["already_known"] == len(messages)


async def test_the_command_ends_when_it_is_told_to(graph: Graph, settings: Settings, folder: Path) -> None:
    command = [sys.executable, "-c", WATCH, "import", "--watch", str(folder), "--settle", "0.1"]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
    (folder / "orders-1.csv").write_text(ORDERS)
    try:
        await until(folder / "done" / "orders-1.csv.report.json", 60)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "orders-1.csv: 2 records, 2 events accepted" in errors
    assert "Stopped watching" in errors


async def test_a_configuration_that_makes_no_sense_ends_the_start_and_not_a_running_watch(
    graph: Graph, settings: Settings, folder: Path
) -> None:
    told: list[str] = []
    async with open_service(settings) as service:
        async with watched(service, folder, told, settle=0.1):
            await asyncio.sleep(0.2)
            (folder / "watch.yaml").write_text("files: [{mapping: none.yaml}]\n")
            (folder / "orders-1.csv").write_text(ORDERS)
            await until(folder / "done" / "orders-1.csv.report.json")
        assert any("watch.yaml:1: files[0].pattern: missing" in line for line in told)
        with pytest.raises(InvalidInputError, match=r"files\[0\].mapping: .*none.yaml does not exist"):
            await watch(service, folder, WatchOptions(is_once=True), told.append)
        with pytest.raises(InvalidInputError, match="cannot be watched"):
            await watch(service, folder / "nowhere", WatchOptions(is_once=True), told.append)


async def test_rows_that_count_as_known_by_the_name_of_their_file_are_kept_for_a_person(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    from tests.files.reading_helpers import mapping

    root = tmp_path / "in"
    root.mkdir()
    table = mapping("identifiers: {crm_id: id}\nevent: {value: x}\n")
    for content in ("id\na\n", "id\nb\n"):
        (root / "day.csv").write_text(content)
        found, _ = await watch_once(settings, root, mapping=table)
    assert found.failed == 1
    assert "All its rows count as known" in report_of(root / "failed", "day.csv")["reason"]


async def test_neo4j_that_is_away_fails_no_file(
    graph: Graph, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from identity_graph.errors import GraphUnavailableError

    real, calls = watching.import_file, 0

    async def away_at_first(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise GraphUnavailableError("Neo4j does not answer.")
        return await real(*given, **named)

    monkeypatch.setattr(watching, "import_file", away_at_first)
    monkeypatch.setattr(watching, "_PATIENCE_SECONDS", 0.1)
    (folder / "orders-1.csv").write_text(ORDERS)
    found, told = await watch_once(settings, folder)
    assert (found.done, found.failed) == (1, 0)
    assert told[0] == "orders-1.csv: Neo4j does not answer. It is tried again."
