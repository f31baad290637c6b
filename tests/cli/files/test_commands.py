"""The commands import, export and simulate, as they are called in a terminal."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from identity_graph.cli.files.commands import export, import_, simulate
from identity_graph.store.driver.graph import Graph

EVENTS = [
    {"messageId": "1", "type": "identify", "userId": "u", "anonymousId": "c", "timestamp": "2026-01-01T00:00:00Z"},
    {"messageId": "2", "type": "track", "event": "x", "userId": "v", "timestamp": "2026-01-01T00:00:00Z"},
]
NDJSON = "".join(json.dumps(event) + "\n" for event in EVENTS)
CUSTOMERS = [["anonymous_id:c", "user_id:u"], ["user_id:v"]]
Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give a way to call a command in an empty folder."""
    app = typer.Typer()
    for name, command in (("import", import_), ("export", export), ("simulate", simulate)):
        app.command(name)(command)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(app, [str(it) for it in arguments], **options)


@pytest.fixture
def live(graph: Graph, environment: None, call: Call) -> Call:
    """Give a way to call a command that finds the Neo4j of the tests in its environment."""
    return call


def test_simulate_prints_exactly_the_customers_the_refused_links_and_the_rejections(call: Call) -> None:
    Path("e.ndjson").write_text(NDJSON + "{\n")
    result = call("simulate", "e.ndjson", "--format", "json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert set(printed) == {"customers", "refused", "rejected"}
    assert (printed["customers"], printed["refused"]) == (CUSTOMERS, [])
    assert [(it["line"], it["code"], set(it)) for it in printed["rejected"]] == [
        (3, "not_json", {"line", "code", "reason"})
    ]


def test_simulate_reads_gzip_and_standard_input_and_prints_the_same(call: Call) -> None:
    Path("e").write_bytes(gzip.compress(NDJSON.encode()))
    packed = call("simulate", "e", "--format", "json")
    piped = call("simulate", "-", "--format", "json", input=NDJSON)
    assert (
        json.loads(packed.stdout)
        == json.loads(piped.stdout)
        == {
            "customers": CUSTOMERS,
            "refused": [],
            "rejected": [],
        }
    )


def test_simulate_takes_rules_from_a_file_or_by_name(call: Call) -> None:
    Path("e.ndjson").write_text(NDJSON)
    Path("rules.yaml").write_text("namespaces: {user_id: {}}\n")
    under = {
        name: call("simulate", "e.ndjson", "--rules", name, "--format", "json")
        for name in ("rules.yaml", "first-owner")
    }
    assert json.loads(under["rules.yaml"].stdout)["customers"] == [["user_id:u"], ["user_id:v"]]
    assert json.loads(under["first-owner"].stdout)["customers"] == CUSTOMERS


def test_a_file_that_is_called_like_a_set_is_taken(call: Call) -> None:
    Path("e.ndjson").write_text(NDJSON)
    Path("first-owner").write_text("namespaces: {user_id: {}}\n")
    simulated = call("simulate", "e.ndjson", "--rules", "first-owner", "--format", "json")
    assert json.loads(simulated.stdout)["customers"] == [["user_id:u"], ["user_id:v"]]


def test_simulate_shows_a_summary_to_people(call: Call) -> None:
    Path("e.ndjson").write_text(NDJSON + "{\n")
    result = call("simulate", "e.ndjson")
    assert "3 identifiers in 2 events: 2 customers; 0 refused links, 1 rejected message, 0 repeats." in result.stdout
    assert "anonymous_id:c  user_id:u" in result.stdout
    assert "not_json" in result.stdout


def test_simulate_of_an_empty_file_has_no_customers(call: Call) -> None:
    Path("e.ndjson").touch()
    result = call("simulate", "e.ndjson", "--format", "json")
    assert json.loads(result.stdout) == {"customers": [], "refused": [], "rejected": []}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["simulate", "none.ndjson"], "none.ndjson does not exist"),
        (["simulate", "."], ". is a folder"),
        (["simulate", "e.ndjson", "--rules", "nobody"], "nobody cannot be read as rules (No such file or directory)"),
        (["simulate", "e.ndjson", "--rules", "bad.yaml"], "bad.yaml:1: "),
        (["simulate", "e.ndjson", "--format", "xml"], "'xml' is not one of"),
        (["import", "none.ndjson"], "none.ndjson does not exist"),
        (["import", "e.ndjson", "none.ndjson"], "none.ndjson does not exist"),
        (["import", "t.csv"], "describe its columns with --mapping"),
        (["import", "t.csv", "--mapping", "bad.yaml"], "bad.yaml:1: "),
        (["import", "t.csv", "--mapping", "m.yaml"], "m.yaml:1: identifiers.crm_id: t.csv has no column 'id'"),
        (["import", "e.ndjson", "e.ndjson", "--rejects", "r"], "--rejects names one file"),
        (["import"], "Name the files to import, or a folder to watch with --watch FOLDER"),
        (["import", "e.ndjson", "--watch", "."], "--watch takes no files"),
        (["import", "--watch", "none"], "none cannot be watched"),
        (["import", "--watch", ".", "--mapping", "bad.yaml"], "bad.yaml:1: "),
    ],
)
def test_wrong_use_ends_with_code_2_and_the_remedy_before_any_database_is_asked(
    call: Call, arguments: list[str], expected: str
) -> None:
    Path("e.ndjson").write_text(NDJSON)
    Path("t.csv").write_text("a,b\n1,2\n")
    Path("bad.yaml").write_text("wrong: 1\n")
    Path("m.yaml").write_text("identifiers: {crm_id: id}\nevent: {value: x}\n")
    result = call(*arguments)
    assert result.exit_code == 2
    assert expected in result.stderr.replace("\n", " ")


