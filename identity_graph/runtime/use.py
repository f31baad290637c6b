"""Using the embedded server of a data folder together with others: the last one out stops it."""

import time
from types import TracebackType
from typing import Self

import psutil

from identity_graph.errors import GraphUnavailableError
from identity_graph.runtime.home import DROP_THE_TAIL, NO_EXTRAS, ServerHome, server_home, was_full
from identity_graph.runtime.process import ServerProcess, find_process, is_alive, is_stopping, kill, listens, terminate
from identity_graph.runtime.progress import Progress, silent
from identity_graph.runtime.server import TURN, ServerHandle, bring_up, folder_error, stop_process
from identity_graph.runtime.turns import own_turn
from identity_graph.runtime.users import Registration, find_users
from identity_graph.settings import Settings

_STOP_SECONDS = 20.0
_PROOF_SECONDS = 1.0


class ServerUse:
    """The use of an embedded server, from now until ``release`` or the end of the process, even a violent one.

    ``server`` is the server as it was last found. Making one starts the server when it does not run, and blocks as long as
    ``ensure_server``. One that is nobody's, because its users were killed, is taken over.

    Raises:
        RuntimeServerError: it cannot be started.
    """

    def __init__(self, settings: Settings, *, progress: Progress = silent) -> None:
        self._settings = settings
        self._home = server_home(settings)
        self._registration = _register(self._home, progress)
        try:
            self.server = bring_up(settings, progress=progress)
        except BaseException:
            self.release()
            raise

    def renew(self, *, progress: Progress = silent) -> ServerHandle:
        """Find the server again, wherever it listens now; start it when it does not run.

        Raises:
            RuntimeServerError: it cannot be started.
        """
        self.server = bring_up(self._settings, progress=progress)
        return self.server

    def restart(self, failed: ServerHandle, *, progress: Progress = silent) -> ServerHandle:
        """Replace a server whose database has failed, unless another user did so already.

        Raises:
            RuntimeServerError: the new one cannot be started.
        """
        with own_turn(self._home.start_lock, progress, TURN):
            process = find_process(self._home)
            if (
                process is not None
                and process.is_same(failed.process)
                and not terminate(process, self._home, _STOP_SECONDS)
            ):
                kill(process, self._home, _STOP_SECONDS)
            extras = DROP_THE_TAIL if was_full(self._home) else NO_EXTRAS
        self.server = bring_up(self._settings, progress=progress, extras=extras)
        return self.server

    def is_current(self) -> bool:
        """Tell whether the server still runs, and nobody told it to end."""
        process = self.server.process
        return is_alive(process, self._home) and not is_stopping(process, self._home)

    def read_work(self) -> float:
        """Read how many seconds of processor time the server has used up; 0 when it is gone, or cannot be looked at."""
        try:
            times = psutil.Process(self.server.process.pid).cpu_times()
        except (psutil.Error, OSError):
            return 0.0
        return times.user + times.system

    def release(self) -> None:
        """Stop using the server. It is stopped when nobody else uses it, and nobody started it by hand."""
        with own_turn(self._home.start_lock, silent, TURN):
            self._registration.withdraw()
            if not find_users(self._home) and not self._home.keep_file.exists():
                stop_process(self._home, silent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Proof:
    """Proves that who listens on the port of a process is that process, so that no stranger is told the password.

    That it lives and was not told to end is looked at each time, who listens (some milliseconds) once a second: as long as it
    lives it keeps its port.
    """

    def __init__(self, settings: Settings, process: ServerProcess) -> None:
        self._home = server_home(settings)
        self._process = process
        self._proven_at = float("-inf")

    def __call__(self) -> None:
        """Look.

        Raises:
            GraphUnavailableError: a stranger may listen there.
        """
        now = time.monotonic()
        recent = now - self._proven_at < _PROOF_SECONDS
        alive = is_alive(self._process, self._home) and not is_stopping(self._process, self._home)
        if not alive or not (recent or listens(self._process, self._home)):
            raise GraphUnavailableError(
                f"Port {self._process.bolt_port} is not, or no longer, the port of the Neo4j in {self._home.root}: the password "
                "was not sent. Try again in a moment."
            )
        if not recent:
            self._proven_at = now


def _register(home: ServerHome, progress: Progress) -> Registration:
    try:
        with own_turn(home.start_lock, progress, TURN):
            if not find_users(home) and find_process(home) is None:
                home.keep_file.unlink(missing_ok=True)  # of a server that was started by hand and is gone
            return Registration(home)
    except OSError as error:
        raise folder_error(home, error) from error
