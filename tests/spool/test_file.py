import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.collecting.received import Received
from identity_graph.domain.values.json_reader import read_json
from identity_graph.errors import SpoolFullError, SpoolUnusableError
from identity_graph.spool.entries import Entry, UnreadableEntryError, write_entry
from identity_graph.spool.file import DamagedFileError, SpoolFile, copy_file, read_totals
from identity_graph.spool.limits import SpoolLimits

AMPLE = SpoolLimits(most_bytes=1_000_000_000, disk_share=1.0)


def entry(name: str, *, messages: int = 1, source: str = "web", at: int = 1_000) -> Entry:
    said = [{"type": "track", "userId": name, "messageId": f"{name}-{number}"} for number in range(messages)]
    return write_entry(Received(messages=said, source=source, received_at=at))


def names(file: SpoolFile, **bounds: int) -> list[str]:
    found = file.read(most=bounds.pop("most", 1000), **bounds)
    return [one.read().messages[0]["userId"] for one in found]  # type: ignore[index]


def test_what_is_written_is_read_in_its_order_and_again_after_a_restart(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    assert file.write([entry("a"), entry("b", messages=3)]) == [1, 2]
    assert file.write([entry("c", source="app", at=2_000)]) == [3]
    assert names(file) == ["a", "b", "c"]
    assert dict(file.sources) == {"web": 2, "app": 1}
    before = file.totals
    assert before[:2] == (3, 5)
    assert before.since == 1_000
    file.close()
    again = SpoolFile(tmp_path / "1.db", AMPLE)
    assert names(again) == ["a", "b", "c"]
    assert (again.totals, dict(again.sources)) == (before, {"web": 2, "app": 1})
    again.close()


def test_what_is_dropped_is_gone_and_its_place_is_never_given_again(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("a"), entry("b", at=2_000)])
    assert file.write([entry("c", at=3_000)], gone=[1]) == [3]
    assert names(file) == ["b", "c"]
    assert file.totals.since == 2_000
    file.write([], gone=[2, 3])
    assert (file.totals.entries, file.totals.size, file.totals.since, dict(file.sources)) == (0, 0, None, {})
    assert file.write([entry("d")]) == [4]
    file.close()


def test_a_page_holds_so_many_messages_and_one_entry_at_least(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("a", messages=5), entry("b", messages=2), entry("c", messages=2), entry("d")])
    assert names(file, most=4) == ["a"]
    assert names(file, most=4, after=1) == ["b", "c"]
    file.close()


def test_with_no_room_an_entry_is_refused_and_a_smaller_one_is_taken(tmp_path: Path) -> None:
    small, large = entry("a"), entry("b", messages=100)
    file = SpoolFile(tmp_path / "1.db", SpoolLimits(most_bytes=small.size * 3, disk_share=1.0))
    first, second, third = file.write([small, large, small])
    assert isinstance(second, SpoolFullError)
    assert (first, third) == (1, 2)
    assert names(file) == ["a", "a"]
    file.write([], gone=[1])
    assert file.write([small]) == [3], "there is room again"
    file.close()


def test_a_share_of_the_free_disk_bounds_it(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", replace(AMPLE, disk_share=0.0))
    assert isinstance(file.write([entry("a")])[0], SpoolFullError)
    file.close()


def test_a_full_disk_refuses_all_of_a_transaction_and_harms_nothing(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("a")])
    pages = file._database.execute("PRAGMA page_count").fetchone()[0]
    file._database.execute(f"PRAGMA max_page_count = {pages}")  # to SQLite that is a full disk
    refused = file.write([entry("b"), entry("c", messages=2_000)], gone=[1])
    assert [type(one) for one in refused] == [SpoolFullError, SpoolFullError]
    assert names(file) == [], "what is delivered is not delivered again, though it could not be dropped"
    file._database.execute("PRAGMA max_page_count = 100000")
    file.write([entry("d")])
    assert names(file) == ["d"]
    assert file.totals.entries == 1
    file.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpoolUnusableError, match="cannot be used"):
        SpoolFile(tmp_path / "missing" / "1.db", AMPLE)