def test_a_dry_run_shows_messages_and_rejections_and_asks_no_database(call: Call) -> None:
    Path("t.csv").write_text("id\na\nb,c\n" + "d\n" * 20)
    Path("m.yaml").write_text("identifiers: {user_id: id}\nevent: {value: x}\n")
    result = call("import", "t.csv", "--mapping", "m.yaml", "--dry-run")
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, len(shown), shown[0]["userId"]) == (0, 9, "a")
    assert "t.csv:3: broken_row" in result.stderr


def test_a_check_reads_all_of_a_file_and_asks_no_database(call: Call) -> None:
    Path("t.csv").write_text("id,at,extra\n" + "a,2026-01-01,x\n" * 20 + "b,soon,x\nc\n1.5E+17,2026-02-01,x\n")
    Path("m.yaml").write_text("message_id: id\ntimestamp: at\nidentifiers: {user_id: id}\nevent: {value: Paid}\n")
    result = call("import", "t.csv", "--mapping", "m.yaml", "--check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "t.csv: 23 records, 20 messages, 0 left out by the mapping, 3 rejected. Nothing was imported.",
        "  Paid: 20",
        "  From 2026-01-01T00:00:00Z to 2026-01-01T00:00:00Z.",
        "  Messages with an id that came before in the file: 19.",
        "  Columns that the mapping does not use: extra.",
        "  broken_row: 1",
        (
            "    line 23: The row has 1 field and the file 3 columns: check its delimiters and quotes. If empty cells at the end of "
            "rows were left out, as Excel does, set `short_rows: true` in the mapping."
        ),
        "  invalid_field: 1",
        (
            "    line 24: Column 'id': it is a number that a spreadsheet shortened (such as 1.23E+17): format the column as text and "
            "save it again."
        ),
        "  invalid_timestamp: 1",
        (
            "    line 22: Column 'at': it must be ISO 8601, such as 2026-01-31T08:30:00.000Z, or milliseconds since 1970; or say in "
            "the mapping how it is written, such as `format: epoch_s`."
        ),
    ]
    Path("t.csv").write_text("id,at\na,2026-01-01\n")
    assert call("import", "t.csv", "--mapping", "m.yaml", "--check").exit_code == 0


