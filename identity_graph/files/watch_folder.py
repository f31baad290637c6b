"""A watched folder: which files are complete, who works on which, and where they go when they are done.

Files stay where they are until they are done, so that a kill loses nothing. A file that is moved is first noted in
``.watch``; the note says where it went, so that a move that was cut off is completed or undone.
"""

import heapq
import json
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from identity_graph.files.private import open_private

DONE = "done"
FAILED = "failed"
PRIVATE = ".watch"
REPORT = ".report.json"
REJECTED = ".rejected.ndjson"

_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~")
"""What the names of files end with that somebody is still writing."""

_NOTE = ".moving.json"
_LONGEST_NAME = 255
"""Bytes that the name of a file may have."""

_SLOTS = 256
"""Lock files: names share them, so that they do not grow in number. Whoever finds one taken comes again later."""

_MOST_WAITING = 10_000
"""Files that are looked at in one round, the oldest first; the others get their turn when these are gone."""


class Fingerprint(NamedTuple):
    """What changes when a file is written, or another takes its place."""

    size: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that has been complete for a while."""

    path: Path
    fingerprint: Fingerprint


class WatchFolder:
    """Finds the files of a folder that are complete, and moves them when they are done."""

    def __init__(self, root: Path, *, settle: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Make the folders ``done``, ``failed`` and ``.watch`` in it; ``settle``: seconds in which nothing may change.

        Raises:
            OSError: they cannot be made.
        """
        self.root = root
        self._settle = settle
        self._clock = clock
        self._seen: dict[str, tuple[Fingerprint, float]] = {}
        for name in (DONE, FAILED, PRIVATE):
            (root / name).mkdir(mode=0o700, exist_ok=True)
        (self._private / "locks").mkdir(mode=0o700, exist_ok=True)

    @property
    def _private(self) -> Path:
        return self.root / PRIVATE

    @property
    def has_unsettled(self) -> bool:
        """Whether the last look found files."""
        return bool(self._seen)

    def look(self, is_wanted: Callable[[str], bool]) -> list[Waiting]:
        """List the wanted files that did not change for a while, the oldest first."""
        now = self._clock()
        found = heapq.nsmallest(_MOST_WAITING, self._files(is_wanted), key=lambda it: (it[1].modified_ns, it[0]))
        seen: dict[str, tuple[Fingerprint, float]] = {}
        settled: list[Waiting] = []
        for name, fingerprint in found:
            known = self._seen.get(name)
            since = known[1] if known is not None and known[0] == fingerprint else now
            seen[name] = (fingerprint, since)
            if now - since >= self._settle:
                settled.append(Waiting(self.root / name, fingerprint))
        self._seen = seen
        return settled

    def forget(self, name: str) -> None:
        """Let a file settle anew."""
        self._seen.pop(name, None)

    @contextmanager
    def claimed(self, *names: str) -> Generator[bool]:
        """Keep other watchers from names while the block runs; False where another has one. It ends with the process."""
        with ExitStack() as stack:
            try:
                for slot in sorted({int(_hash(name), 16) % _SLOTS for name in names}):
                    lock = FileLock(self._private / "locks" / f"{slot}.lock", mode=0o600)
                    stack.enter_context(lock.acquire(timeout=0))
            except Timeout:
                is_ours = False
            else:
                is_ours = True
            yield is_ours

    def rejects_path(self, name: str) -> Path:
        """Where the rejected records of a file are written while it is imported."""
        return self._private / f"{_hash(name)}{REJECTED}"

    def finish(self, file: Waiting, folder: str, report: dict[str, Any]) -> Path | None:
        """Move a file into ``done`` or ``failed`` with a report beside it; None where it was changed in the meantime.

        Raises:
            OSError: it cannot be moved.
        """
        name = file.path.name
        if find_fingerprint(file.path) != file.fingerprint:
            return None
        target = self._free_name(self.root / folder / name)
        note = self._private / f"{_hash(name)}{_NOTE}"
        content = {
            "name": name,
            "target": f"{folder}/{target.name}",
            "fingerprint": list(file.fingerprint),
            "report": report,
        }
        _write(note, content)
        with suppress(FileNotFoundError):
            file.path.rename(target)
        return self._complete(note, content)

    def recover(self) -> Iterator[str]:
        """Complete or undo the moves that a kill cut off; give the names of the files."""
        for note in sorted(self._private.glob(f"*{_NOTE}")):
            with suppress(FileNotFoundError):  # another watcher is quicker
                name = json.loads(note.read_text("utf-8"))["name"]
                with self.claimed(name) as is_ours:
                    if is_ours:
                        self._complete(note, json.loads(note.read_text("utf-8")))
                        yield name

    def _complete(self, note: Path, content: dict[str, Any]) -> Path | None:
        """Write the report of a file that was moved; put another file back that took its place just before."""
        target = self.root / content["target"]
        found = find_fingerprint(target)
        is_moved = found == Fingerprint(*content["fingerprint"])
        if found is not None and is_moved:
            rejects = self.rejects_path(content["name"])
            if rejects.exists():
                rejects.rename(_beside(target, REJECTED))
            _write(_beside(target, REPORT), content["report"])
        elif found is not None:
            target.rename(self._free_name(self.root / content["name"]))
        note.unlink(missing_ok=True)
        return target if is_moved else None

    def _files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, Fingerprint]]:
        with os.scandir(self.root) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED):
                    continue
                with suppress(OSError):
                    if entry.is_file() and is_wanted(name):
                        yield name, _fingerprint(entry.stat())

    def _free_name(self, path: Path) -> Path:
        """Give a name that no file has: that of ``path``, or with a number before its endings."""
        if not path.exists():
            return path
        stem, dot, endings = path.name.partition(".")
        number = 2
        while (found := path.with_name(f"{stem}-{number}{dot}{endings}")).exists():
            number += 1
        return found


def _beside(path: Path, ending: str) -> Path:
    """Name a file beside another; of a name that is too long already a hash."""
    name = f"{path.name}{ending}"
    return path.with_name(name if len(os.fsencode(name)) <= _LONGEST_NAME else f"{_hash(path.name)}{ending}")


def _hash(name: str) -> str:
    return blake2b(os.fsencode(name), digest_size=16).hexdigest()


def find_fingerprint(path: Path) -> Fingerprint | None:
    """Read the fingerprint of a file; None where there is none."""
    try:
        return _fingerprint(path.stat())
    except FileNotFoundError:
        return None


def _fingerprint(status: os.stat_result) -> Fingerprint:
    return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino)


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file for its owner only, whole or not at all."""
    temporary = path.with_name(f".{_hash(path.name)}.part")
    with open_private(temporary) as file:
        file.write(json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
