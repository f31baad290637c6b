"""The jars of the embedded Neo4j: which ones, and whether they are what the committed lock says."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from identity_graph.errors import RuntimeServerError

NEO4J_VERSION = "5.26.30"
COORDINATES = (
    f"org.neo4j:neo4j:{NEO4J_VERSION}+org.neo4j.app:neo4j-server:{NEO4J_VERSION}+org.neo4j.client:neo4j-browser:5.24.0"
)
LOCK_HEADER = (
    f"# The jars of Neo4j {NEO4J_VERSION} Community and its Browser: coordinate, size in bytes, SHA-256.",
    "# Written by: python -m identity_graph.runtime.relock",
)

_MARKER = "verified.json"


@dataclass(frozen=True, slots=True)
class LockedJar:
    """One line of the lock: ``coordinate`` is group:artifact:version, with :classifier where there is one."""

    coordinate: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The jar's name on disk, such as ``neo4j-kernel-5.26.30.jar``."""
        return "-".join(self.coordinate.split(":")[1:]) + ".jar"


@dataclass(frozen=True, slots=True)
class JarLock:
    """All jars of the lock, and a fingerprint that changes when any of them does."""

    jars: tuple[LockedJar, ...]
    fingerprint: str

    @property
    def size(self) -> int:
        """Bytes of all jars together."""
        return sum(jar.size for jar in self.jars)


def lock_path() -> Path:
    """Where the committed lock lies."""
    return Path(str(files("identity_graph.runtime"))) / "jars.lock"


def read_lock() -> JarLock:
    """Read the committed lock."""
    text = lock_path().read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    jars = tuple(LockedJar(coordinate, int(size), sha256) for coordinate, size, sha256 in lines)
    return JarLock(jars, hashlib.sha256(text.encode()).hexdigest())


def sha256_of(path: Path) -> str:
    """Hash a file; hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_intact(folder: Path, jar: LockedJar) -> bool:
    """Tell whether the jar lies in the folder, complete and unaltered."""
    path = folder / jar.file_name
    return path.is_file() and path.stat().st_size == jar.size and sha256_of(path) == jar.sha256


def is_marked_verified(folder: Path, lock: JarLock) -> bool:
    """Tell whether all jars were checked against this very lock and none was touched since; reads no jar."""
    try:
        marker = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return marker == _marker(folder, lock)


def mark_verified(folder: Path, lock: JarLock) -> None:
    """Note that all jars were checked, so that later starts need not read them again."""
    temporary = folder / f"{_MARKER}.part"
    temporary.write_text(json.dumps(_marker(folder, lock)), encoding="utf-8")
    temporary.replace(folder / _MARKER)


def class_path(folder: Path, lock: JarLock) -> list[Path]:
    """List the jars by file name; only what the lock names goes on the class path.

    In another order some jars are first met through the manifest of one before them, and the JVM then refuses its archive of
    classes.
    """
    return [folder / name for name in sorted(jar.file_name for jar in lock.jars)]


def altered_jars_error(jars: Iterable[LockedJar], folder: Path) -> RuntimeServerError:
    """Make the error for jars that, fetched afresh, still differ from the lock."""
    names = sorted(jar.file_name for jar in jars)
    shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return RuntimeServerError(
        f"{len(names)} jar(s) of Neo4j differ from the committed lock, though just fetched: {shown}. Nothing was started. "
        "Something between this machine and the Maven repository changes the files (a proxy, or a mirror named in jgo's "
        f"configuration): take it out, delete {folder} and try again, or use a Neo4j of your own by "
        "IDENTITY_GRAPH_NEO4J_URI.",
        jars=names,
        folder=str(folder),
    )


def _marker(folder: Path, lock: JarLock) -> dict[str, object]:
    stats = {jar.file_name: (folder / jar.file_name).stat() for jar in lock.jars if (folder / jar.file_name).is_file()}
    stamps = {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}
    return {"lock": lock.fingerprint, "jars": stamps}
