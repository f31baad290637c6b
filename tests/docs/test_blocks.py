"""Every fenced block of the documentation is run, or checked in another way that is named here with its reason."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.settings import Settings
from tests.docs.blocks import ROOT, Block, fits, pages, read_blocks
from tests.docs.running import Reader, commands_of, is_like

TESTED_BESIDE_THEIR_CODE = {
    "docs/rules.md": "tests/domain/rules/test_docs.py",
    "docs/catalogue.md": "tests/domain/profiles/test_docs.py",
    "docs/segments.md": "tests/domain/segments/test_docs.py",
    "docs/files.md": "tests/files/test_files_docs.py",
    "docs/file-examples.md": "tests/files/test_examples.py",
    "docs/collector.md": "tests/sdk/test_collector_docs.py",
    "docs/operations.md": "tests/runtime/test_operations_docs.py",
    "docs/activation.md": "tests/sdk/test_webhook_receivers.py",
}
"""Pages whose blocks are run by a test of their own."""


def is_made(block: Block) -> None:
    """Check that the Makefile has the targets."""
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for words in commands_of(block):
        if words[0] == "make":
            assert set(words[1:2]) <= targets, block.place
        else:
            assert words[0] in {"source", "cd", "git"}, block.place


def is_offered(block: Block) -> None:
    """Check that the command line has the commands and options, and that the settings exist."""
    for words in commands_of(block):
        assert words[0] == "identity-graph", block.place
        path = [word for word in words[1:3] if word.isalpha()]
        shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
        assert shown.exit_code == 0, block.place
        assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", shown.output))
    names = {f"IDENTITY_GRAPH_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"IDENTITY_GRAPH_[A-Z0-9_]+", block.text)) <= names, block.place


def is_there(block: Block) -> None:
    """Check that the module that is run exists."""
    for words in commands_of(block):
        assert words[:2] == ["python", "-m"], block.place
        assert find_spec(words[2]) is not None, block.place


class NotRun(NamedTuple):
    """Why blocks with such a first word or words are not run, and what is checked instead."""

    begins: str
    reason: str
    check: Callable[[Block], None]


NOT_RUN = [
    NotRun("make ", "it is tested by itself, or would start the tests in the tests", is_made),
    NotRun(
        "IDENTITY_GRAPH_WRITE_KEY=", "it serves until Ctrl-C; the service of the test has the same keys", is_offered
    ),
    NotRun("identity-graph serve", "it serves until Ctrl-C", is_offered),
    NotRun(
        "python -m identity_graph.runtime.relock", "it asks the network for every jar and writes the lock", is_there
    ),
]


def other_check(block: Block) -> Callable[[Block], None] | None:
    if block.language not in {"bash", "sh"}:
        return None
    return next((entry.check for entry in NOT_RUN if block.text.startswith(entry.begins)), None)


FOLLOWED = [page for page in pages() if page not in TESTED_BESIDE_THEIR_CODE and read_blocks(page)]


@pytest.mark.parametrize("page", FOLLOWED)
async def test_a_reader_can_follow_the_page(page: str, reader: Reader) -> None:
    blocks = read_blocks(page)
    for block in blocks:
        check = other_check(block)
        if check is not None:
            check(block)
    await reader.follow([block for block in blocks if other_check(block) is None])


@pytest.mark.parametrize(("page", "test"), TESTED_BESIDE_THEIR_CODE.items())
def test_pages_that_are_not_followed_here_are_tested_elsewhere(page: str, test: str) -> None:
    text = (ROOT / test).read_text("utf-8")
    assert page.removeprefix("docs/") in text
    assert "test_every_fenced_block_of_the_page_is_tried" in text


@pytest.mark.parametrize("entry", NOT_RUN)
def test_what_is_not_run_is_still_in_the_documentation(entry: NotRun) -> None:
    assert any(block.text.startswith(entry.begins) for page in FOLLOWED for block in read_blocks(page))


def test_an_answer_that_differs_from_the_page_is_noticed() -> None:
    assert fits("a cus_0123\n…\nz\n", "a cus_4567\nb\nc\nz\n")
    assert not fits("a\nz\n", "a\nb\nz\n")
    assert is_like({"id": "…", "n": [1]}, {"id": "x", "n": [1]})
    assert not is_like({"n": [1]}, {"n": [1, 2]})
    assert not is_like({"n": 1}, {"n": 1, "m": 2})
