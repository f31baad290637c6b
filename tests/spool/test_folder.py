from pathlib import Path

import pytest

from identity_graph.errors import SpoolUnusableError
from identity_graph.spool.folder import adopt_files, list_damaged, list_files, read_folder, renew, take_file
from tests.spool.test_file import AMPLE, entry, names


def test_each_process_has_a_file_of_its_own_and_takes_over_what_others_left(tmp_path: Path) -> None:
    first, second = take_file(tmp_path / "spool", AMPLE), take_file(tmp_path / "spool", AMPLE)
    assert [one.file.path.name for one in (first, second)] == ["1.db", "2.db"]
    first.file.write([entry("a")])
    second.file.write([entry("b")])
    assert not list(adopt_files(tmp_path / "spool", AMPLE)), "both are in use"
    second.release()
    (adopted,) = adopt_files(tmp_path / "spool", AMPLE, but=first.file.path)
    assert names(adopted.file) == ["b"]
    adopted.file.write([], gone=[1])
    adopted.release()
    assert not list(adopt_files(tmp_path / "spool", AMPLE, but=first.file.path)), "it is empty"
    assert list_files(tmp_path / "spool") == [first.file.path], "an empty file is deleted"
    first.release()
    again = take_file(tmp_path / "spool", AMPLE)
    assert names(again.file) == ["a"]
    again.release()


def test_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    held = take_file(tmp_path / "spool", AMPLE)
    held.file.write([entry("a")])
    assert all(path.stat().st_mode & 0o077 == 0 for path in [tmp_path / "spool", *(tmp_path / "spool").iterdir()])
    held.release()


def test_a_damaged_file_is_set_aside_and_what_can_be_read_of_it_goes_on(tmp_path: Path) -> None:
    held = take_file(tmp_path, AMPLE)
    held.file.write([entry(f"u-{number}", messages=5) for number in range(200)])
    path = held.file.path
    held.release()
    before = path.read_bytes()
    with path.open("r+b") as raw:
        raw.seek(len(before) // 2)
        raw.write(b"\xff" * 9_000)
    again = take_file(tmp_path, AMPLE)
    assert again.salvaged is not None
    assert 50 < again.salvaged < 200
    assert again.file.totals.entries == again.salvaged
    (damaged,) = list_damaged(tmp_path)
    assert again.damaged == damaged
    assert len(damaged.read_bytes()) == len(before), "nothing of it is deleted"
    assert read_folder(tmp_path).damaged == (damaged.name,)
    assert again.file.write([entry("new")])
    again.release()


def test_a_file_that_is_damaged_while_it_is_open_is_replaced(tmp_path: Path) -> None:
    held = take_file(tmp_path, AMPLE)
    held.file.write([entry("a"), entry("b")])
    renew(held, AMPLE)
    assert (held.salvaged, names(held.file)) == (2, ["a", "b"])
    assert len(list_damaged(tmp_path)) == 1
    held.release()


def test_what_waits_is_told_to_everybody(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "none") == (0, 0, None, 0, (), ())
    held, other = take_file(tmp_path, AMPLE), take_file(tmp_path, AMPLE)
    held.file.write([entry("a", at=7_000)])
    other.file.write([entry("b", messages=2, at=5_000)])
    told = read_folder(tmp_path)
    assert (told.messages, told.since, told.aside, told.unreadable) == (3, 5_000, 0, ())
    other.release()
    held.release()
    (tmp_path / "9.db").write_bytes(b"no spool" * 1000)
    assert read_folder(tmp_path).unreadable == ("9.db",)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolUnusableError, match="cannot be written"):
        take_file(tmp_path / "file" / "spool", AMPLE)


def test_a_file_of_a_newer_version_is_left_to_that_version(tmp_path: Path) -> None:
    held = take_file(tmp_path, AMPLE)
    held.file.write([entry("a")])
    held.file._database.execute("PRAGMA user_version = 2")
    held.release()
    other = take_file(tmp_path, AMPLE)
    assert other.file.path.name == "2.db"
    assert not list(adopt_files(tmp_path, AMPLE, but=other.file.path))
    assert read_folder(tmp_path).messages == 1, "it is told that it waits"
    other.release()
