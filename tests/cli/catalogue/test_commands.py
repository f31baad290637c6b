"""The catalogue from the terminal."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.profiles.file import read_shipped
from identity_graph.domain.profiles.regime import Regime
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from tests.worlds.worlds import keep_rules, make_event, make_rules

RULES = make_rules()
NEW = """time_zone: Asia/Tokyo
traits:
  points: {type: integer, policy: sum, class: quantitative, personal: true}
computed: {orders: {event: Order Completed, policy: count}}
"""


@pytest.fixture
def terminal(environment: None) -> CliRunner:
    """Give a terminal whose commands mean the Neo4j of the tests."""
    return CliRunner()


async def run(terminal: CliRunner, *words: str, code: int = 0) -> str:
    """Run a command in a thread of its own, as it has a loop of its own."""
    result = await asyncio.to_thread(terminal.invoke, app, list(words), env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
async def points(graph: Graph) -> Graph:
    """Give a graph in which a card has claimed points twice."""
    await keep_rules(graph, RULES)
    events = [replace(make_event(n, n, ("crm:1",), RULES), traits={"points": n}) for n in (1, 2)]
    await graph.write(lambda tx: take_in(tx, events, Regime(RULES, 1, 10**15)))
    return graph


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new.yaml"
    path.write_text(NEW, "utf-8")
    return path


@pytest.fixture
def wrong_file(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text("traits:\n  a: {type: txt}\n  b: {type: text, policy: sum}\n", "utf-8")
    return path


@pytest.fixture
def latin_file(tmp_path: Path) -> Path:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"traits: {\xe9: }")
    return path


async def stored(graph: Graph) -> list[str]:
    return [row["value"] for row in await graph.run("MATCH (t:Trait {name: 'points'}) RETURN t.value AS value")]


async def test_a_catalogue_is_previewed_applied_and_rolled_back(points: Graph, terminal: CliRunner, file: Path) -> None:
    assert await run(terminal, "catalogue", "show") == read_shipped()
    compared = await run(terminal, "catalogue", "diff", str(file))
    assert "+ traits.points" in compared
    assert "~ time_zone: Asia/Shanghai → Asia/Tokyo" in compared
    assert "traits would be derived again" in compared
    assert "Of the 1 customers seen last, 1 would have another value of a trait." in compared
    assert "points: 2 → 3" in compared
    found = json.loads(await run(terminal, "catalogue", "diff", str(file), "--format", "json"))
    assert [(one["name"], one["before"], one["after"]) for one in found["examples"]] == [("points", 2, 3)]
    assert await stored(points) == ["2"]

    assert "Version 1 of the catalogue is in force and applied." in await run(terminal, "catalogue", "apply", str(file))
    assert await stored(points) == ["3"]
    assert "says the same" in await run(terminal, "catalogue", "diff", str(file))
    assert "Version 2" in await run(terminal, "catalogue", "apply", "default")
    assert await stored(points) == ["2"]
    assert "Version 3" in await run(terminal, "catalogue", "rollback", "1")
    assert await stored(points) == ["3"]
    assert await run(terminal, "catalogue", "show") == NEW
    listed = await run(terminal, "catalogue", "history")
    assert [line.split()[0] for line in listed.splitlines() if line.strip()[:1].isdigit()] == ["3", "2", "1"]
    assert (listed.count("SUPERSEDED"), listed.count("ACTIVE")) == (2, 1)


async def test_a_catalogue_replaces_the_expected_version_only(points: Graph, terminal: CliRunner, file: Path) -> None:
    result = await asyncio.to_thread(terminal.invoke, app, ["catalogue", "apply", str(file), "--expect", "7"])
    assert result.exit_code == 1
    assert "The catalogue in force has version 0, not 7: read it, then expect that version." in str(result.exception)
    missing = await asyncio.to_thread(terminal.invoke, app, ["catalogue", "rollback", "9"])
    assert "There is no catalogue with version 9" in str(missing.exception)


async def test_check_shows_the_traits_or_every_problem(terminal: CliRunner, file: Path, wrong_file: Path) -> None:
    shown = await run(terminal, "catalogue", "check", str(file))
    assert "new.yaml is valid: 1 trait." in shown
    assert "points" in shown
    assert "Computed of events: orders." in shown
    assert "Days are those of Asia/Tokyo" in shown
    wrong = await run(terminal, "catalogue", "check", str(wrong_file), code=1)
    assert "wrong.yaml:2: traits.a.type: expected text or integer" in wrong
    assert "wrong.yaml:3: traits.b.policy: sum needs the type integer or decimal, and this one is text" in wrong
    assert "docs/catalogue.md explains every key" in wrong


async def test_what_ships_is_printed_and_a_file_that_is_not_there_is_told(
    terminal: CliRunner, tmp_path: Path, latin_file: Path
) -> None:
    assert await run(terminal, "catalogue", "show", "default") == read_shipped()
    assert "There is no catalogue 'defalt' to show" in await run(terminal, "catalogue", "show", "defalt", code=1)
    gone = await run(terminal, "catalogue", "check", str(tmp_path / "gone.yaml"), code=1)
    assert "cannot be read as a catalogue (No such file or directory)" in gone
    (tmp_path / "latin.yaml").write_bytes(b"traits: {\xe9: }")
    assert "is not UTF-8 text (byte 9)" in await run(
        terminal, "catalogue", "check", str(tmp_path / "latin.yaml"), code=1
    )
    assert "default is valid" in await run(terminal, "catalogue", "check", "default")
