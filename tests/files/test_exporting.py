"""Exports of a real Neo4j: all identifiers, each with its customer, in one order."""

import csv
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files import exporting
from identity_graph.files.exporting import COLUMNS, count_identifiers, export_identifiers, open_writer
from identity_graph.files.importing import import_file
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.files.reading_helpers import mapping
from tests.neo4j_server import wipe

AWKWARD = ['quote"d', "com,ma", "semi;colon", "=1+1", "  ", "王小明", "😀", "z" * 512, "new:colon", "a/b"]


@pytest.fixture
async def filled(graph: Graph, settings: Settings, tmp_path: Path) -> Graph:
    """Give a graph with identifiers of four namespaces, two of which begin alike."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("undeclared: accept\nnamespaces: {crm_id: , crm: , email: {normalize: email}}\n")
    path = tmp_path / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("a", "b", "mail"), *((v, f"c{n}", f"p{n % 3}@example.com") for n, v in enumerate(AWKWARD))]
        )
    table = mapping("identifiers: {crm_id: a, crm: b, email: mail}\ntype: {value: identify}\n")
    async with open_service(settings.model_copy(update={"rules": rules})) as service:
        await import_file(service, path, table, source="people", rejects=tmp_path / "rejects")
    return graph


async def export(graph: Graph, output: Path, **options: Any) -> int:
    with open_writer(output) as writer:
        return await export_identifiers(graph, writer, **options)


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def stored(graph: Graph) -> list[dict[str, Any]]:
    rows = await graph.run(
        "MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) RETURN i.namespace AS namespace, i.value AS value, "
        "c.id AS customer_id, i.first_seen AS first_seen, i.last_seen AS last_seen, c.created_at AS customer_created_at"
    )
    return sorted(rows, key=lambda row: f"{row['namespace']}:{row['value']}")


@pytest.mark.parametrize("name", ["ids.csv", "ids.parquet"])
async def test_an_export_is_for_its_owner_only(filled: Graph, tmp_path: Path, name: str) -> None:
    await export(filled, tmp_path / name)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("page", [1, 7, 5000])
async def test_csv_holds_every_identifier_with_its_customer_in_the_order_of_the_keys(
    filled: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", page)
    expected = await stored(filled)
    seen: list[int] = []
    assert await export(filled, tmp_path / "ids.csv", on_progress=seen.append) == len(expected) == seen[-1]
    found = rows_of(tmp_path / "ids.csv")
    assert tuple(found[0]) == COLUMNS
    keys = ("namespace", "value", "customer_id")
    assert [tuple(row[key] for key in keys) for row in found] == [tuple(row[key] for key in keys) for row in expected]
    assert {row["first_seen"] for row in found} == {_iso(row["first_seen"]) for row in expected}
    assert await count_identifiers(filled) == len(expected)


async def test_parquet_holds_the_same_with_its_types(
    filled: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 4)
    monkeypatch.setattr(exporting, "_ROW_GROUP", 8)
    await export(filled, tmp_path / "ids.parquet")
    table: Any = pq.read_table(tmp_path / "ids.parquet")
    expected = [{key: _plain(value) for key, value in row.items()} for row in await stored(filled)]
    assert table.to_pylist() == expected


async def test_an_export_of_some_namespaces_holds_only_these(filled: Graph, tmp_path: Path) -> None:
    await export(filled, tmp_path / "ids.csv", namespaces=["email", "crm", "crm"])
    found = [(row["namespace"], row["value"]) for row in rows_of(tmp_path / "ids.csv")]
    crm = sorted(("crm", f"c{n}") for n in range(len(AWKWARD)))
    assert found == [*crm, *(("email", f"p{n}@example.com") for n in range(3))]


async def test_an_empty_graph_exports_only_the_columns(graph: Graph, tmp_path: Path) -> None:
    assert await export(graph, tmp_path / "ids.csv") == 0
    assert (tmp_path / "ids.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert await export(graph, tmp_path / "ids.parquet") == 0
    table: Any = pq.read_table(tmp_path / "ids.parquet")
    assert (table.num_rows, tuple(table.column_names)) == (0, COLUMNS)


@pytest.mark.parametrize("name", ["ids.csv", "ids.parquet"])
async def test_an_export_gives_the_same_customers_to_an_empty_graph(
    filled: Graph, settings: Settings, tmp_path: Path, name: str
) -> None:
    customers = _by_customer(await stored(filled))
    await export(filled, tmp_path / name, namespaces=["crm_id"])
    await wipe(filled)
    table = mapping(
        "identifiers: {crm_id: value, customer: customer_id}\ntype: {value: identify}\ntimestamp: last_seen"
    )
    rules = settings.model_copy(update={"rules": tmp_path / "rules.yaml"})
    async with open_service(rules) as service:
        report = await import_file(service, tmp_path / name, table, source="export", rejects=tmp_path / "rejects")
    assert (report.state.accepted, report.state.rejected_total) == (len(AWKWARD) - 1, 0)
    assert _by_customer(await stored(filled)) == customers


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ids.xlsx", "has no known format"), ("", "has no known format"), ("no/ids.csv", "cannot be written")],
)
def test_an_output_that_cannot_be_written_says_what_to_do(tmp_path: Path, name: str, expected: str) -> None:
    with pytest.raises(InvalidInputError, match=expected), open_writer(tmp_path / name):
        pass


def test_an_export_that_breaks_off_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    for name in ("ids.csv", "ids.parquet"):
        (tmp_path / name).write_text("old")
        with pytest.raises(KeyError), open_writer(tmp_path / name):
            raise KeyError
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"ids.csv": "old", "ids.parquet": "old"}


def _by_customer(rows: list[dict[str, Any]]) -> set[frozenset[str]]:
    """Give the CRM ids that belong together."""
    groups: dict[str, set[str]] = {}
    for row in rows:
        if row["namespace"] == "crm_id":
            groups.setdefault(row["customer_id"], set()).add(row["value"])
    return {frozenset(values) for values in groups.values()}


def _plain(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def _iso(value: Any) -> str:
    return value.to_native().isoformat(timespec="microseconds").replace("+00:00", "Z")
