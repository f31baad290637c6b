"""Starting and stopping the embedded Neo4j of a data folder."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime.disk import require_space
from identity_graph.runtime.fetch import ensure_jars
from identity_graph.runtime.home import (
    DROP_THE_TAIL,
    NO_EXTRAS,
    USER,
    ServerHome,
    ensure_password,
    finish_switch,
    has_cut_off_tail,
    log_tail,
    lost_password_error,
    make_private,
    make_private_folder,
    read_password,
    says_started,
    server_home,
    write_configuration,
    write_private,
)
from identity_graph.runtime.jars import NEO4J_VERSION, read_lock
from identity_graph.runtime.java import java_program, server_command, sharing_options
from identity_graph.runtime.ports import LOOPBACK, bolt_answers, choose_port
from identity_graph.runtime.process import (
    ServerProcess,
    find_process,
    forget,
    is_alive,
    is_stopping,
    kill,
    note_ready,
    plan_run,
    read_note,
    spawn,
    terminate,
)
from identity_graph.runtime.progress import Progress, Waiting, silent
from identity_graph.runtime.turns import own_turn
from identity_graph.runtime.users import find_users
from identity_graph.settings import Settings

STORE_SPACE = 256 * 1024 * 1024
"""Bytes that must be free on the disk for a start."""

TURN = "Another process is starting or stopping this Neo4j"

_START_TIMEOUT = 1800.0
_SLOW_START = 60.0
_STOP_TIMEOUT = 120.0
_STARTS = 5
"""How often a start is tried whose port another program took meanwhile, or whose server another process started."""


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
    process: ServerProcess


class _EndedError(Exception):
    """The process ended before it answered."""


def ensure_server(settings: Settings, *, progress: Progress = silent) -> ServerHandle:
    """Return the embedded server of the data folder, ready to answer; start it if it does not run.

    From then on it runs until ``stop_server``, whoever uses it meanwhile. Blocks for as long as the start takes: some seconds,
    and about a minute once to fetch the jars. Raises RuntimeServerError.
    """
    home = server_home(settings)
    _keep(home, progress)
    server = bring_up(settings, progress=progress)
    _keep(home, progress)  # again: a user that came before the server ran took the mark for that of one that is gone
    return server


def find_server(settings: Settings) -> ServerHandle | None:
    """Return the embedded server of the data folder if its process runs; it may still be starting."""
    home = server_home(settings)
    process = find_process(home)
    password = read_password(home)
    return None if process is None or password is None else _handle(process, password, started=False)


def stop_server(settings: Settings, *, progress: Progress = silent) -> bool:
    """Stop the embedded server of the data folder and wait until it has closed its store; False when none runs.

    It is kept no more. A service that uses it starts it again.
    """
    home = server_home(settings)
    if not home.root.is_dir():
        return False
    with own_turn(home.start_lock, progress, TURN):
        home.keep_file.unlink(missing_ok=True)
        return stop_process(home, progress)


def stop_keeping(settings: Settings) -> list[int]:
    """Let the embedded server end with the last of its users, and tell which processes these are."""
    home = server_home(settings)
    if not home.root.is_dir():
        return []
    with own_turn(home.start_lock, silent, TURN):
        home.keep_file.unlink(missing_ok=True)
        return sorted(set(find_users(home)))


def bring_up(settings: Settings, *, progress: Progress = silent, extras: Mapping[str, str] = NO_EXTRAS) -> ServerHandle:
    """Return the running server of the data folder, or start it; the caller keeps it, or is registered as its user.

    ``extras`` go into its configuration if it is started.
    """
    home = server_home(settings)
    # Without the lock first: to be told where a running server is needs no jars.
    class_path = [] if find_process(home) else _class_path(settings, progress)
    taken: set[int] = set()
    for attempt in range(_STARTS):
        process, password, started = _find_or_start(settings, home, class_path, taken, extras, progress)
        try:
            _wait_until_ready(process, home, progress)
            # Others may work with a server that this call found. It is theirs, and had its tail dropped if need be.
            if started and extras is not DROP_THE_TAIL and has_cut_off_tail(home, process.debug_offset):
                extras = DROP_THE_TAIL
                _end(process, home, progress)
                continue
            return _handle(process, password, started=started)
        except OSError as error:
            raise folder_error(home, error) from error
        except KeyboardInterrupt:
            if started:
                _end(process, home, silent)
            raise
        except _EndedError:
            taken |= _taken_ports(process, settings, home)
            mended = not started or taken or find_process(home) is not None
            if not mended or attempt == _STARTS - 1:
                raise _died_error(process, home) from None
    raise AssertionError("the last attempt returns or raises")


def stop_process(home: ServerHome, progress: Progress) -> bool:
    """Stop the server and wait until it has closed its store; False when none runs. The caller holds the lock."""
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


def folder_error(home: ServerHome, error: OSError) -> RuntimeServerError:
    """Make the error for a data folder that cannot be written."""
    return RuntimeServerError(
        f"Neo4j cannot use its folder {home.root}: {error.strerror or error}. Make it writable and see that its disk has "
        "room, or set IDENTITY_GRAPH_DATA_DIR to another folder.",
        folder=str(home.root),
    )


def _keep(home: ServerHome, progress: Progress) -> None:
    """Mark the server as one that outlives its users."""
    try:
        with own_turn(home.start_lock, progress, TURN):
            write_private(home.keep_file, "")
    except OSError as error:
        raise folder_error(home, error) from error


def _class_path(settings: Settings, progress: Progress) -> list[Path]:
    java_program()  # before anything is fetched
    return ensure_jars(settings.cache_dir, read_lock(), progress)


def _find_or_start(
    settings: Settings,
    home: ServerHome,
    class_path: list[Path],
    taken: set[int],
    extras: Mapping[str, str],
    progress: Progress,
) -> tuple[ServerProcess, str, bool]:
    """Return the process of the home, its password, and whether it was started just now."""
    try:
        with own_turn(home.start_lock, progress, TURN):
            running = _find_usable(home, progress)
            process = running or _start(
                settings, home, class_path or _class_path(settings, progress), taken, extras, progress
            )
            password = read_password(home)
    except OSError as error:
        raise folder_error(home, error) from error
    if password is None:
        raise lost_password_error(home)
    return process, password, running is None


def _find_usable(home: ServerHome, progress: Progress) -> ServerProcess | None:
    """Find the process of the home. One that was told to end, by somebody who may be gone, is seen to its end."""
    process = find_process(home)
    if process is None or not is_stopping(process, home):
        return process
    progress(Waiting("Neo4j is closing its store"))
    if not terminate(process, home, _STOP_TIMEOUT):
        kill(process, home, _STOP_TIMEOUT)
    return None


def _start(
    settings: Settings,
    home: ServerHome,
    class_path: list[Path],
    taken: set[int],
    extras: Mapping[str, str],
    progress: Progress,
) -> ServerProcess:
    former = read_note(home)
    make_private_folder(home.root)
    finish_switch(home)
    require_space(home.root, STORE_SPACE, "the store of Neo4j", "IDENTITY_GRAPH_DATA_DIR")
    make_private(home)
    bolt_port = choose_port(
        settings.neo4j_bolt_port,
        [former.bolt_port, 7687] if former else [7687],
        "IDENTITY_GRAPH_NEO4J_BOLT_PORT",
        taken,
    )
    http_port = choose_port(
        settings.neo4j_http_port,
        [former.http_port, 7474] if former else [7474],
        "IDENTITY_GRAPH_NEO4J_HTTP_PORT",
        taken,
    )
    ensure_password(home)
    write_configuration(home, settings, bolt_port, http_port, extras)
    run = plan_run(home, bolt_port, http_port, NEO4J_VERSION)
    sharing = sharing_options(class_path, progress)
    return spawn(home, server_command(home, settings.neo4j_heap, class_path, sharing, [run.label]), run)


def _wait_until_ready(process: ServerProcess, home: ServerHome, progress: Progress) -> None:
    """Wait for as long as the process lives: a store that was not closed is recovered first, however long it takes."""
    begun = time.monotonic()
    what = "Neo4j is starting"
    while not (process.ready or says_started(home, process.log_offset)) or not bolt_answers(
        LOOPBACK, process.bolt_port
    ):
        if not is_alive(process, home):
            raise _EndedError
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


def _end(process: ServerProcess, home: ServerHome, progress: Progress) -> None:
    """End the process, unless another one serves the home by now."""
    with own_turn(home.start_lock, progress, TURN):
        if is_alive(process, home) and not terminate(process, home, _STOP_TIMEOUT):
            kill(process, home, _STOP_TIMEOUT)


def _taken_ports(process: ServerProcess, settings: Settings, home: ServerHome) -> set[int]:
    """Tell which of the ports that were free when they were chosen another program took before the server did."""
    said = _last_words(process, home)
    if "already in use" not in said:
        return set()
    chosen = {process.bolt_port: settings.neo4j_bolt_port, process.http_port: settings.neo4j_http_port}
    return {port for port, configured in chosen.items() if configured == 0}


def _died_error(process: ServerProcess, home: ServerHome) -> RuntimeServerError:
    return RuntimeServerError(
        f"Neo4j ended while it was starting. Its last output:\n{_last_words(process, home)}\nMore is in {home.log.parent}.",
        log=str(home.log),
    )


def _last_words(process: ServerProcess, home: ServerHome) -> str:
    texts = (log_tail(home.log, process.log_offset), log_tail(home.console_log))
    return "\n".join(text for text in texts if text)


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
        process=process,
    )
