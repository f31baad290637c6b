"""docs/rules.md says what is so: its files are valid, its tables and lists are those of the code."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.rules.commands import rules_app
from identity_graph.domain.identity.resolution import Resolution, resolve
from identity_graph.domain.rules.blocked import BLOCKED_VALUES
from identity_graph.domain.rules.file import PRESETS, load_preset, parse_rules
from identity_graph.domain.rules.normalization import normalize
from identity_graph.domain.rules.rule_set import NamespaceRule, Normalization
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Observation

TEXT = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_every_rules_file_of_the_page_is_valid(block: str) -> None:
    assert parse_rules(block).namespaces


def test_every_fenced_block_of_the_page_is_tried() -> None:
    changing = len(blocks("bash")) + len(blocks("text"))  # tests/docs/test_changing_rules.py runs these on a graph
    assert TEXT.count("```") == 2 * (len(blocks("yaml")) + len(blocks("sh")) + changing)
    assert blocks("yaml")


def test_the_commands_of_the_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = "".join(blocks("sh")).splitlines()
    assert commands
    for command in commands:
        words, _, target = (part.strip() for part in command.partition(">"))
        program, app, *arguments = shlex.split(words)
        assert (program, app) == ("identity-graph", "rules")
        result = CliRunner().invoke(rules_app, arguments)
        assert result.exit_code == 0, result.output
        if target:
            Path(target).write_text(result.stdout, "utf-8")


def test_the_table_of_normal_forms_is_right() -> None:
    rows = re.findall(r"^\| `(phone|email|exact)` \| `(.+?)` \| (?:`(.+)`|invalid) \|$", TEXT, re.MULTILINE)
    assert {kind for kind, *_ in rows} == {"phone", "email", "exact"}
    for kind, raw, expected in rows:
        rule = NamespaceRule(name="any", label="Any", priority=0, normalize=Normalization(kind))
        assert (normalize(rule, raw, default_region="CN") or "") == expected, raw


def test_every_blocked_value_is_on_the_page() -> None:
    listed = set(re.findall(r"`([^`\n]+)`", TEXT.partition("## Blocked values")[2]))
    assert listed >= BLOCKED_VALUES


def test_every_key_is_on_the_page() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    own = {"name", "priority", "declared", "blocked_patterns"}
    assert documented >= {field.name for field in fields(NamespaceRule) if field.init} - own
    assert documented >= {"format", "default_region", "undeclared", "max_identifiers", "session_gap", "namespaces"}


def test_the_table_of_presets_is_right() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \| `(newest|oldest|nobody)` \|", TEXT.partition("## Keys")[0], re.MULTILINE)
    table = {name.strip("` "): conflict for names, conflict in rows for name in names.split(",")}
    assert table == {name: load_preset(name).namespaces["device_id"].conflict for name in PRESETS}


# The worked examples

DAY = 86_400 * 1_000_000
TABLET, CARDS, COOKIES = blocks("yaml")[-3:]


def resolve_days(rules: str, *observations: tuple[int, str]) -> Resolution:
    """Resolve observations given as the day and the keys seen together."""
    facts = [
        Observation(
            source="docs",
            message_id=str(number),
            occurred_at=day * DAY,
            identifiers=tuple(Identifier.from_key(key) for key in keys.split()),
        )
        for number, (day, keys) in enumerate(observations)
    ]
    return resolve(facts, [], parse_rules(rules))


def customers(resolution: Resolution) -> set[str]:
    return {" ".join(sorted(customer)) for customer in resolution.customers}


MONDAY, TUESDAY, WEDNESDAY = (
    (1, "user_id:ann device_id:T"),
    (2, "user_id:bob device_id:T"),
    (3, "user_id:ann device_id:T"),
)


@pytest.mark.parametrize(
    ("conflict", "expected", "codes"),
    [
        ("newest", {"user_id:ann", "device_id:T user_id:bob"}, {"limit_exceeded"}),
        ("oldest", {"device_id:T user_id:ann", "user_id:bob"}, {"limit_exceeded"}),
        ("nobody", {"user_id:ann", "user_id:bob", "device_id:T"}, {"ambiguous_owner"}),
    ],
)
def test_two_accounts_on_one_tablet(conflict: str, expected: set[str], codes: set[str]) -> None:
    resolution = resolve_days(TABLET.replace("newest", conflict), MONDAY, TUESDAY)
    assert customers(resolution) == expected
    assert {link.code for link in resolution.refused} == codes


def test_the_tablet_comes_back() -> None:
    assert "device_id:T user_id:ann" in customers(resolve_days(TABLET, MONDAY, TUESDAY, WEDNESDAY))


def test_a_third_loyalty_card_stays_alone() -> None:
    seen = [(day, f"loyalty_id:{day} phone:+8613800138000") for day in (1, 2, 3)]
    assert customers(resolve_days(CARDS, *seen)) == {"loyalty_id:2 loyalty_id:3 phone:+8613800138000", "loyalty_id:1"}


def test_cookies_that_people_clear() -> None:
    monthly = [(day, f"user_id:ann anonymous_id:{day}") for day in range(100, 600, 31)]
    assert len(customers(resolve_days(COOKIES, *monthly))) == 1
    weekly = [(100 + number // 2, f"user_id:ann anonymous_id:{number}") for number in range(10)]
    found = customers(resolve_days(COOKIES, *weekly))
    assert "anonymous_id:8 anonymous_id:9 user_id:ann" in found
    assert len(found) == 9
