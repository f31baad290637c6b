"""Taking turns between processes that want to fetch or start the same thing."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from identity_graph.runtime.progress import Progress, Waiting


@contextmanager
def own_turn(path: Path, progress: Progress, waiting_for: str) -> Generator[None]:
    """Hold the lock at ``path``; while another process holds it, wait and say what for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        progress(Waiting(waiting_for))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
