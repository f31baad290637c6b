"""What is absent: imports that would cross a layer, and addresses of package registries."""

import ast
import gzip
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DRIVER = "neo4j"
MAY_IMPORT_THE_DRIVER = ("identity_graph/store/", "tests/", "bench/")

REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("maven", "org"),
        ("maven", "apache", "org"),
        ("sonatype", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("anaconda", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
    ]
]
"""Put together here, so that this file holds none of them either."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def imported_modules(path: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module


def content(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace").lower()


def test_only_the_store_imports_the_driver() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".py" and any(name.partition(".")[0] == DRIVER for name in imported_modules(path))
    }
    assert "identity_graph/store/graph.py" in importers
    assert {name for name in importers if not name.startswith(MAY_IMPORT_THE_DRIVER)} == set()


def test_the_domain_reads_no_clock_and_opens_nothing() -> None:
    """Its one reader of files reads those that ship with it."""
    impure = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time", "uuid"}
    for path in (ROOT / "identity_graph" / "domain").glob("*.py"):
        assert impure.isdisjoint(imported_modules(path)), path.name


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_names_a_registry(registry: str) -> None:
    assert [path.relative_to(ROOT).as_posix() for path in tracked_files() if registry in content(path)] == []
