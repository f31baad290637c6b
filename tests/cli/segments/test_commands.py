"""Segments from the terminal."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.segments.ready import read_template, template_names
from identity_graph.store.driver.graph import Graph
from tests.worlds.worlds import keep_rules, make_rules

CARTS = """name: Carts without an app
rule:
  all:
    - did: {event: Product Added, within: P3D}
    - not: {seenOn: {channel: APP}}
"""


@pytest.fixture
async def terminal(environment: None, graph: Graph) -> CliRunner:
    """Give a terminal whose commands mean the Neo4j of the tests, in which rules are in force."""
    await keep_rules(graph, make_rules())
    return CliRunner()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    """Give a function that writes a segment file and tells its path."""

    def write(text: str) -> str:
        path = tmp_path / "carts.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


@pytest.fixture
def file(write: Callable[[str], str]) -> str:
    return write(CARTS)


async def run(terminal: CliRunner, *words: str, code: int = 0) -> str:
    """Run a command in a thread of its own, as it has a loop of its own."""
    result = await asyncio.to_thread(terminal.invoke, app, ["segments", *words], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


async def test_a_file_is_checked_saved_shown_changed_and_deleted(
    terminal: CliRunner, file: str, write: Callable[[str], str]
) -> None:
    assert "There are no segments yet" in await run(terminal, "list")
    checked = await run(terminal, "check", file)
    assert "carts.yaml is valid." in checked
    assert "Known customers for whom “Product Added” happened at least once in the last 3 days (72 hours)" in checked
    assert "Version 1 of 'Carts without an app' is saved (seg_" in await run(terminal, "apply", file)
    assert "is as it was" in await run(terminal, "apply", file)
    (listed,) = json.loads(await run(terminal, "list", "--format", "json"))
    assert (listed["name"], listed["version"]) == ("Carts without an app", 1)
    assert "Carts without an app" in await run(terminal, "list")

    shown = await run(terminal, "show", listed["id"], "--language", "zh")
    assert shown.startswith(f"# {listed['id']}, version 1")
    assert "“Product Added”" in shown
    copy = write(shown.replace("P3D", "P4D").replace("name: Carts without an app", "name: Baskets"))
    assert "Version 2 of 'Baskets' is saved" in await run(terminal, "apply", copy, "--segment", "Carts without an app")
    assert "within: P4D" in await run(terminal, "show", "Baskets")
    assert "'Baskets'" in await run(terminal, "delete", "Baskets")
    assert "There are no segments yet" in await run(terminal, "list")


async def test_what_is_wrong_is_shown_with_its_lines(terminal: CliRunner, write: Callable[[str], str]) -> None:
    shown = await run(terminal, "check", write(CARTS.replace("P3D", "P3M")), code=1)
    assert "carts.yaml:4: rule.all[0].did.within: expected an ISO 8601 duration" in shown
    wrong = CARTS.replace("seenOn: {channel: APP}", "hasIdentifier: fone")
    shown = await run(terminal, "check", write(wrong), code=1)
    assert "carts.yaml:5: rule.all[1].not.hasIdentifier: the rules know no namespace 'fone'" in shown


async def test_ready_segments_are_listed_and_printed(terminal: CliRunner) -> None:
    listed = await run(terminal, "templates")
    assert all(name in listed for name in template_names())
    assert await run(terminal, "templates", "cart-abandoners") == read_template("cart-abandoners")
    assert "did you mean 'churned'?" in await run(terminal, "templates", "churnd", code=1)
    assert "cart-abandoners.yaml is valid." in await run(terminal, "check", "cart-abandoners")