def test_what_import_takes_in_export_gives_out(live: Call) -> None:
    Path("e.ndjson").write_text(NDJSON)
    imported = live("import", "e.ndjson")
    assert imported.exit_code == 0, imported.stderr
    assert "e.ndjson: 2 records, 2 events accepted, 0 already known, 0 rejected" in imported.stderr
    again = live("import", "e.ndjson")
    assert "was imported before" in again.stderr
    exported = live("export", "--output", "-", "--namespace", "user_id")
    assert [line.split(",")[:2] for line in exported.stdout.splitlines()] == [
        ["namespace", "value"],
        ["user_id", "u"],
        ["user_id", "v"],
    ]
    assert "2 identifiers written to standard output" in exported.stderr
    filed = live("export", "--output", "ids.parquet")
    assert (filed.exit_code, Path("ids.parquet").read_bytes()[:4]) == (0, b"PAR1")


def test_rejections_are_reported_and_only_strict_minds_them(live: Call) -> None:
    Path("e.ndjson").write_text(NDJSON + "oops\n")
    result = live("import", "e.ndjson", "--source", "crm")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "not_json: 1" in result.stderr
    assert "line 3: The line is not JSON" in result.stderr
    assert [json.loads(line)["line"] for line in Path("e.ndjson.rejected.ndjson").read_text().splitlines()] == [3]
    assert (live("import", "e.ndjson", "--source", "crm", "--restart", "--strict")).exit_code == 1


def test_files_of_one_name_keep_their_rejections_apart(live: Call) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "e.ndjson").write_text("oops\n")
    result = live("import", "a/e.ndjson", "b/e.ndjson")
    assert result.exit_code == 0
    assert {path.name for path in Path().glob("*.rejected.ndjson")} == {
        "a_e.ndjson.rejected.ndjson",
        "b_e.ndjson.rejected.ndjson",
    }


def test_a_second_file_of_one_name_whose_rows_count_as_known_says_so_and_ends_with_code_3(live: Call) -> None:
    Path("m.yaml").write_text("identifiers: {user_id: id}\nevent: {value: x}\n")
    for folder, rows in (("may", "a\nb\n"), ("june", "c\nd\n"), ("july", "e\nf\ng\n")):
        Path(folder).mkdir()
        Path(folder, "orders.csv").write_text("id\n" + rows)
    assert live("import", "may/orders.csv", "--mapping", "m.yaml").exit_code == 0
    second = live("import", "june/orders.csv", "--mapping", "m.yaml")
    assert second.exit_code == 3
    assert "Nothing new: all 2 rows of orders.csv count as rows that were imported before" in second.stderr
    assert "name their id with `message_id`, or rename the file" in second.stderr
    longer = live("import", "july/orders.csv", "--mapping", "m.yaml")
    assert longer.exit_code == 0
    assert "Already known: 2 rows of orders.csv" in longer.stderr
    Path("m2.yaml").write_text("identifiers: {user_id: id}\nevent: {value: x}\nmessage_id: id\n")
    assert live("import", "june/orders.csv", "--mapping", "m2.yaml").exit_code == 0


def test_messages_that_are_all_known_end_with_code_3_unless_they_are_imported_again(live: Call) -> None:
    Path("e.ndjson").write_text(NDJSON)
    Path("f.ndjson").write_text(NDJSON)
    assert live("import", "e.ndjson").exit_code == 0
    assert live("import", "e.ndjson").exit_code == 0
    assert live("import", "e.ndjson", "--restart").exit_code == 0
    other = live("import", "f.ndjson")
    assert other.exit_code == 3
    assert "Nothing new: all 2 messages of f.ndjson have ids that the source 'import' has sent before" in other.stderr
    assert live("import", "f.ndjson", "--source", "crm").exit_code == 0


def test_values_that_are_no_identifiers_are_counted_with_the_reason(live: Call) -> None:
    rows = [{"userId": "null", "anonymousId": "a"}, {"userId": "u", "traits": {"phone": "12"}}]
    Path("e.ndjson").write_text("".join(json.dumps({"type": "identify", **row}) + "\n" for row in rows))
    expected = "Values that are not identifiers: phone invalid 1, user_id blocked 1."
    assert expected in live("import", "e.ndjson").stderr
    assert expected in live("simulate", "e.ndjson").stdout
