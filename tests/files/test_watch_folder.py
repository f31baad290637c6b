"""A watched folder by itself: when a file is complete, who takes it, and that no moment of a move loses it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity_graph.files import watch_folder
from identity_graph.files.watch_folder import DONE, FAILED, Waiting, WatchFolder


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class KilledError(Exception):
    """Ends a move where a kill would."""


def everything(_: str) -> bool:
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> WatchFolder:
    return WatchFolder(tmp_path, settle=2, clock=clock)


def names(files: list[Waiting]) -> list[str]:
    return [file.path.name for file in files]


def wait(folder: WatchFolder, clock: Clock) -> list[Waiting]:
    folder.look(everything)
    clock.now += 2
    return folder.look(everything)


def test_a_file_is_taken_once_nothing_changed_for_a_while(folder: WatchFolder, clock: Clock) -> None:
    path = folder.root / "a.csv"
    path.write_text("a")
    assert folder.look(everything) == []
    clock.now += 1.5
    path.write_text("ab")
    assert folder.look(everything) == []
    clock.now += 1.5
    assert folder.look(everything) == [], "it was written a moment ago"
    clock.now += 0.5
    assert names(folder.look(everything)) == ["a.csv"]
    os.utime(path, (1, 1))
    assert folder.look(everything) == [], "its time changed"


def test_a_file_that_was_renamed_into_its_place_settles_under_its_new_name(folder: WatchFolder, clock: Clock) -> None:
    for name in ("a.csv.part", "b.csv.filepart", ".c.csv", "~d.csv", "e.csv~"):
        (folder.root / name).write_text("x")
    (folder.root / "g").mkdir()
    assert names(wait(folder, clock)) == []
    (folder.root / "a.csv.part").rename(folder.root / "a.csv")
    assert names(folder.look(everything)) == []
    clock.now += 2
    assert names(folder.look(everything)) == ["a.csv"]


def test_another_file_in_the_place_of_one_settles_anew(folder: WatchFolder, clock: Clock) -> None:
    path, other = folder.root / "a.csv", folder.root / ".new"
    path.write_text("a")
    assert names(wait(folder, clock)) == ["a.csv"]
    other.write_text("b")
    status = path.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(path)
    assert folder.look(everything) == []


def test_the_oldest_file_comes_first(folder: WatchFolder, clock: Clock) -> None:
    for age, name in enumerate(["new.csv", "old.csv", "oldest.csv"]):
        (folder.root / name).write_text("x")
        os.utime(folder.root / name, (1000 - age, 1000 - age))
    assert names(wait(folder, clock)) == ["oldest.csv", "old.csv", "new.csv"]


def test_more_files_than_one_round_takes_wait_for_the_next(
    folder: WatchFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_folder, "_MOST_WAITING", 3)
    for number in range(5):
        (folder.root / f"{number}.csv").write_text("x")
        os.utime(folder.root / f"{number}.csv", (number, number))
    first = wait(folder, clock)
    for file in first:
        folder.finish(file, DONE, {})
    assert names(first) + names(wait(folder, clock)) == ["0.csv", "1.csv", "2.csv", "3.csv", "4.csv"]


def test_a_name_is_claimed_by_one_at_a_time(tmp_path: Path) -> None:
    one, other = (WatchFolder(tmp_path, settle=0) for _ in range(2))
    with one.claimed("a.csv", "source") as mine:
        with other.claimed("a.csv") as theirs:
            assert (mine, theirs) == (True, False)
        with other.claimed("b.csv", "source") as theirs:
            assert not theirs
        with other.claimed("b.csv") as theirs:
            assert theirs
    with other.claimed("a.csv", "source") as theirs:
        assert theirs


def test_every_pair_of_names_can_be_claimed_together(tmp_path: Path) -> None:
    folder = WatchFolder(tmp_path, settle=0)
    for number in range(300):
        with folder.claimed(f"{number}.csv", "source") as mine:
            assert mine


def test_a_file_that_is_done_is_moved_with_its_report_and_its_rejections(folder: WatchFolder, clock: Clock) -> None:
    for content in ("first", "second"):
        (folder.root / "a.csv.gz").write_text(content)
        [file] = wait(folder, clock)
        folder.rejects_path("a.csv.gz").write_text(f"rejected of {content}")
        folder.finish(file, DONE, {"records": len(content)})
    done = {path.name: path.read_text() for path in (folder.root / DONE).iterdir()}
    assert set(done) == {
        f"a{number}.csv.gz{ending}" for number in ("", "-2") for ending in ("", ".report.json", ".rejected.ndjson")
    }
    assert (done["a.csv.gz"], done["a-2.csv.gz"]) == ("first", "second")
    assert json.loads(done["a-2.csv.gz.report.json"]) == {"records": 6}
    assert done["a-2.csv.gz.rejected.ndjson"] == "rejected of second"


def test_a_very_long_name_is_moved_too(folder: WatchFolder, clock: Clock) -> None:
    name = "x" * 250 + ".csv"
    (folder.root / name).write_text("x")
    [file] = wait(folder, clock)
    assert folder.finish(file, FAILED, {"reason": "?"}) == folder.root / FAILED / name
    assert len(list((folder.root / FAILED).glob("*.report.json"))) == 1


def test_a_file_that_changed_is_not_moved(folder: WatchFolder, clock: Clock) -> None:
    path = folder.root / "a.csv"
    path.write_text("a")
    [file] = wait(folder, clock)
    path.write_text("ab")
    assert folder.finish(file, DONE, {}) is None
    assert path.read_text() == "ab"
    path.unlink()
    assert folder.finish(file, DONE, {}) is None


def test_another_file_that_takes_its_place_in_the_last_moment_is_put_back(
    folder: WatchFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.root / "a.csv"
    path.write_text("a")
    [file] = wait(folder, clock)
    real = watch_folder._write

    def write_and_replace(at: Path, content: dict[str, Any]) -> None:
        real(at, content)
        path.unlink()
        path.write_text("another")

    monkeypatch.setattr(watch_folder, "_write", write_and_replace)
    assert folder.finish(file, DONE, {}) is None
    assert path.read_text() == "another"
    assert list((folder.root / DONE).iterdir()) == []


def kill_at(patch: pytest.MonkeyPatch, owner: Any, name: str, number: int, *, after: bool) -> None:
    """End the process, as it were, at the n-th call of a function: before it does anything, or right after."""
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def killed(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != number:
            return real(*given, **named)
        if after:
            real(*given, **named)
        raise KilledError

    patch.setattr(owner, name, killed)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("owner", "name", "number"),
    [
        (watch_folder, "_write", 1),
        (Path, "rename", 1),
        (Path, "rename", 2),
        (watch_folder, "_write", 2),
        (Path, "unlink", 1),
    ],
)
def test_a_kill_at_any_moment_of_a_move_loses_nothing(
    folder: WatchFolder, clock: Clock, owner: Any, name: str, number: int, after: bool
) -> None:
    (folder.root / "a.csv").write_text("a")
    folder.rejects_path("a.csv").write_text("rejected")
    [file] = wait(folder, clock)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, owner, name, number, after=after)
        with pytest.raises(KilledError):
            folder.finish(file, DONE, {"records": 1})
    again = WatchFolder(folder.root, settle=2, clock=clock)
    assert list(again.recover()) in ([], ["a.csv"])
    for waiting in wait(again, clock):
        again.finish(waiting, DONE, {"records": 1})
    assert {path.name: path.read_text() for path in (folder.root / DONE).iterdir() if path.suffix != ".json"} == {
        "a.csv": "a",
        "a.csv.rejected.ndjson": "rejected",
    }
    assert json.loads((folder.root / DONE / "a.csv.report.json").read_text()) == {"records": 1}
    assert [path.name for path in (folder.root / ".watch").iterdir()] == ["locks"]
    assert [path.name for path in folder.root.iterdir() if path.is_file()] == []
