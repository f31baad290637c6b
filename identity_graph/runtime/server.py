"""Starting and stopping the embedded Neo4j of a data folder."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime.disk import require_space
from identity_graph.runtime.fetch import ensure_jars
from identity_graph.runtime.home import (
    USER,
    ServerHome,
    ensure_password,
    log_tail,
    lost_password_error,
    read_password,
    says_started,
    server_home,
    write_configuration,
)
from identity_graph.runtime.jars import NEO4J_VERSION, read_lock
from identity_graph.runtime.java import server_command, sharing_options
from identity_graph.runtime.ports import LOOPBACK, bolt_answers, choose_port
from identity_graph.runtime.process import (
    ServerProcess,
    find_process,
    forget,
    is_alive,
    note_ready,
    spawn,
    terminate,
)
from identity_graph.runtime.progress import Progress, Waiting, silent
from identity_graph.runtime.turns import own_turn
from identity_graph.settings import Settings

_STORE_SPACE = 256 * 1024 * 1024
_START_TIMEOUT = 1800.0
_SLOW_START = 60.0
_STOP_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class ServerHandle:
    """A running embedded server; ``started`` tells whether this call started it, ``since`` is in epoch seconds."""

    uri: str
    http_url: str
    user: str
    password: str = field(repr=False)
    pid: int
    since: float
    version: str
    started: bool


def ensure_server(settings: Settings, *, progress: Progress = silent) -> ServerHandle:
    """Return the embedded server of the data folder, ready to answer; start it if it does not run.

    Blocks for as long as the start takes: some seconds, and about a minute once to fetch the jars. Raises RuntimeServerError.
    """
    home = server_home(settings)
    # Without the lock first: to be told where a running server is needs no jars.
    class_path = [] if find_process(home) else _class_path(settings, progress)
    try:
        with own_turn(home.start_lock, progress, "Another process is starting this Neo4j"):
            running = find_process(home)
            if running is not None:
                return _join(running, home, progress)
            return _start(settings, home, class_path or _class_path(settings, progress), progress)
    except OSError as error:
        raise RuntimeServerError(
            f"Neo4j cannot use its folder {home.root}: {error.strerror or error}. Make it writable and see that its disk has "
            "room, or set IDENTITY_GRAPH_DATA_DIR to another folder.",
            folder=str(home.root),
        ) from error


def find_server(settings: Settings) -> ServerHandle | None:
    """Return the embedded server of the data folder if its process runs; it may still be starting."""
    home = server_home(settings)
    process = find_process(home)
    password = read_password(home)
    return None if process is None or password is None else _handle(process, password, started=False)


def stop_server(settings: Settings, *, progress: Progress = silent) -> bool:
    """Stop the embedded server of the data folder and wait until it has closed its store; False when none runs."""
    home = server_home(settings)
    process = find_process(home)
    if process is None:
        forget(home)
        return False
    progress(Waiting("Neo4j is closing its store"))
    if not terminate(process, home, _STOP_TIMEOUT):
        raise RuntimeServerError(
            f"Neo4j (process {process.pid}) was asked to stop {_STOP_TIMEOUT:.0f} s ago and still runs; it may be writing a "
            f"large store. Wait and look again with `identity-graph neo4j status`, or see {home.log}.",
            pid=process.pid,
        )
    forget(home)
    return True


def _class_path(settings: Settings, progress: Progress) -> list[Path]:
    return ensure_jars(settings.cache_dir, read_lock(), progress)


def _join(running: ServerProcess, home: ServerHome, progress: Progress) -> ServerHandle:
    password = read_password(home)
    if password is None:
        raise lost_password_error(home)
    _wait_until_ready(running, home, progress)
    return _handle(running, password, started=False)


def _start(settings: Settings, home: ServerHome, class_path: list[Path], progress: Progress) -> ServerHandle:
    forget(home)
    require_space(home.root, _STORE_SPACE, "the store of Neo4j", "IDENTITY_GRAPH_DATA_DIR")
    bolt_port = choose_port(settings.neo4j_bolt_port, 7687, "IDENTITY_GRAPH_NEO4J_BOLT_PORT")
    http_port = choose_port(settings.neo4j_http_port, 7474, "IDENTITY_GRAPH_NEO4J_HTTP_PORT")
    password = ensure_password(home)
    write_configuration(home, settings, bolt_port, http_port)
    command = server_command(home, settings.neo4j_heap, class_path, sharing_options(class_path, progress))
    process = spawn(home, command, bolt_port, http_port, NEO4J_VERSION)
    try:
        _wait_until_ready(process, home, progress)
    except KeyboardInterrupt:
        terminate(process, home, _STOP_TIMEOUT)
        raise
    return _handle(process, password, started=True)


def _wait_until_ready(process: ServerProcess, home: ServerHome, progress: Progress) -> None:
    """Wait for as long as the process lives: a store that was not closed is recovered first, however long it takes."""
    begun = time.monotonic()
    what = "Neo4j is starting"
    while not (process.ready or says_started(home, process.log_offset)) or not bolt_answers(
        LOOPBACK, process.bolt_port
    ):
        if not is_alive(process, home):
            raise _died_error(process, home)
        waited = time.monotonic() - begun
        if waited > _START_TIMEOUT:
            raise RuntimeServerError(
                f"Neo4j (process {process.pid}) does not answer after {waited / 60:.0f} minutes, but still runs. See {home.log}; "
                "wait and start again, or stop it with `identity-graph neo4j stop`.",
                pid=process.pid,
            )
        progress(Waiting(what if waited < _SLOW_START else f"{what}; recovering a large store takes minutes"))
        time.sleep(0.05)
    if not process.ready:
        note_ready(process, home)


def _died_error(process: ServerProcess, home: ServerHome) -> RuntimeServerError:
    forget(home)
    said = "\n".join(text for text in (log_tail(home.log, process.log_offset), log_tail(home.console_log)) if text)
    return RuntimeServerError(
        f"Neo4j ended while it was starting. The last it said:\n{said}\nMore is in {home.log.parent}.",
        log=str(home.log),
    )


def _handle(process: ServerProcess, password: str, *, started: bool) -> ServerHandle:
    return ServerHandle(
        uri=f"bolt://{LOOPBACK}:{process.bolt_port}",
        http_url=f"http://{LOOPBACK}:{process.http_port}",
        user=USER,
        password=password,
        pid=process.pid,
        since=process.started_at,
        version=process.version,
        started=started,
    )
