"""Room on the disk, asked for before it is needed."""

import shutil
from pathlib import Path

from identity_graph.errors import RuntimeServerError

_MARGIN = 64 * 1024 * 1024


def require_space(folder: Path, size: int, what: str, setting: str) -> None:
    """Raise RuntimeServerError unless the disk of ``folder`` has room for ``size`` bytes and a small margin."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    needed = size + _MARGIN
    if free < needed:
        raise RuntimeServerError(
            f"The disk is too full for {what}: {needed / 1e6:.0f} MB are needed in {folder}, {free / 1e6:.0f} MB are free. "
            f"Make room, or set {setting} to a folder on another disk.",
            needed=needed,
            free=free,
            folder=str(folder),
        )
