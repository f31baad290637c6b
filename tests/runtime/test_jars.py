"""The committed lock of the jars, and fetching by it from a repository that runs beside the tests."""

import errno
import hashlib
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime.fetch import Received, ensure_jars
from identity_graph.runtime.jars import NEO4J_VERSION, JarLock, LockedJar, read_lock
from identity_graph.runtime.progress import Fetching, Waiting, silent


class Repository(NamedTuple):
    """A Maven repository on this machine and the paths that were asked of it."""

    root: Path
    asked: list[str]

    def publish(self, jar: LockedJar, content: bytes) -> None:
        group, artifact, version = jar.coordinate.split(":")
        folder = self.root.joinpath(*group.split("."), artifact, version)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / jar.file_name).write_bytes(content)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Repository]:
    """Serve a repository that jgo's own configuration names as a mirror."""
    repository = Repository(tmp_path / "repository", [])
    repository.root.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.asked.append(self.path.rsplit("/", 1)[-1])
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(repository.root))) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        configuration = tmp_path / "jgo.conf"
        configuration.write_text(f"[repositories]\nmirror = http://127.0.0.1:{server.server_address[1]}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
        yield repository
        server.shutdown()


@pytest.fixture
def lock(repository: Repository) -> JarLock:
    """Publish three jars and lock them."""
    return lock_of(
        {"test.example:one:1.0": b"1" * 500_000, "test.example:two:2.0": b"22", "test.other:three:3": b"3"}, repository
    )


def lock_of(contents: dict[str, bytes], repository: Repository | None = None) -> JarLock:
    jars: list[LockedJar] = []
    for coordinate, content in contents.items():
        jars.append(LockedJar(coordinate, len(content), hashlib.sha256(content).hexdigest()))
        if repository is not None:
            repository.publish(jars[-1], content)
    return JarLock(tuple(jars), hashlib.sha256(repr(jars).encode()).hexdigest())


def jars_asked(repository: Repository) -> set[str]:
    return {name for name in repository.asked if name.endswith(".jar")}


def test_the_lock_names_every_jar_of_this_version_once_and_no_address() -> None:
    lock = read_lock()
    names = [jar.file_name for jar in lock.jars]
    assert len(names) == len(set(names)) == 217
    assert {f"neo4j-kernel-{NEO4J_VERSION}.jar", f"neo4j-server-{NEO4J_VERSION}.jar"} <= set(names)
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in lock.jars)
    assert not any("/" in jar.coordinate for jar in lock.jars)


def test_jars_are_fetched_once_and_checked(tmp_path: Path, repository: Repository, lock: JarLock) -> None:
    steps: list[Fetching | Waiting] = []
    jars = ensure_jars(tmp_path / "cache", lock, steps.append)
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}
    assert found == {jar.file_name: jar.sha256 for jar in lock.jars}
    assert jars_asked(repository) == {"one-1.0.jar", "two-2.0.jar", "three-3.jar"}
    assert steps[-1] == Fetching(3, 3, lock.size, lock.size)
    repository.asked.clear()
    assert ensure_jars(tmp_path / "cache", lock, silent) == jars
    assert repository.asked == []


def test_an_altered_jar_is_noticed_and_only_it_is_fetched_again(
    tmp_path: Path, repository: Repository, lock: JarLock
) -> None:
    one, _three, two = ensure_jars(tmp_path, lock, silent)
    one.write_bytes(b"x" * one.stat().st_size)
    repository.asked.clear()
    ensure_jars(tmp_path, lock, silent)
    assert jars_asked(repository) == {"one-1.0.jar"}
    assert one.read_bytes()[:1] == b"1"
    assert two.read_bytes() == b"22"


def test_half_a_download_is_completed(tmp_path: Path, repository: Repository, lock: JarLock) -> None:
    folder = tmp_path / f"neo4j-{NEO4J_VERSION}"
    half_staged = folder / "part" / "one-1.0.jar" / "test" / "example" / "one" / "1.0" / "one-1.0.jar"
    half_staged.parent.mkdir(parents=True)
    half_staged.write_bytes(b"1" * 1000)
    (folder / "two-2.0.jar").write_bytes(b"2")
    one, three, two = ensure_jars(tmp_path, lock, silent)
    assert (one.stat().st_size, two.read_bytes(), three.read_bytes()) == (500_000, b"22", b"3")


def test_a_new_lock_checks_all_jars_anew(tmp_path: Path, repository: Repository, lock: JarLock) -> None:
    ensure_jars(tmp_path, lock, silent)
    repository.asked.clear()
    newer = lock_of({"test.example:one:1.0": b"1" * 500_000, "test.example:two:2.0": b"2+"}, repository)
    _one, two = ensure_jars(tmp_path, newer, silent)
    assert two.read_bytes() == b"2+"
    assert jars_asked(repository) == {"two-2.0.jar"}


def test_a_jar_that_the_repository_altered_is_never_used(tmp_path: Path, repository: Repository, lock: JarLock) -> None:
    repository.publish(lock.jars[1], b"2!")
    with pytest.raises(RuntimeServerError, match=r"1 jar\(s\) of Neo4j differ from the committed lock.*two-2\.0\.jar"):
        ensure_jars(tmp_path, lock, silent)
    assert not (tmp_path / f"neo4j-{NEO4J_VERSION}" / "two-2.0.jar").exists()
    repository.publish(lock.jars[1], b"22")
    repository.asked.clear()
    ensure_jars(tmp_path, lock, silent)
    assert jars_asked(repository) == {"two-2.0.jar"}


def test_a_disk_without_room_is_told_before_anything_is_fetched(tmp_path: Path, repository: Repository) -> None:
    petabyte = LockedJar("test.example:huge:1.0", 10**15, "0" * 64)
    with pytest.raises(RuntimeServerError, match=r"1000000067 MB are needed in .*free.*IDENTITY_GRAPH_CACHE_DIR"):
        ensure_jars(tmp_path, JarLock((petabyte,), "1"), silent)
    assert repository.asked == []


def test_a_disk_that_fills_up_says_what_is_needed_and_keeps_what_came(tmp_path: Path, lock: JarLock) -> None:
    def fetch_until_full(jar: LockedJar, staging: Path, received: Received) -> Path:
        if jar.size > 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        staging.mkdir(parents=True)
        path = staging / jar.file_name
        path.write_bytes(b"22" if jar.size == 2 else b"3")
        received(jar.size)
        return path

    with pytest.raises(RuntimeServerError, match=r"No space left on device.*make room"):
        ensure_jars(tmp_path, lock, silent, fetch_until_full)


def test_a_repository_that_does_not_answer_names_the_jar_and_the_remedies(tmp_path: Path, lock: JarLock) -> None:
    tries: list[str] = []

    def fetch_nothing(jar: LockedJar, staging: Path, received: Received) -> Path:
        tries.append(jar.coordinate)
        raise ConnectionError("nobody answers.")

    only_one = JarLock(lock.jars[:1], "1")
    with pytest.raises(RuntimeServerError, match=r"test\.example:one:1\.0 cannot be fetched: nobody answers\..*mirror"):
        ensure_jars(tmp_path, only_one, silent, fetch_nothing)
    assert len(tries) == 3
