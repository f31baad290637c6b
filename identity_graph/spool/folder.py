"""The folder of a spool: a file for each process that writes, locked as long as the process lives.

A process takes the first file that nobody holds. Files that nobody holds and that are not empty were left by a process that ended:
whoever drains adopts them. A damaged file is set aside under another name, and never deleted.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from identity_graph.errors import IdentityGraphError, SpoolUnusableError
from identity_graph.spool.file import DamagedFileError, FileTotals, NewerFileError, SpoolFile, read_totals, salvage
from identity_graph.spool.limits import SpoolLimits

_SUFFIX = ".db"
_DAMAGED = ".damaged-"
_MOST_FILES = 1000


class SpoolTotals(NamedTuple):
    """What waits in all files of a folder, and which files are damaged; ``since`` is when the oldest of it was received."""

    messages: int
    size: int
    since: int | None
    aside: int
    damaged: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(slots=True)
class HeldFile:
    """A file with the lock on it. ``salvaged`` tells how many entries of a damaged file are in it, None without damage."""

    file: SpoolFile
    lock: FileLock
    salvaged: int | None = None
    damaged: Path | None = None

    def remove(self) -> None:
        """Delete an empty file. The lock stays, so that nobody locks a file that is gone."""
        self.file.close()
        self.file.path.unlink(missing_ok=True)
        self.lock.release()

    def release(self) -> None:
        """Close the file and let others have it."""
        self.file.close()
        self.lock.release()


def spool_folder(data_dir: Path) -> Path:
    """Give the folder of the spool in a data folder."""
    return data_dir.expanduser().resolve() / "spool"


def take_file(folder: Path, limits: SpoolLimits) -> HeldFile:
    """Take the first file that nobody holds, for this process to write into; it is made where there is none.

    Raises:
        SpoolUnusableError: the folder or the file cannot be used.
    """
    try:
        for parent in reversed([folder, *folder.parents]):
            if not parent.is_dir():
                parent.mkdir(mode=0o700, exist_ok=True)
        for number in range(1, _MOST_FILES):
            with suppress(NewerFileError):  # that version will deliver it
                held = _take(folder / f"{number}{_SUFFIX}", limits)
                if held is not None:
                    return held
    except OSError as error:
        raise SpoolUnusableError(
            f"The spool cannot be written in {folder} ({error.strerror}): see whether the service may write there, or set "
            "IDENTITY_GRAPH_DATA_DIR to another folder."
        ) from error
    raise SpoolUnusableError(f"{_MOST_FILES} services use the spool in {folder}.")


def adopt_files(folder: Path, limits: SpoolLimits, *, but: Path | None = None) -> Iterator[HeldFile]:
    """Take every file that nobody holds, that can be used, and in which something waits; empty ones are deleted."""
    for path in list_files(folder):
        if path == but:
            continue
        with suppress(SpoolUnusableError):
            held = _take(path, limits)
            if held is None:
                continue
            if held.file.totals.entries:
                yield held
            elif held.file.totals.aside:
                held.release()
            else:
                held.remove()


def list_files(folder: Path) -> list[Path]:
    """List the files of a spool, in the order of their numbers."""
    return sorted((path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()), key=lambda path: int(path.stem))


def list_damaged(folder: Path) -> list[Path]:
    """List the files that were set aside."""
    return sorted(path for path in folder.glob(f"*{_DAMAGED}*") if not path.name.endswith(("-wal", "-shm")))


def read_folder(folder: Path) -> SpoolTotals:
    """Look what waits in a folder, whoever writes there."""
    totals: list[FileTotals] = []
    unreadable: list[str] = []
    for path in list_files(folder):
        try:
            totals.append(read_totals(path))
        except (DamagedFileError, IdentityGraphError):
            unreadable.append(path.name)
    since = [one.since for one in totals if one.since is not None]
    return SpoolTotals(
        sum(one.messages for one in totals),
        sum(one.size for one in totals),
        min(since, default=None),
        sum(one.aside for one in totals),
        tuple(path.name for path in list_damaged(folder)),
        tuple(unreadable),
    )


def renew(held: HeldFile, limits: SpoolLimits) -> None:
    """Set a damaged file aside and go on with a new one, which gets all entries that can still be read.

    Raises:
        SpoolUnusableError: the new file cannot be written. The damaged one is kept all the same.
    """
    held.file.close()
    path = held.file.path
    held.damaged = _set_aside(path)
    held.file = SpoolFile(path, limits)
    held.salvaged = _refill(held.file, held.damaged)


def _take(path: Path, limits: SpoolLimits) -> HeldFile | None:
    lock = FileLock(path.with_suffix(".lock"), mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    try:
        try:
            return HeldFile(SpoolFile(path, limits), lock)
        except DamagedFileError:
            damaged = _set_aside(path)
            file = SpoolFile(path, limits)
            return HeldFile(file, lock, _refill(file, damaged), damaged)
    except BaseException:
        lock.release()
        raise


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}{_DAMAGED}{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    # The log belongs to the file: without it the last entries are missing.
    for part in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
    return aside


def _refill(file: SpoolFile, damaged: Path) -> int:
    entries = salvage(damaged)
    return sum(isinstance(place, int) for place in file.write(entries)) if entries else 0
