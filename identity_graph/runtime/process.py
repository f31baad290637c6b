"""The process of the embedded Neo4j: started apart, found again, recognised, stopped.

The note of it (``ServerHome.process_file``) is a convenience: all that it says stands in the command line of the process, too,
so a kill between the start and the note leaves nothing that cannot be found again.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, replace

import psutil

from identity_graph.errors import RuntimeServerError
from identity_graph.runtime import detach
from identity_graph.runtime.home import ServerHome, make_private_folder, write_private

_SAME_START = 5.0  # seconds; the kernel's idea of a start time moves a little when the clock is set
_LABEL = "-Didentitygraph.process="
_LAUNCH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A process that serves a home; ``started_at`` is in seconds since the epoch.

    What the server tells about this run begins ``log_offset`` bytes into its log, and ``debug_offset`` bytes into the other
    one; ``ready`` once it was seen to answer.
    """

    pid: int
    started_at: float
    bolt_port: int
    http_port: int
    version: str
    log_offset: int = 0
    debug_offset: int = 0
    ready: bool = False

    def is_same(self, other: "ServerProcess") -> bool:
        """Tell whether the other is this very run."""
        return self.pid == other.pid and abs(self.started_at - other.started_at) <= _SAME_START


@dataclass(frozen=True, slots=True)
class Run:
    """What is decided before a process is started. It is written into the command line, for those who find the process."""

    bolt_port: int
    http_port: int
    version: str
    log_offset: int
    debug_offset: int

    @property
    def label(self) -> str:
        """It as a system property."""
        return _LABEL + ",".join(str(value) for value in astuple(self))

    @classmethod
    def read(cls, command: Sequence[str]) -> "Run | None":
        """Read it off the command line of a process."""
        label = next((part for part in command if part.startswith(_LABEL)), None)
        if label is None:
            return None
        bolt_port, http_port, version, log_offset, debug_offset = label.removeprefix(_LABEL).split(",")
        return cls(int(bolt_port), int(http_port), version, int(log_offset), int(debug_offset))

    def of(self, process: psutil.Process) -> ServerProcess:
        """Say which process it became."""
        return ServerProcess(process.pid, process.create_time(), *astuple(self))


def plan_run(home: ServerHome, bolt_port: int, http_port: int, version: str) -> Run:
    """Plan a run whose logs begin where those of the last one end."""
    offsets = (log.stat().st_size if log.exists() else 0 for log in (home.log, home.debug_log))
    return Run(bolt_port, http_port, version, *offsets)


def spawn(home: ServerHome, command: Sequence[str], run: Run) -> ServerProcess:
    """Start the command in a session of its own and note which process it is."""
    make_private_folder(home.console_log.parent)
    home.stopping_file.unlink(missing_ok=True)
    launcher = [sys.executable, "-I", "-S", str(detach.__file__), str(home.console_log), *command]
    try:
        launched = subprocess.run(launcher, check=True, capture_output=True, text=True, cwd=home.root)
        process = run.of(psutil.Process(int(launched.stdout)))
    except (OSError, subprocess.CalledProcessError, ValueError, psutil.Error) as error:
        detail = getattr(error, "stderr", None) or error
        raise RuntimeServerError(f"The Java process of Neo4j cannot be started: {detail}") from error
    _note(process, home)
    return process


def note_ready(process: ServerProcess, home: ServerHome) -> None:
    """Note that the server was seen to answer."""
    _note(replace(process, ready=True), home)


def find_process(home: ServerHome) -> ServerProcess | None:
    """Find the living process of this home; None when there is none, also when its id now belongs to another program."""
    noted = read_note(home)
    if noted is not None and is_alive(noted, home):
        return noted
    return _search(home) if home.root.is_dir() else None


def read_note(home: ServerHome) -> ServerProcess | None:
    """Read which process was noted last, whether it lives or not."""
    try:
        return ServerProcess(**json.loads(home.process_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


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


def listens(process: ServerProcess, home: ServerHome) -> bool:
    """Tell whether it is this very process that listens on its Bolt port, and no stranger who took the port since."""
    if not is_alive(process, home):
        return False
    try:
        connections = psutil.Process(process.pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == process.bolt_port for one in connections)


def is_stopping(process: ServerProcess, home: ServerHome) -> bool:
    """Tell whether the process was told to end."""
    try:
        told = json.loads(home.stopping_file.read_text(encoding="utf-8"))
        return process.is_same(replace(process, pid=told["pid"], started_at=told["started_at"]))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def forget(home: ServerHome) -> None:
    """Drop the notes of a process that is gone."""
    home.process_file.unlink(missing_ok=True)
    home.stopping_file.unlink(missing_ok=True)


def terminate(process: ServerProcess, home: ServerHome, timeout: float) -> bool:
    """Ask the process to end and wait; False when it still runs after ``timeout`` seconds.

    Whoever is killed while it waits has told the next one: it was noted that the process is to end.
    """
    with suppress(OSError):  # a full disk keeps nobody from ending
        told = {"pid": process.pid, "started_at": process.started_at}
        write_private(home.stopping_file, json.dumps(told))
    try:
        found = psutil.Process(process.pid)
        found.terminate()
        found.resume()  # one that was stopped hears nothing
    except psutil.NoSuchProcess:
        return True
    return _ends(process, home, timeout)


def kill(process: ServerProcess, home: ServerHome, timeout: float) -> bool:
    """End the process as a power cut would, and wait; the next start recovers its store."""
    try:
        psutil.Process(process.pid).kill()
    except psutil.NoSuchProcess:
        return True
    return _ends(process, home, timeout)


def _ends(process: ServerProcess, home: ServerHome, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while is_alive(process, home):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _search(home: ServerHome) -> ServerProcess | None:
    """Search all processes for one that serves this home; one that is just being launched is waited for."""
    deadline = time.monotonic() + _LAUNCH_SECONDS
    place, launcher = f"--home-dir={home.root}", str(detach.__file__)
    while True:
        launching = False
        for found in psutil.process_iter():
            with suppress(psutil.Error):
                command = found.cmdline()
                if place not in command:
                    continue
                if launcher in command:
                    launching = True
                    continue
                run = Run.read(command)
                if run is not None:
                    return run.of(found)
        if not launching or time.monotonic() > deadline:
            return None
        time.sleep(0.05)


def _has_more_threads(pid: int) -> bool:
    """Tell whether a process that ended still has threads: until the last one it holds its ports and its store's lock."""
    try:
        return psutil.Process(pid).num_threads() > 1
    except psutil.Error:
        return False


def _note(process: ServerProcess, home: ServerHome) -> None:
    write_private(home.process_file, json.dumps(asdict(process)))
