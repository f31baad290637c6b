"""Fetching the jars of the embedded Neo4j by jgo, each checked against the committed lock before it is used."""

import shutil
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime.disk import require_space
from identity_graph.runtime.jars import (
    NEO4J_VERSION,
    JarLock,
    LockedJar,
    altered_jars_error,
    class_path,
    is_intact,
    is_marked_verified,
    mark_verified,
    sha256_of,
)
from identity_graph.runtime.progress import Fetching, Progress
from identity_graph.runtime.turns import own_turn

if TYPE_CHECKING:
    from jgo.maven import MavenContext

_PARALLEL = 6
_ATTEMPTS = 3


class FetchJar(Protocol):
    """Brings one jar into a folder of its own and returns where it lies; ``received`` is told the bytes as they come."""

    def __call__(self, jar: LockedJar, staging: Path, received: "Received") -> Path:  # noqa: D102
        ...


class Received(Protocol):
    """Told the number of bytes that just came."""

    def __call__(self, size: int) -> None:  # noqa: D102
        ...


def ensure_jars(cache_dir: Path, lock: JarLock, progress: Progress, fetch_jar: FetchJar | None = None) -> list[Path]:
    """Return the class path of the server, fetching or mending what is missing or broken.

    Jars that are in place and were checked before are not read again. Raises RuntimeServerError when the network, the disk
    or the contents forbid it. Two processes that fetch at once take turns.
    """
    folder = cache_dir.expanduser() / f"neo4j-{NEO4J_VERSION}"
    if is_marked_verified(folder, lock):
        return class_path(folder, lock)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with own_turn(Path(f"{folder}.lock"), progress, "Another process is fetching Neo4j"):
            if not is_marked_verified(folder, lock):
                _fetch_missing(folder, lock, progress, fetch_jar or fetch_by_jgo)
                mark_verified(folder, lock)
    except OSError as error:
        raise RuntimeServerError(
            f"The jars of Neo4j cannot be stored in {folder}: {error.strerror or error}. They need "
            f"{lock.size / 1e6:.0f} MB there; make room, or set IDENTITY_GRAPH_CACHE_DIR to another folder. "
            "What was downloaded is kept.",
            folder=str(folder),
        ) from error
    return class_path(folder, lock)


def fetch_by_jgo(jar: LockedJar, staging: Path, received: Received) -> Path:
    """Fetch one jar from its Maven coordinate; no Java, no Maven and no look at other dependencies is needed."""
    group, artifact, version, *classifier = jar.coordinate.split(":")
    component = _maven_context(staging, received).project(group, artifact).at_version(version)
    return component.artifact(*classifier).resolve()


def _maven_context(staging: Path, received: Received) -> "MavenContext":
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def report(_name: str, _size: int) -> Generator["Received"]:
        yield received

    # Mirrors from the user's own jgo configuration come before the public repository.
    mirrors = GlobalSettings.load().repositories
    remote = mirrors | MavenContext(repo_cache=staging).remote_repos
    return MavenContext(PythonResolver(progress_callback=report), repo_cache=staging, remote_repos=remote, timeout=30)


def _fetch_missing(folder: Path, lock: JarLock, progress: Progress, fetch_jar: FetchJar) -> None:
    with ThreadPoolExecutor(_PARALLEL) as pool:
        intact = list(pool.map(partial(is_intact, folder), lock.jars))
    missing = [jar for jar, good in zip(lock.jars, intact, strict=True) if not good]
    require_space(folder, sum(jar.size for jar in missing), "the jars of Neo4j", "IDENTITY_GRAPH_CACHE_DIR")
    staging = folder / "part"
    meter = _Meter(lock, missing, progress)
    with ThreadPoolExecutor(_PARALLEL) as pool:
        results = [pool.submit(_fetch_checked, jar, folder, staging, meter, fetch_jar) for jar in missing]
        try:
            altered = [jar for jar, result in zip(missing, results, strict=True) if not result.result()]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    shutil.rmtree(staging, ignore_errors=True)
    if altered:
        raise altered_jars_error(altered, folder)


def _fetch_checked(jar: LockedJar, folder: Path, staging: Path, meter: "_Meter", fetch_jar: FetchJar) -> bool:
    """Fetch one jar and move it in place; False when what came is, again and again, not what the lock says."""
    for attempt in range(1, _ATTEMPTS + 1):
        own = staging / jar.file_name
        shutil.rmtree(own, ignore_errors=True)  # what a killed start left is half a file
        meter.set_received(jar, 0)
        try:
            path = fetch_jar(jar, own, partial(meter.add_received, jar))
        except (OSError, RuntimeError) as error:
            # The errors of the HTTP client are OSErrors without a number; those of this machine's disk have one.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if attempt == _ATTEMPTS:
                raise _unreachable_error(jar, error) from error
            time.sleep(attempt)
            continue
        if path.stat().st_size == jar.size and sha256_of(path) == jar.sha256:
            path.replace(folder / jar.file_name)
            meter.set_received(jar, jar.size)
            return True
    return False


def _unreachable_error(jar: LockedJar, error: Exception) -> RuntimeServerError:
    return RuntimeServerError(
        f"{jar.coordinate} cannot be fetched: {error} Check the network and the proxy (HTTPS_PROXY), or name a mirror in "
        "the section [repositories] of jgo's configuration, then try again: what was downloaded is kept. Or use "
        "your own Neo4j: set IDENTITY_GRAPH_NEO4J_URI.",
        coordinate=jar.coordinate,
    )


class _Meter:
    """Adds up what all threads received and tells it on, at most ten times a second."""

    def __init__(self, lock: JarLock, missing: list[LockedJar], progress: Progress) -> None:
        self._lock = Lock()
        self._progress = progress
        self._total = lock.size
        self._jars = len(lock.jars)
        self._received = dict.fromkeys(missing, 0)
        self._present = lock.size - sum(jar.size for jar in missing)
        self._told = 0.0

    def set_received(self, jar: LockedJar, size: int) -> None:
        with self._lock:
            self._received[jar] = size
            self._tell()

    def add_received(self, jar: LockedJar, size: int) -> None:
        with self._lock:
            self._received[jar] += size
            self._tell()

    def _tell(self) -> None:
        waiting = sum(received < jar.size for jar, received in self._received.items())
        now = time.monotonic()
        if waiting and now - self._told < 0.1:
            return
        self._told = now
        done = self._present + sum(self._received.values())
        self._progress(Fetching(self._jars - waiting, self._jars, min(done, self._total), self._total))
