"""Who uses the server of a data folder: a locked file for each user, so that one that was killed counts no more.

Whoever asks or registers holds the lock of the folder's starts and stops (``ServerHome.start_lock``).
"""

import os
import secrets
from contextlib import suppress

from filelock import FileLock, Timeout

from identity_graph.runtime.home import ServerHome, make_private_folder


class Registration:
    """One user of a server; it lasts until ``withdraw``, or until its process is gone, however that ends."""

    def __init__(self, home: ServerHome) -> None:
        make_private_folder(home.users)
        self._path = home.users / f"{os.getpid()}-{secrets.token_hex(4)}"
        # Threads come and go within the process that uses the server.
        self._lock = FileLock(self._path, mode=0o600, thread_local=False)
        self._lock.acquire(blocking=False)

    def withdraw(self) -> None:
        """Stop using the server."""
        self._lock.release()
        self._path.unlink(missing_ok=True)


def find_users(home: ServerHome) -> list[int]:
    """Find the processes that use the server, each as often as it registered; what the dead left behind is cleared away."""
    if not home.users.is_dir():
        return []
    return [int(path.name.split("-")[0]) for path in sorted(home.users.glob("*-*")) if not _clear(path)]


def _clear(path: "os.PathLike[str]") -> bool:
    """Delete the file of a user that is gone, and tell whether it was."""
    lock = FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - any kind of path
    return True
