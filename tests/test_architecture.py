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

DOMAIN = ROOT / "identity_graph" / "domain"
READS_WHAT_SHIPS = {
    ("identity_graph/domain/rules/file.py", "importlib.resources"),
    ("identity_graph/domain/profiles/file.py", "importlib.resources"),
    ("identity_graph/domain/segments/ready.py", "importlib.resources"),
    ("identity_graph/domain/privacy/personal_data.py", "importlib.resources"),
}
PURE = {
    *(
        "array",
        "base64",
        "binascii",
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "email.utils",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "hmac",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "math",
    ),
    *("operator", "re", "statistics", "typing", "unicodedata", "urllib.parse", "zlib", "zoneinfo"),
    *("cryptography", "email_validator", "orjson", "phonenumbers", "rapidfuzz", "re2", "scipy", "ua_parser", "yaml"),
    *("identity_graph.domain", "identity_graph.errors"),
}
"""What the domain may import: libraries that compute, and no clock, chance, file or network."""

ACTING_FUNCTIONS = {"open", "print", "input", "exec", "eval", "__import__"}
ACTING_METHODS = {"now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes", "open"}
"""What acts without an import, or through one that is allowed."""

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


def parsed(folder: Path) -> Iterable[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def domain_modules() -> set[tuple[str, str]]:
    return {
        (path.relative_to(ROOT).as_posix(), name) for path in DOMAIN.rglob("*.py") for name in imported_modules(path)
    }


def is_pure(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in PURE)


def words_that_act(tree: ast.Module) -> set[str]:
    """Find the calls that read a clock or a file, whatever they are called on."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    functions = {function.id for function in called if isinstance(function, ast.Name)}
    methods = {function.attr for function in called if isinstance(function, ast.Attribute)}
    return functions & ACTING_FUNCTIONS | methods & ACTING_METHODS


def content(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace").lower()


def test_only_the_store_imports_the_driver() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".py" and any(name.partition(".")[0] == DRIVER for name in imported_modules(path))
    }
    assert "identity_graph/store/driver/graph.py" in importers
    assert {name for name in importers if not name.startswith(MAY_IMPORT_THE_DRIVER)} == set()


def test_the_domain_imports_nothing_that_acts() -> None:
    modules = domain_modules()
    assert {(name, imported) for name, imported in modules if not is_pure(imported)} == READS_WHAT_SHIPS
    assert len({name for name, _ in modules}) > 30


def test_the_domain_reads_no_clock_and_opens_nothing() -> None:
    """Its readers of files read those that ship with it."""
    acting = {(name, word) for name, tree in parsed(DOMAIN) for word in words_that_act(tree)}
    assert acting == {(name, "read_text") for name, _ in READS_WHAT_SHIPS}


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "datetime.now(UTC)",
        "date.today()",
        "Path('x').write_bytes(b'')",
        "print(1)",
        "eval('1')",
        "x.utcnow()",
    ],
)
def test_what_acts_is_seen(code: str) -> None:
    assert words_that_act(ast.parse(code))


@pytest.mark.parametrize(
    "module", ["time", "os.path", "random", "socket", "identity_graph.store.driver.graph", "importlib.util"]
)
def test_what_is_not_pure_is_seen(module: str) -> None:
    assert not is_pure(module)


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_names_a_registry(registry: str) -> None:
    assert [path.relative_to(ROOT).as_posix() for path in tracked_files() if registry in content(path)] == []
