"""NDJSON: lines to messages."""

import gzip
from pathlib import Path

import pytest

from identity_graph.domain.values.json_reader import NoNumber
from identity_graph.errors import InvalidInputError
from identity_graph.files.reading import open_records
from identity_graph.files.records import Rejection
from identity_graph.files.source_files import MAX_LINE
from tests.files.reading_helpers import messages, read, rejections


def test_a_line_is_a_message_or_a_batch_and_empty_lines_are_nothing(tmp_path: Path) -> None:
    text = '\ufeff{"a": 1}\n\n{"batch": [{"b": 2}, 3], "sentAt": "x"}\r\n  \n[{"c": 4}, 5]\n[]'
    assert messages(read(tmp_path / "f", text)) == [{"a": 1}, {"b": 2}, 3, {"c": 4}, 5]


def test_a_file_that_is_one_line_long_may_be_an_array(tmp_path: Path) -> None:
    assert messages(read(tmp_path / "f", '[{"a": 1}, {"b": 2}]\n')) == [{"a": 1}, {"b": 2}]


def test_gzip_is_known_by_its_first_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"b": 2}\n')
    assert messages(read(tmp_path / "f.ndjson", packed)) == [{"a": 1}, {"b": 2}]
    assert messages(read(tmp_path / "f.gz", '{"a": 1}')) == [{"a": 1}]


def test_bad_lines_are_rejected_one_by_one_and_their_neighbours_kept(tmp_path: Path) -> None:
    lines = [b"{}", b"{", b'"\xff"', b'{"a": "\\ud800"}', b"[1", b'{"n": NaN}', b"x" * (MAX_LINE + 5), b'{"z": 1}']
    found = read(tmp_path / "f", b"\n".join(lines))
    assert rejections(found) == [
        (2, "not_json"),
        (3, "invalid_text"),
        (5, "not_json"),
        (7, "message_too_large"),
    ]
    first, surrogate, no_number, last = messages([outcome for outcome in found if not isinstance(outcome, Rejection)])
    assert (first, surrogate, last) == ({}, {"a": "\ud800"}, {"z": 1})
    assert isinstance(no_number["n"], NoNumber)
    raws = [outcome.raw for outcome in found if isinstance(outcome, Rejection)]
    assert raws[:2] == ["{", '"\\xff"']
    assert len(raws[-1]) < 2000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[\n{"a": 1}\n]\n', "is one JSON document"),
        (b'{\n  "a": 1\n}\n', "is one JSON document"),
        ("{}\n".encode("utf-16"), "is UTF-16"),
        (gzip.compress(b'{"a": 1}\n' * 9999, mtime=0)[:-20], "ends in the middle of its gzip"),
        (gzip.compress(b"{}", mtime=0)[:10] + b"nonsense", "is a broken gzip"),
    ],
)
def test_a_file_that_is_no_ndjson_fails_with_the_remedy(tmp_path: Path, content: bytes, expected: str) -> None:
    with pytest.raises(InvalidInputError, match=expected):
        read(tmp_path / "f", content)


def test_a_missing_file_a_folder_and_a_forbidden_file_fail_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    cases = {tmp_path / "none": "does not exist", tmp_path: "is a folder", Path("x" * 300): "cannot be read"}
    for path, expected in cases.items():
        with pytest.raises(InvalidInputError, match=expected), open_records(path, None):
            pass
    (tmp_path / "f").write_text("{}")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InvalidInputError, match="cannot be read by this user"), open_records(tmp_path / "f", None):
        pass


def test_reading_goes_on_after_any_line(tmp_path: Path) -> None:
    text = '{"a": 1}\n\nbad\n{"b": 2}\n'
    whole = read(tmp_path / "f", text)
    assert [outcome.line for outcome in whole] == [1, 3, 4]
    for skip in range(5):
        assert read(tmp_path / "f", text, skip=skip) == [outcome for outcome in whole if outcome.line > skip]
