"""House rules that no linter knows, as small programs."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from identity_graph.store.driver.instants import expand_instants
from tests.docs.blocks import ROOT

CYPHER = re.compile(r"\b(MATCH|MERGE|UNWIND|CREATE|CALL)\b\s*[(:$`]|\b(CREATE|DROP) (CONSTRAINT|INDEX)\b")
MAY_HOLD_CYPHER = {
    "identity_graph/store/driver/copying.py": "it copies any graph by internal ids, whatever is in it",
    "identity_graph/store/driver/migrations.py": "it keeps the book of the files that were applied",
    "identity_graph/store/driver/query.py": "it wraps the files' statements",
    "identity_graph/store/segments/matching.py": "it makes the query of a rule",
    "identity_graph/cli/neo4j.py": "it prints a query to try in Browser",
    "identity_graph/demo/summary.py": "it prints a query to try in Browser",
}


def modules(*folders: str) -> list[tuple[str, ast.Module]]:
    """Read all modules in the folders, however deep."""
    return [(path.relative_to(ROOT).as_posix(), _parse(path)) for path in module_paths(*folders)]


def module_paths(*folders: str) -> list[Path]:
    """List all modules in the folders, however deep; a folder without any is a mistake of the test."""
    paths = {folder: sorted((ROOT / folder).rglob("*.py")) for folder in folders}
    assert all(paths.values()), paths
    return [path for found in paths.values() for path in found]


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def texts(tree: ast.Module) -> Iterable[str]:
    """Give all text in a module but its docstrings and what follows from them."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def test_cypher_is_in_files_of_its_own() -> None:
    holding = {
        name for name, tree in modules("identity_graph", "api") if any(CYPHER.search(text) for text in texts(tree))
    }
    assert holding == set(MAY_HOLD_CYPHER)


def test_moments_are_read_in_one_way() -> None:
    files = sorted((ROOT / "cypher" / "queries").rglob("*.cypher"))
    texts = {path.name: path.read_text("utf-8") for path in files}
    by_hand = re.compile(r"\.(epoch\w+|(micro|milli|nano)?seconds?)\b", re.IGNORECASE)
    assert [name for name, text in texts.items() if by_hand.search(text)] == [], "write instant(…) or day(…)"
    word = re.compile(r"\b(instant|day)\s*\(")
    assert [name for name, text in texts.items() if word.search(expand_instants(text))] == [], "it takes a property"
    assert sum(len(word.findall(text)) for text in texts.values()) > 100


def test_nobody_waits_in_a_way_that_loses_a_cancellation() -> None:
    """Until Python 3.12, ``asyncio.wait_for`` forgets that it was cancelled when what it waits for comes at the same moment."""
    waiting = [name for name, tree in modules("identity_graph", "api") for call in ast.walk(tree) if _is_wait_for(call)]
    assert waiting == [], "write `async with asyncio.timeout(…)`"


def _is_wait_for(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "wait_for"


def test_no_test_mocks_and_each_skip_has_a_reason() -> None:
    for name, tree in modules("tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                imported = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                assert not any(part.startswith(("unittest.mock", "mock")) for part in imported), name
            if isinstance(node, ast.Call) and dotted(node.func) in {"pytest.skip", "pytest.mark.skipif"}:
                assert len(node.args) + len(node.keywords) >= 1, name
            if isinstance(node, ast.Attribute):
                assert dotted(node) not in {"pytest.mark.skip", "pytest.mark.xfail"}, name


def dotted(node: ast.expr) -> str:
    """Give the dotted name that an expression is, and nothing for any other."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def test_modules_stay_small() -> None:
    paths = module_paths("identity_graph", "api", "bench", "tests")
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert {name: count for name, count in lines.items() if count > 400} == {}
