"""The process of the embedded Neo4j: started apart, found again, recognised, stopped."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import psutil

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime import detach
from identity_graph.runtime.home import ServerHome

_SAME_START = 5.0  # seconds; the kernel's idea of a start time moves a little when the clock is set


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A process that serves a home; ``started_at`` is in seconds since the epoch.

    What the server tells about this run begins ``log_offset`` bytes into its log; ``ready`` once it was seen to answer.
    """

    pid: int
    started_at: float
    bolt_port: int
    http_port: int
    version: str
    log_offset: int = 0
    ready: bool = False


def spawn(home: ServerHome, command: Sequence[str], bolt_port: int, http_port: int, version: str) -> ServerProcess:
    """Start the command in a session of its own and note which process it is."""
    home.console_log.parent.mkdir(parents=True, exist_ok=True)
    log_offset = home.log.stat().st_size if home.log.exists() else 0
    launcher = [sys.executable, "-I", "-S", str(detach.__file__), str(home.console_log), *command]
    try:
        launched = subprocess.run(launcher, check=True, capture_output=True, text=True, cwd=home.root)
        pid = int(launched.stdout)
        started_at = psutil.Process(pid).create_time()
    except (OSError, subprocess.CalledProcessError, ValueError, psutil.Error) as error:
        detail = getattr(error, "stderr", None) or error
        raise RuntimeServerError(f"The Java process of Neo4j cannot be started: {detail}") from error
    process = ServerProcess(pid, started_at, bolt_port, http_port, version, log_offset)
    _note(process, home)
    return process


def note_ready(process: ServerProcess, home: ServerHome) -> None:
    """Note that the server was seen to answer."""
    _note(replace(process, ready=True), home)


def find_process(home: ServerHome) -> ServerProcess | None:
    """Find the living process of this home; None when there is none, also when its id now belongs to another program."""
    try:
        noted = ServerProcess(**json.loads(home.process_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return noted if is_alive(noted, home) else None


def is_alive(process: ServerProcess, home: ServerHome) -> bool:
    """Tell whether this very process still runs; a pid alone says nothing, the system gives it away again."""
    try:
        found = psutil.Process(process.pid)
        if abs(found.create_time() - process.started_at) > _SAME_START:
            return False
        command = found.cmdline()
        if found.status() == psutil.STATUS_ZOMBIE:
            return _has_more_threads(process.pid)
    except psutil.ZombieProcess:
        return _has_more_threads(process.pid)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    # The command line is empty for a moment after a process was started.
    return not command or f"--home-dir={home.root}" in command


def forget(home: ServerHome) -> None:
    """Drop the note of a process that is gone."""
    home.process_file.unlink(missing_ok=True)


def terminate(process: ServerProcess, home: ServerHome, timeout: float) -> bool:
    """Ask the process to end and wait; False when it still runs after ``timeout`` seconds."""
    try:
        psutil.Process(process.pid).terminate()
    except psutil.NoSuchProcess:
        return True
    deadline = time.monotonic() + timeout
    while is_alive(process, home):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _has_more_threads(pid: int) -> bool:
    """Tell whether a process that ended still has threads: until the last one it holds its ports and its store's lock."""
    try:
        return psutil.Process(pid).num_threads() > 1
    except psutil.Error:
        return False


def _note(process: ServerProcess, home: ServerHome) -> None:
    home.process_file.parent.mkdir(parents=True, exist_ok=True)
    temporary = home.process_file.with_suffix(".part")
    temporary.write_text(json.dumps(asdict(process)), encoding="utf-8")
    temporary.replace(home.process_file)
