"""Files that hold what people are known by: they are made for their owner only."""

import os
from pathlib import Path
from typing import BinaryIO


def open_private(path: Path) -> BinaryIO:
    """Open a file to write it anew. One that is made is for its owner only; one that is there keeps the mode it was given."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