def test_an_entry_that_the_disk_changed_is_set_aside_and_the_others_are_read(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("a"), entry("b"), entry("c")])
    file._database.execute("UPDATE entry SET body = CAST(replace(body, 'b', 'x') AS BLOB) WHERE sequence = 2")
    assert names(file) == ["a", "c"]
    assert (file.totals.entries, file.totals.aside) == (2, 1)
    file.write([], gone=[1, 3])
    file.close()
    assert read_totals(tmp_path / "1.db").aside == 1, "it is never deleted"


@pytest.mark.parametrize("where", [0, 4_096, 40_960])
def test_a_damaged_file_is_noticed_when_it_is_opened(tmp_path: Path, where: int) -> None:
    path = tmp_path / "1.db"
    file = SpoolFile(path, AMPLE)
    file.write([entry(f"u-{number}", messages=5) for number in range(200)])
    file.close()
    with path.open("r+b") as raw:
        raw.seek(where)
        raw.write(b"\xff" * 2_000)
    with pytest.raises(DamagedFileError):
        SpoolFile(path, AMPLE)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "1.db"
    SpoolFile(path, AMPLE).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(SpoolUnusableError, match="newer version"):
        SpoolFile(path, AMPLE)


def test_rewriting_leaves_nothing_of_what_was_there(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("ann-secret"), entry("bob"), entry("cleo-secret", messages=3)])
    file.write([], gone=[])

    def change(one: Entry) -> Entry | None:
        if b"ann" in one.body:
            return None
        return one.without([0, 2]) if b"cleo" in one.body else one

    assert file.rewrite(change) == 2
    assert names(file) == ["bob", "cleo-secret"]
    assert (file.totals.entries, file.totals.messages) == (2, 2)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ann-secret" not in held
    assert b"cleo-secret-0" not in held
    assert b"cleo-secret-1" in held
    file.close()


def test_others_may_look_and_copy_while_it_is_written(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.db", AMPLE)
    file.write([entry("a"), entry("b")])
    assert read_totals(tmp_path / "1.db") == file.totals
    copy_file(tmp_path / "1.db", tmp_path / "2.db")
    file.write([entry("c")])
    copied = SpoolFile(tmp_path / "2.db", AMPLE)
    assert names(copied) == ["a", "b"]
    for one in (file, copied):
        one.close()
    assert (tmp_path / "2.db").stat().st_mode & 0o077 == 0


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=4), st.none() | st.text(), st.sampled_from(Protocol))
def test_a_request_is_read_as_it_was_written(messages: list[object], sent_at: str | None, protocol: Protocol) -> None:
    received = Received(messages=messages, source="shop", received_at=5, sent_at=sent_at, protocol=protocol)
    assert write_entry(received).read() == received


def test_what_json_cannot_hold_is_read_as_the_collector_read_it() -> None:
    odd = read_json(b'[{"a": NaN, "b": "\\ud800", "c": 123456789012345678901234567890, "d": "\xff"}]')
    again = write_entry(Received(messages=odd, source="shop", received_at=5)).read().messages
    assert repr(again) == repr(odd)


def test_what_is_no_entry_is_told() -> None:
    with pytest.raises(UnreadableEntryError):
        replace(entry("a"), body=b"{").read()
    with pytest.raises(UnreadableEntryError):
        replace(entry("a"), protocol="pigeon").read()


_WRITER = """
import sys
from pathlib import Path
from tests.spool.test_file import AMPLE, entry
from identity_graph.spool.file import SpoolFile
file = SpoolFile(Path(sys.argv[1]), AMPLE)
number = 0
while True:
    names = [f"{sys.argv[2]}-{n}" for n in range(number, number + 1 + number % 7)]
    places = file.write([entry(name, messages=1 + len(names)) for name in names])
    print(*names, flush=True)
    number += len(names)
"""


def test_a_kill_at_any_instant_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for turn in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path / "1.db"), f"t{turn}"], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        acknowledged += writer.stdout.readline().split()
        time.sleep(random.uniform(0, 0.3))
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
        file = SpoolFile(tmp_path / "1.db", AMPLE)
        stored = names(file, most=10**9)
        file.close()
        assert stored[: len(acknowledged)] == acknowledged or set(acknowledged) <= set(stored)
        assert len(stored) == len(set(stored))
    assert len(acknowledged) > 5
