"""``identity-graph rules diff``: what an owner of rules is told before they apply them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from identity_graph.cli.rules.commands import rules_app
from identity_graph.cli.rules.diff import print_diff, verdict
from identity_graph.domain.identity.customer_diff import RuleDiff
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from identity_graph.terminal import Console
from tests.worlds.worlds import keep_rules, make_event, make_rules, to_yaml

RULES = make_rules()
TABLET = [make_event(1, 1, ("crm:1", "device:1"), RULES), make_event(2, 2, ("crm:2", "device:1"), RULES)]

THEN = "some would merge, others split. Check the examples before you apply the rules; `identity-graph rules rollback` undoes it."


@pytest.fixture
def terminal(environment: None) -> CliRunner:
    """Give a terminal whose environment names the Neo4j of the tests."""
    return CliRunner()


@pytest.fixture
async def tablet(graph: Graph) -> None:
    """Have two people use one tablet, one after the other."""
    await keep_rules(graph, RULES)
    await graph.write(lambda tx: take_in(tx, TABLET, Regime(RULES, 1, 10**15)))


def run(terminal: CliRunner, tmp_path: Path, *options: str, conflict: Conflict = Conflict.OLDEST) -> Result:
    file = tmp_path / "new.yaml"
    file.write_text(to_yaml(make_rules(conflict=conflict)), "utf-8")
    return terminal.invoke(rules_app, ["diff", str(file), *options])


@pytest.mark.usefixtures("tablet")
def test_it_tells_what_would_change_with_an_example(terminal: CliRunner, tmp_path: Path) -> None:
    result = run(terminal, tmp_path)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "2  customers now",
        "2  customers under new.yaml",
        "2  would merge with another customer",
        "1  would split",
        "0  would stay the same",
        "",
        "The largest new customers would have 2 and 1 identifiers.",
        "",
        "2 customers now, 2 then",
        "  - crm:2, device:1",
        "  - crm:1",
        "  + crm:1, device:1",
        "  + crm:2",
        "",
        f"2 of 2 customers (100.0%) would change: {THEN}",
    ]


@pytest.mark.usefixtures("tablet")
def test_it_tells_when_nothing_would_change(terminal: CliRunner, tmp_path: Path) -> None:
    result = run(terminal, tmp_path, conflict=Conflict.NEWEST)
    assert result.exit_code == 0
    assert "No customer would change." in result.stdout


@pytest.mark.usefixtures("tablet")
def test_it_tells_the_same_to_a_program(terminal: CliRunner, tmp_path: Path) -> None:
    result = run(terminal, tmp_path, "--format", "json")
    assert json.loads(result.stdout) == {
        "customersBefore": 2,
        "customersAfter": 2,
        "merged": 2,
        "split": 1,
        "unchanged": 0,
        "largest": [2, 1],
        "examples": [{"before": [["crm:2", "device:1"], ["crm:1"]], "after": [["crm:1", "device:1"], ["crm:2"]]}],
    }


@pytest.mark.usefixtures("tablet")
def test_a_set_that_ships_can_be_compared_by_its_name(terminal: CliRunner) -> None:
    result = terminal.invoke(rules_app, ["diff", "never-guess", "--examples", "0"])
    assert result.exit_code == 0
    assert "0  customers under never-guess" in result.stdout


def test_long_lists_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    found = RuleDiff()
    found.add([frozenset({f"a:{n:02}" for n in range(14)})], [frozenset({f"a:{n:02}"}) for n in range(14)])
    print_diff(Console(soft_wrap=True, width=300), "new.yaml", found, 1)
    shown = capsys.readouterr().out
    assert "a:11 … and 2 more" in shown
    assert "+ … and 8 more customers" in shown


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("ab c", "abc", "some would merge"),
        ("abc", "ab c", "some would split"),
        ("ab", "a", "none would merge or split"),
    ],
)
def test_the_verdict_says_what_kind_of_change_it_is(before: str, after: str, what: str) -> None:
    found = RuleDiff()
    found.add([frozenset(word) for word in before.split()], [frozenset(word) for word in after.split()])
    assert what in verdict(found)


def test_a_file_that_cannot_be_read_is_told(terminal: CliRunner, tmp_path: Path) -> None:
    result = terminal.invoke(rules_app, ["diff", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "cannot be read as rules" in str(result.exception)


def test_a_file_that_holds_no_rules_is_told_with_line_and_field(terminal: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("format: 1\nnamespaces:\n  crm: {limit: many}\n", "utf-8")
    result = terminal.invoke(rules_app, ["diff", str(file)])
    assert result.exit_code == 1
    assert "new.yaml:3: namespaces.crm.limit" in str(result.exception)
