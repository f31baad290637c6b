"""Where the Cypher files are: in the installed package, or beside it in a checkout."""

from functools import cache
from pathlib import Path


@cache
def cypher_root() -> Path:
    """Find the folder of Cypher files."""
    package = Path(__file__).resolve().parent
    installed = package / "_cypher"
    return installed if installed.is_dir() else package.parent / "cypher"
