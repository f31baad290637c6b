"""`identity-graph changes`, as it is called in a terminal."""

import json
from contextlib import aclosing

import pytest
from typer import Typer
from typer.testing import CliRunner

from identity_graph.cli.customers.changes import OutputFormat, changes, line_of, tell_changes
from identity_graph.service.changes.log import ChangeFilter
from identity_graph.service.core import Service
from tests.asking import See

KINDS = ["MERGED", "SPLIT", "IDENTIFIER_MOVED"]


@pytest.fixture
def app() -> Typer:
    app = Typer()
    app.command()(changes)
    return app


def test_each_change_is_a_line(life: dict[str, str], run: CliRunner, app: Typer) -> None:
    result = run.invoke(app, [])
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert [line[0] for line in lines] == ["1", "2", "3"]
    assert [line[2] for line in lines] == KINDS
    assert all(life["first"] in " ".join(line) for line in lines)
    assert all(line[-2] == "observation" for line in lines)


def test_lines_of_json_hold_both_sides(life: dict[str, str], run: CliRunner, app: Typer) -> None:
    result = run.invoke(app, ["--format", "json", "--after", "1"])
    split, move = (json.loads(line) for line in result.output.splitlines())
    assert (split["position"], move["position"]) == (2, 3)
    assert split["before"] == [
        {"customerId": life["first"], "identifiers": ["device_id:tablet", "email:a@example.com", "user_id:1"]}
    ]
    assert {side["customerId"]: side["identifiers"] for side in split["after"]} == {
        life["first"]: ["email:a@example.com", "user_id:1"],
        life["newcomer"]: ["device_id:tablet", "user_id:2"],
    }
    assert split["trigger"]["kind"] == "OBSERVATION"


def test_only_what_happened_since_is_told(life: dict[str, str], run: CliRunner, app: Typer) -> None:
    assert len(run.invoke(app, ["--since", "2020-01-01"]).output.splitlines()) == 3
    assert run.invoke(app, ["--since", "2999-01-01"]).output == ""
    assert run.invoke(app, ["--since", "soon"]).exit_code == 2


async def test_it_goes_on_with_what_happens(life: dict[str, str], see: See, service: Service) -> None:
    told: list[str] = []
    async with aclosing(tell_changes(service, ChangeFilter(), None, follow=True)) as changes:
        async for one in changes:
            told.append(line_of(one, OutputFormat.TEXT).split()[2])
            if len(told) == 3:
                await see("user_id:2", "device_id:tablet")
            if len(told) == 4:
                break
    assert told == [*KINDS, "IDENTIFIER_MOVED"]
