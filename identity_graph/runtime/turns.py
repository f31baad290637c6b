"""Taking turns between processes that want to fetch or start the same thing."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from identity_graph.runtime.home import make_private_folder
from identity_graph.runtime.progress import Progress, Waiting


@contextmanager
def own_turn(path: Path, progress: Progress, waiting_for: str) -> Generator[None]:
    """Hold the lock at ``path``; while another process holds it, wait and say what for."""
    make_private_folder(path.parent)
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        waiting = Waiting(waiting_for)
        while True:
            progress(waiting)
            with suppress(Timeout):
                lock.acquire(timeout=0.2)
                break
    try:
        yield
    finally:
        lock.release()
