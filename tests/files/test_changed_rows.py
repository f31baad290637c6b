"""Rows that are imported again with other content: what counts in the end, whatever was interrupted in between."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.files import changed_rows
from identity_graph.files.changed_rows import SaidRow, say
from identity_graph.files.importing import ImportReport, import_file
from identity_graph.files.mapping import ChangedRows
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.collecting.imported_rows import StoredRow
from identity_graph.store.driver.graph import Graph
from tests.files.reading_helpers import mapping
from tests.neo4j_server import wipe
from tests.properties import examples

TABLE = """
message_id: id
changed_rows: {mode}
timestamp: at
identifiers: {{crm_id: who}}
event: {{value: Paid}}
properties: {{v: v}}
"""
ROWS = ("a", "b")
Content = tuple[int, int]
"""What the two rows say in one file."""


class KilledError(Exception):
    """Ends an import where a kill would."""


def write(path: Path, content: Content) -> None:
    lines = [f"{row},2026-01-0{1 + n},c{row},{value}" for n, (row, value) in enumerate(zip(ROWS, content, strict=True))]
    path.write_text("\n".join(["id,at,who,v", *lines, ""]))
    os.utime(path, ns=(0, write_time(path)))


def write_time(path: Path) -> int:
    """Give a file that was written anew another time, however quickly it was written."""
    return path.stat().st_mtime_ns + 1


async def take(service: Service, path: Path, mode: str) -> ImportReport:
    table = mapping(TABLE.format(mode=mode))
    return await import_file(service, path, table, source="s", restart=True, rejects=path.with_suffix(".rejects"))


async def counted(graph: Graph) -> dict[str, list[str]]:
    """Give what the events that count say, by row, in the order of their revisions."""
    rows = await graph.run(
        "MATCH (e:Event) WHERE e.retracted_at IS NULL RETURN e.message_id AS id, e.properties AS properties "
        "ORDER BY size(e.message_id), e.message_id"
    )
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for row in rows:
        found[row["id"][0]].append(json.loads(row["properties"])["v"])
    return found


def killing(step: str) -> Any:
    """Make what stands in place of a step: it ends the import before the step, or after it."""
    real = getattr(changed_rows, step, None)

    async def killed(*given: Any, **named: Any) -> Any:
        if step == "take_back":
            raise KilledError
        assert real is not None
        await real(*given, **named)
        raise KilledError

    return killed


files = st.lists(
    st.tuples(
        st.tuples(st.integers(1, 3), st.integers(1, 3)), st.sampled_from([None, "plan_rows", "collect", "take_back"])
    ),
    min_size=1,
    max_size=5,
)


@examples(12)
@given(files)
async def test_what_the_last_file_says_counts_however_earlier_imports_ended(
    graph: Graph,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[Content, str | None]],
) -> None:
    await wipe(graph)
    path = tmp_path_factory.mktemp("rows") / "f.csv"
    async with open_service(settings) as service:
        for content, killed_at in told:
            write(path, content)
            with pytest.MonkeyPatch.context() as patch:
                if killed_at is not None:
                    patch.setattr(changed_rows, killed_at, killing(killed_at))
                try:
                    await take(service, path, "replace")
                except KilledError:
                    assert killed_at is not None
        await take(service, path, "replace")
        last = told[-1][0]
        assert await counted(graph) == {row: [str(value)] for row, value in zip(ROWS, last, strict=True)}
        before = await graph.run("MATCH (e:Event) RETURN count(e) AS count")
        await take(service, path, "replace")
        assert await graph.run("MATCH (e:Event) RETURN count(e) AS count") == before
        left = await graph.run("MATCH (r:ImportedRow) WHERE size(r.superseded) > 0 RETURN r.key")
        assert left == []


@pytest.mark.parametrize(("mode", "expected"), [("ignore", ["1"]), ("add", ["1", "2", "1"]), ("replace", ["1"])])
async def test_a_row_that_changed_and_changed_back(
    graph: Graph, settings: Settings, tmp_path: Path, mode: str, expected: list[str]
) -> None:
    path = tmp_path / "f.csv"
    async with open_service(settings) as service:
        for value in (1, 1, 2, 2, 1):
            write(path, (value, 7))
            await take(service, path, mode)
    assert await counted(graph) == {"a": expected, "b": ["7"]}


async def test_a_row_that_cannot_be_read_any_more_leaves_what_it_said(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    async with open_service(settings) as service:
        write(path, (1, 2))
        await take(service, path, "replace")
        text = path.read_text()
        for broken in (text.replace("2026-01-01,ca,1", "soon,ca,9"), text.replace("ca,1", ",9")):
            path.write_text(broken)
            report = await take(service, path, "replace")
            assert (report.state.duplicates, report.state.rejected_total) == (1, 1)
            assert await counted(graph) == {"a": ["1"], "b": ["2"]}


async def test_rows_that_were_imported_without_following_changes_are_replaced(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    async with open_service(settings) as service:
        write(path, (1, 2))
        await take(service, path, "ignore")
        write(path, (3, 2))
        await take(service, path, "replace")
        assert await counted(graph) == {"a": ["3"], "b": ["2"]}


async def test_two_rows_of_one_id_in_a_file_the_last_one_counts(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,at,who,v\na,2026-01-01,c,1\na,2026-01-01,c,2\nb,2026-01-01,c,3\n")
    async with open_service(settings) as service:
        await take(service, path, "replace")
    assert await counted(graph) == {"a": ["2"], "b": ["3"]}


def test_what_is_stored_of_a_row_follows_from_what_it_says() -> None:
    empty = StoredRow("k", None, 0, None, [])
    replace = ChangedRows.REPLACE
    first = say(empty, SaidRow("m", "x"), replace, is_known=False)
    assert first == StoredRow("k", "x", 1, "m", [])
    second = say(first, SaidRow("m", "y"), replace, is_known=False)
    assert second == StoredRow("k", "y", 2, "m~2", ["m"])
    gone = say(second, SaidRow("m", None), replace, is_known=False)
    assert gone == StoredRow("k", None, 2, "m~2", ["m", "m~2"])
    back = say(gone, SaidRow("m", "y"), replace, is_known=False)
    assert back == StoredRow("k", "y", 3, "m~3", ["m", "m~2"])
    assert say(first, SaidRow("m", None), ChangedRows.ADD, is_known=False) == first
    assert say(empty, SaidRow("m", "x"), replace, is_known=True) == StoredRow("k", "x", 2, "m~2", ["m"])
