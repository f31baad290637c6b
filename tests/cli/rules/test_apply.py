"""Rules that are changed from the terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.errors import NotFoundError
from identity_graph.service.applying.steps import Totals, VersionConflictError, take_step
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.rules.changing import APPLICABLE, open_units, put_in_force
from identity_graph.store.driver.graph import Graph
from tests.worlds.worlds import keep_rules, make_event, make_rules, to_yaml

BEFORE = make_rules()


@pytest.fixture
def terminal(environment: None) -> CliRunner:
    """Give a terminal whose commands mean the Neo4j of the tests."""
    return CliRunner()


async def owners(graph: Graph) -> dict[str, str]:
    rows = await graph.run(
        "MATCH (i:Identifier)-[:BELONGS_TO]->(c) WITH c, i ORDER BY i.key WITH c, collect(i.key) AS keys "
        "UNWIND keys AS key RETURN key, keys[0] AS first"
    )
    return {row["key"]: row["first"] for row in rows}


@pytest.fixture
async def shared(graph: Graph) -> Graph:
    """Give a graph in which two people signed in on one tablet."""
    await keep_rules(graph, BEFORE)
    events = [make_event(n, n, (f"crm:{n}", "device:1"), BEFORE) for n in (1, 2)]
    await graph.write(lambda tx: take_in(tx, events, Regime(BEFORE, 1, 10**15)))
    return graph


async def test_rules_are_applied_and_rolled_back_from_the_terminal(
    shared: Graph, terminal: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(to_yaml(make_rules(conflict=Conflict.OLDEST)), "utf-8")
    assert (await owners(shared))["device:1"] == "crm:2"
    done = await in_thread(terminal, "rules", "apply", str(file))
    assert "Version 2 of the rules is in force and applied" in done
    assert (await owners(shared))["device:1"] == "crm:1"
    assert "Version 3" in await in_thread(terminal, "rules", "rollback", "1")
    assert (await owners(shared))["device:1"] == "crm:2"
    listed = await in_thread(terminal, "rules", "history")
    assert [line.split()[0] for line in listed.splitlines() if line.strip()[:1].isdigit()] == ["3", "2", "1"]
    assert listed.count("SUPERSEDED") == 2
    assert listed.count("ACTIVE") == 1


async def test_what_cannot_be_applied_changes_nothing(shared: Graph, terminal: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(to_yaml(make_rules(conflict=Conflict.OLDEST)), "utf-8")
    with pytest.raises(VersionConflictError):
        await in_thread(terminal, "rules", "apply", str(file), "--expect", "7")
    with pytest.raises(VersionConflictError):
        await in_thread(terminal, "rules", "apply", str(file), "--expect", "0")
    with pytest.raises(NotFoundError):
        await in_thread(terminal, "rules", "rollback", "9")
    assert (await owners(shared))["device:1"] == "crm:2"


async def test_a_file_that_is_called_like_a_set_is_compared_and_applied(
    shared: Graph, terminal: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "never-guess"
    file.write_text(to_yaml(make_rules(conflict=Conflict.OLDEST)), "utf-8")
    assert "+ crm:1, device:1" in await in_thread(terminal, "rules", "diff", file.name)
    await in_thread(terminal, "rules", "apply", file.name)
    assert (await owners(shared))["device:1"] == "crm:1"


async def test_an_application_that_was_cut_off_is_gone_on_with_by_the_same_command(
    shared: Graph, terminal: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(to_yaml(make_rules(conflict=Conflict.OLDEST)), "utf-8")
    units, _ = await open_units(shared)
    await put_in_force(units, file.read_text("utf-8"), 1, "test")
    with pytest.raises(VersionConflictError):
        await in_thread(terminal, "rules", "apply", str(file), "--expect", "7")
    assert "Version 2 of the rules is in force and applied" in await in_thread(
        terminal, "rules", "apply", str(file), "--expect", "1"
    )
    assert (await owners(shared))["device:1"] == "crm:1"


async def test_rules_that_are_being_applied_are_rolled_back_from_the_terminal(
    shared: Graph, terminal: CliRunner
) -> None:
    units, _ = await open_units(shared)
    await put_in_force(units, to_yaml(make_rules(conflict=Conflict.OLDEST)), 1, "test")
    await take_step(units, APPLICABLE, 2, Totals(1, 1, 1))
    assert "Version 3 of the rules is in force and applied" in await in_thread(terminal, "rules", "rollback", "1")
    assert (await owners(shared))["device:1"] == "crm:2"
    listed = await in_thread(terminal, "rules", "history")
    statuses = [line.split()[-1] for line in listed.splitlines() if line.strip()[:1].isdigit()]
    assert statuses == ["ACTIVE", "SUPERSEDED", "SUPERSEDED"]


async def in_thread(terminal: CliRunner, *arguments: str) -> str:
    """Run a command, which has a loop of its own, beside the loop of the test."""
    import asyncio

    outcome = await asyncio.to_thread(terminal.invoke, app, list(arguments))
    if outcome.exception is not None:
        raise outcome.exception
    return outcome.stdout
