"""Tables as Excel writes them: every way that it has to save a sheet is read, or told with the remedy."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import Mapping
from identity_graph.files.reading import open_records, open_standard_input
from identity_graph.files.records import Rejection
from tests.files.reading_helpers import mapping, messages, read, rejections

SHEET = [["Kunde", "Name", "Betrag"], ["007", "Zoë Müller", "29,33"], ["008", 'Li "Lee"; Wei', "7"], ["009", "", ""]]
COLUMNS = """
identifiers: {crm_id: Kunde}
event: {value: Order Completed}
traits: {name: Name}
properties: {total: {column: Betrag, type: number}}
decimal: comma
"""
EXPECTED = [("007", "Zoë Müller", 29.33), ("008", 'Li "Lee"; Wei', 7), ("009", None, None)]


def saved(delimiter: str, end: str, *, start: str = "", padded: bool = True) -> str:
    """Write the sheet as Excel does: quotes where they are needed, all rows of one width or cut after the last value."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in (delimiter, '"')) else text

    rows = [delimiter.join(map(cell, row)) for row in SHEET]
    return start + end.join(row if padded else row.rstrip(delimiter) for row in rows) + end


def said(path: Path, content: bytes, columns: Mapping) -> list[Any]:
    return [
        (message["context"]["externalIds"][0]["id"], message["traits"].get("name"), message["properties"].get("total"))
        for message in messages(read(path, content, columns))
    ]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("CSV UTF-8", saved(",", "\r\n", start="\ufeff").encode(), ""),
        ("CSV UTF-8 where the comma is decimal", saved(";", "\r\n", start="\ufeff").encode(), "delimiter: ;"),
        ("CSV", saved(";", "\r\n").encode("cp1252"), "delimiter: ;\nencoding: cp1252"),
        ("CSV (Macintosh)", saved(";", "\r").encode("mac-roman"), "delimiter: ;\nencoding: mac-roman"),
        (
            "CSV (Macintosh) without an end",
            saved(";", "\r")[:-1].encode("mac-roman"),
            "delimiter: ;\nencoding: mac-roman",
        ),
        ("Unicode text", saved("\t", "\r\n").encode("utf-16"), "delimiter: tab\nencoding: utf-16"),
        ("Unicode text of a Macintosh", saved("\t", "\r").encode("utf-16"), "delimiter: tab\nencoding: utf-16"),
        ("a line sep=;", saved(";", "\r\n", start="sep=;\r\n").encode(), ""),
        ("a line sep=; behind a mark", saved(";", "\r\n", start="\ufeffSEP=;\r\n").encode(), "delimiter: comma"),
        ("a line sep=;;", saved(";", "\r\n", start="sep=;;;\r\n").encode(), ""),
        ("a line sep=<tab>", saved("\t", "\r", start="sep=\t\r").encode(), ""),
        ("a quoted line sep=;", saved(";", "\r\n", start='"sep=;"\r\n').encode(), ""),
        ("short rows", saved(";", "\r\n", padded=False).encode(), "delimiter: ;\nshort_rows: true"),
        ("empty cells beyond the header", saved(";", ";;\r\n").replace("Betrag;;", "Betrag").encode(), "delimiter: ;"),
    ],
)
def test_every_way_that_excel_saves_a_sheet_is_read(
    tmp_path: Path, name: str, content: bytes, options: str, packed: bool
) -> None:
    columns = mapping(COLUMNS + options)
    assert said(tmp_path / "f.csv", gzip.compress(content) if packed else content, columns) == EXPECTED, name


