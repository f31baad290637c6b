"""One file of a spool: SQLite, written ahead (WAL) and synced before a transaction counts as done.

A transaction that was cut off by a kill or a power cut is not there afterwards, and nobody was told that it was. What is deleted is
overwritten. All functions block; one thread at a time calls them.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from identity_graph.errors import SpoolFullError, SpoolUnusableError
from identity_graph.spool.entries import OVERHEAD, Entry
from identity_graph.spool.limits import SpoolLimits

FORMAT = 1
_TABLE = (
    "CREATE TABLE entry (sequence INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, protocol TEXT NOT NULL, "
    "received_at INTEGER NOT NULL, default_type TEXT, sent_at TEXT, count INTEGER NOT NULL, body BLOB NOT NULL, "
    "digest BLOB NOT NULL, aside TEXT) STRICT"
)
_COLUMNS = "sequence, source, protocol, received_at, default_type, sent_at, count, body, digest"
_SIZE = f"length(body) + coalesce(length(sent_at), 0) + {OVERHEAD}"
_TOTALS = (
    "count(*) FILTER (WHERE aside IS NULL), coalesce(sum(count) FILTER (WHERE aside IS NULL), 0), "
    f"coalesce(sum({_SIZE}), 0), min(received_at) FILTER (WHERE aside IS NULL), count(aside)"
)
_INSERT = (
    "INSERT INTO entry (source, protocol, received_at, default_type, sent_at, count, body, digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING sequence"
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY_SECONDS = 5.0
_KEPT_BYTES = 4_000_000
"""A file that is empty and larger gives the disk back what it has."""

_MOST_READ_BYTES = 4_000_000
_WRONG_DIGEST = "it is not what was written"


class DamagedFileError(Exception):
    """The file is no spool any more: its disk, or somebody, has changed it."""


class NewerFileError(SpoolUnusableError):
    """The file was written by a newer version."""


class FileTotals(NamedTuple):
    """What waits in a file; ``since`` is when the oldest of it was received, None when nothing waits."""

    entries: int = 0
    messages: int = 0
    size: int = 0
    since: int | None = None
    aside: int = 0


class SpoolFile:
    """Entries in the order in which they came.

    ``totals`` and ``sources`` (entries by source) tell what waits, without a look at the disk.

    Raises:
        DamagedFileError: the file is no spool.
        SpoolUnusableError: it cannot be opened.
    """

    def __init__(self, path: Path, limits: SpoolLimits) -> None:
        self.path = path
        self._limits = limits
        self._gone = set[int]()
        self.sources: Counter[str] = Counter()
        self.totals = FileTotals()
        is_new = not path.exists()
        with _told(path):
            path.touch(mode=0o600)
            self._database = _open(path)
            try:
                self._prepare()
                self._count()
            except BaseException:
                self._database.close()
                raise
            if is_new:
                _sync_folder(path.parent)

    def write(self, new: Sequence[Entry], gone: Iterable[int] = ()) -> list[int | SpoolFullError]:
        """Add entries and drop others, all in one synced transaction; return the place of each new one, or why it has none.

        Entries that could not be dropped are not read again, and are dropped with the next transaction.

        Raises:
            DamagedFileError: the file is no spool any more; nothing was written.
            SpoolUnusableError: the disk does not let us; nothing was written.
        """
        self._gone.update(gone)
        going = tuple(self._gone)
        fitting = self._fit(new)
        try:
            with _told(self.path), self._transaction():
                dropped = [row for number in going for row in self._drop(number)]
                places = [self._insert(entry) if fits else _full() for entry, fits in zip(new, fitting, strict=True)]
        except SpoolFullError as full:
            return [SpoolFullError(full.message) for _ in new]
        self._gone.difference_update(going)
        self._note(dropped, -1)
        self._note([(one.source, one.count, one.size) for one, fits in zip(new, fitting, strict=True) if fits], +1)
        with _told(self.path):
            self.totals = self.totals._replace(since=self._find_oldest())
            if not self.totals.entries:
                self._shrink()
        return places

    @property
    def is_behind(self) -> bool:
        """Tell whether entries are still to be dropped."""
        return bool(self._gone)

    def forget(self, sequence: int) -> None:
        """Read an entry no more; the next transaction drops it."""
        self._gone.add(sequence)

    def read(self, *, most: int, after: int = 0) -> list[Entry]:
        """Read the next entries, until they hold ``most`` messages. What is damaged is set aside and passed over.

        Raises:
            DamagedFileError, SpoolUnusableError: as for ``write``.
        """
        found: list[Entry] = []
        damaged: list[int] = []
        messages = size = 0
        query = f"SELECT {_COLUMNS} FROM entry WHERE sequence > ? AND aside IS NULL ORDER BY sequence"  # noqa: S608
        with _told(self.path), closing(self._database.execute(query, (after,))) as rows:
            for row in rows:
                entry, digest = _entry(row)
                if entry.sequence in self._gone:
                    continue
                if entry.digest() != digest:
                    damaged.append(entry.sequence)
                    continue
                if found and (messages + entry.count > most or size + entry.size > _MOST_READ_BYTES):
                    break
                found.append(entry)
                messages += entry.count
                size += entry.size
        for number in damaged:
            self.set_aside(number, _WRONG_DIGEST)
        return found

    def set_aside(self, sequence: int, why: str) -> None:
        """Keep an entry, and read it no more: it cannot be delivered, for a reason that holds no personal data."""
        with _told(self.path), self._transaction():
            self._database.execute("UPDATE entry SET aside = ? WHERE sequence = ?", (why, sequence))
        with _told(self.path):
            self._count()

    def rewrite(self, change: Callable[[Entry], Entry | None]) -> int:
        """Replace each entry, also those set aside, by what ``change`` makes of it, None to drop it; return how many changed.

        Nothing of what was there before is left in the file.
        """
        changed = 0
        with _told(self.path), self._transaction():
            numbers = [row[0] for row in self._database.execute("SELECT sequence FROM entry ORDER BY sequence")]
            for number in numbers:
                query = f"SELECT {_COLUMNS} FROM entry WHERE sequence = ?"  # noqa: S608
                entry, _ = _entry(self._database.execute(query, (number,)).fetchone())
                after = change(entry)
                if after is entry:
                    continue
                changed += 1
                if after is None:
                    self._database.execute("DELETE FROM entry WHERE sequence = ?", (number,))
                else:
                    self._database.execute(
                        "UPDATE entry SET count = ?, body = ?, digest = ? WHERE sequence = ?",
                        (after.count, after.body, after.digest(), number),
                    )
        with _told(self.path):
            self._count()
            self._shrink()
        return changed

    def close(self) -> None:
        """Close it; what was written stays."""
        with suppress(sqlite3.Error, DamagedFileError, SpoolUnusableError):
            if self._gone:
                self.write([])
            self._shrink()
            self._database.close()

    def _prepare(self) -> None:
        version = int(self._database.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT:
            raise NewerFileError(
                f"The spool {self.path} was written by a newer version of Identity Graph. Start that version to drain it."
            )
        if version == 0:
            with self._transaction():
                self._database.execute(_TABLE)
                self._database.execute(f"PRAGMA user_version = {FORMAT}")
        elif self._database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise DamagedFileError(str(self.path))

    def _count(self) -> None:
        waits = "aside IS NULL"
        rows = self._database.execute(f"SELECT source, count(*) FROM entry WHERE {waits} GROUP BY source")  # noqa: S608
        self.sources = Counter(dict(rows.fetchall()))
        row = self._database.execute(f"SELECT {_TOTALS} FROM entry").fetchone()  # noqa: S608
        self.totals = FileTotals(*row)._replace(since=self._find_oldest())

    def _note(self, rows: Iterable[tuple[str, int, int]], sign: int) -> None:
        """Add entries (source, messages, bytes) to what is known to wait, or take them away."""
        entries, messages, size, *_ = self.totals
        for source, count, bytes_ in rows:
            self.sources[source] += sign
            if not self.sources[source]:
                del self.sources[source]
            entries, messages, size = entries + sign, messages + sign * count, size + sign * bytes_
        self.totals = self.totals._replace(entries=entries, messages=messages, size=size)

    def _find_oldest(self) -> int | None:
        row = self._database.execute(
            "SELECT received_at FROM entry WHERE aside IS NULL ORDER BY sequence LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def _drop(self, sequence: int) -> list[tuple[str, int, int]]:
        return self._database.execute(
            f"DELETE FROM entry WHERE sequence = ? RETURNING source, count, {_SIZE}",  # noqa: S608
            (sequence,),
        ).fetchall()

    def _fit(self, new: Sequence[Entry]) -> list[bool]:
        if not new:
            return []
        taken = self.totals.size
        allowed = self._limits.allowed(self.path.parent, taken)
        fitting: list[bool] = []
        for entry in new:
            fits = taken + entry.size <= allowed
            taken += entry.size if fits else 0
            fitting.append(fits)
        return fitting

    def _insert(self, entry: Entry) -> int:
        row = self._database.execute(
            _INSERT,
            (
                entry.source,
                entry.protocol,
                entry.received_at,
                entry.default_type,
                entry.sent_at,
                entry.count,
                entry.body,
                entry.digest(),
            ),
        ).fetchone()
        return int(row[0])

    def _shrink(self) -> None:
        """Give the disk back what is empty, and leave nothing of it in the log. While somebody reads, the next time will do."""
        is_empty = not self.totals.entries and not self.totals.aside
        self._database.execute("PRAGMA busy_timeout = 0")
        with suppress(sqlite3.OperationalError):
            if is_empty and self.path.stat().st_size > _KEPT_BYTES:
                self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise


def read_totals(path: Path) -> FileTotals:
    """Look what waits in a file that somebody else may be writing.

    Raises:
        DamagedFileError, SpoolUnusableError: it cannot be read.
    """
    with _told(path), closing(_connect(f"{path.as_uri()}?mode=ro")) as database:
        row = database.execute(f"SELECT {_TOTALS} FROM entry").fetchone()  # noqa: S608
    return FileTotals(*row)


def copy_file(path: Path, target: Path) -> None:
    """Copy a file that somebody else may be writing, as of one moment.

    Raises:
        DamagedFileError, SpoolUnusableError: it cannot be read.
    """
    with _told(path), closing(_connect(f"{path.as_uri()}?mode=ro")) as database:
        target.touch(mode=0o600)
        with closing(sqlite3.connect(target)) as copied:
            database.backup(copied)


def salvage(path: Path) -> list[Entry]:
    """Read all entries of a damaged file that are still what was written, in their order."""
    found: dict[int, Entry] = {}
    with suppress(sqlite3.Error), closing(_connect(f"{path.as_uri()}?mode=ro")) as database:
        for direction in ("ASC", "DESC"):
            with suppress(sqlite3.Error):
                for row in database.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY sequence {direction}"):  # noqa: S608
                    with suppress(TypeError, ValueError):
                        entry, digest = _entry(row)
                        if entry.digest() == digest:
                            found[entry.sequence] = entry
    return [found[number] for number in sorted(found)]


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _open(path: Path) -> sqlite3.Connection:
    database = _connect(path.as_uri())
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {pragma}")
    except BaseException:
        database.close()
        raise
    return database


def _entry(row: Sequence[Any]) -> tuple[Entry, bytes]:
    sequence, source, protocol, received_at, default_type, sent_at, count, body, digest = row
    return Entry(source, protocol, received_at, default_type, sent_at, count, body, sequence), digest


def _full() -> SpoolFullError:
    return SpoolFullError(
        "Neo4j takes no events for now, and the spool has no room for more: send them again in a moment."
    )


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Say what errors of SQLite mean."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise _full() from error
        if code in _DAMAGE:
            raise DamagedFileError(str(path)) from error
        raise _unusable(path, getattr(error, "sqlite_errorname", type(error).__name__)) from error
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from error


def _unusable(path: Path, why: str) -> SpoolUnusableError:
    return SpoolUnusableError(
        f"Neo4j takes no events for now, and the spool {path} cannot be used ({why}): see whether its disk works and lets the "
        "service write."
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