def test_lines_of_a_table_are_counted_whatever_they_end_in(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        text = f"sep=,{end}id,n{end}a,1{end}b{end}c,3{end}"
        found = read(tmp_path / "f.csv", text, mapping())
        assert rejections(found) == [(4, "broken_row")]
        assert [outcome.line for outcome in found] == [3, 4, 5]
        for skip in range(4):
            assert read(tmp_path / "f.csv", text, mapping(), skip=skip) == found[skip:]


def test_ndjson_and_standard_input_may_end_their_lines_in_cr_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{"a": 1}\r{"b": 2}\r'
    assert messages(read(tmp_path / "f", text)) == [{"a": 1}, {"b": 2}]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with open_standard_input(None) as file:
        assert len(list(file.records())) == 2


def test_a_carriage_return_in_quotes_is_part_of_the_cell(tmp_path: Path) -> None:
    text = 'id,n\r\n"a\rb",1\r\n"c\nd",2\r\n'
    found = messages(read(tmp_path / "f.csv", text, mapping()))
    assert [message["context"]["externalIds"][0]["id"] for message in found] == ["a\rb", "c\nd"]


def test_a_long_table_with_cr_is_read_to_its_end(tmp_path: Path) -> None:
    text = "id,n\r" + "".join(f"c{n},{n}\r" for n in range(20_000))
    assert len(messages(read(tmp_path / "f.csv", text, mapping()))) == 20_000


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a", "The row has 1 field and the file 2 columns: check its delimiters and quotes. If empty cells at the end of rows"),
        ("a,1,2", "The row has 3 fields and the file 2 columns: check its delimiters and quotes."),
        ('"a', "The quoting of the row is wrong: a quote is not closed."),
        ('"a"b,1', "The quoting of the row is wrong: a quoted field is not followed by a delimiter."),
        ("a\rb,1", "The quoting of the row is wrong: there is a carriage return in a field without quotes."),
        ('"' + "a" * 140_000 + '",1', "The quoting of the row is wrong: a field has more than 131,072 characters."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_why_in_our_words(tmp_path: Path, row: str, reason: str) -> None:
    found = read(tmp_path / "f.csv", f"id,n\nx,1\n{row}\n", mapping())
    [rejection] = [outcome for outcome in found if isinstance(outcome, Rejection)]
    assert rejection.reason.startswith(reason)
    assert "new-line" not in rejection.reason
    assert ("set `short_rows: true` in the mapping" in rejection.reason) == (row == "a")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (saved("\t", "\r\n").encode("utf-16"), "not utf-8 but UTF-16: set `encoding: utf-16` in the mapping, and `delimiter: tab`"),
        (saved(";", "\r\n").encode(), "The whole header is one column: set `delimiter: semicolon` in the mapping"),
        (saved("\t", "\r\n").encode(), "The whole header is one column: set `delimiter: tab` in the mapping"),
        (b"PK\x03\x04....", "is an Excel workbook or a zip: save the sheet as `CSV UTF-8`"),
        (gzip.compress(saved(";", "\r\n").encode(), mtime=0)[:20], "ends in the middle of its gzip"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_its_mapping_is_told_with_the_remedy(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    with pytest.raises(InvalidInputError, match=expected.replace("(", r"\(")):
        read(tmp_path / "f.csv", content, mapping(COLUMNS))


@pytest.mark.parametrize("cell", ["1.234,50", "1.5", "1,2,3", "x"])
def test_a_number_with_a_decimal_comma_has_no_point(tmp_path: Path, cell: str) -> None:
    found = read(tmp_path / "f.csv", f"Kunde;Name;Betrag\n1;x;{cell}\n", mapping(COLUMNS + "delimiter: ;"))
    assert rejections(found) == [(2, "invalid_field")]


def test_an_id_that_excel_shortened_rejects_its_row_with_the_remedy(tmp_path: Path) -> None:
    [found] = read(tmp_path / "f.csv", "id\n1.23457E+17\n", mapping())
    assert isinstance(found, Rejection)
    assert "a number that a spreadsheet shortened" in found.reason
    assert "format the column as text and save it again" in found.reason


def test_a_day_as_excel_counts_it_is_no_time(tmp_path: Path) -> None:
    [found] = read(
        tmp_path / "f.csv",
        "id,at\na,46053.354\n",
        mapping("identifiers: {crm_id: id}\nevent: {value: x}\ntimestamp: at"),
    )
    assert isinstance(found, Rejection)
    assert (found.code, "January 1970" in found.reason) == ("invalid_timestamp", True)


def test_a_workbook_is_no_ndjson_either(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"PK\x03\x04....")
    with pytest.raises(InvalidInputError, match="is an Excel workbook"), open_records(tmp_path / "f", None):
        pass
