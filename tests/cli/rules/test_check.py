"""``identity-graph rules``: what an owner of rules sees in the terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from identity_graph.cli.rules.commands import rules_app
from identity_graph.domain.rules.file import PRESETS, read_preset


def run(*arguments: str) -> Result:
    return CliRunner().invoke(rules_app, list(arguments), env={"COLUMNS": "100", "NO_COLOR": "1"})


def write(folder: Path, text: str | bytes) -> str:
    path = folder / "rules.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_valid_file_is_shown_as_a_table(tmp_path: Path) -> None:
    result = run("check", write(tmp_path, read_preset("default")))
    assert result.exit_code == 0
    assert result.stdout.startswith("rules.yaml is valid: 11 namespaces, strongest first.")
    rows = {tuple(line.split()) for line in result.stdout.splitlines()}
    assert rows >= {
        ("crm_id", "CrmRecord", "1", "newest", "50"),
        ("openid", "OpenID", "1", "newest", "50", "scoped,", "visitor"),
        ("phone", "Phone", "5", "newest", "8", "read", "as", "phone"),
        ("anonymous_id", "Cookie", "50", "within", "365", "days", "newest", "12", "visitor"),
    }
    assert "A session ends after 30 minutes without an event." in result.stdout
    assert "other namespaces are ignored" in result.stdout


def test_what_differs_from_the_default_is_shown(tmp_path: Path) -> None:
    text = """
        undeclared: accept
        session_gap: P1DT1H
        namespaces: {card: {blocked: [/^x/], max_partners: 3, conflict: nobody}}
    """
    result = run("check", write(tmp_path, text))
    assert "1 namespace, strongest first" in result.stdout
    assert "other namespaces are accepted, after these" in result.stdout
    assert "after 1 day 1 hour without" in result.stdout
    rows = {tuple(line.split()) for line in result.stdout.splitlines()}
    assert ("card", "Card", "any", "number", "nobody", "3", "own", "blocked", "values") in rows


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert run("check", write(tmp_path, b"\xef\xbb\xbf" + read_preset("default").encode())).exit_code == 0


def test_every_problem_of_a_file_is_shown_and_the_exit_code_is_1(tmp_path: Path) -> None:
    result = run("check", write(tmp_path, "namespaces:\n  a: {limt: 1}\n  b: {limit: [many]}\n"))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "rules.yaml:2: namespaces.a.limt: unknown key; did you mean 'limit'?",
        "rules.yaml:3: namespaces.b.limit: expected a whole number of at least 1 or {count, within}, got a list",
        "rules.yaml is not valid; docs/rules.md explains every key.",
    ]


@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), (b"a: \xff", "is not UTF-8 text (byte 3)")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = str(tmp_path / "missing.yaml") if content is None else write(tmp_path, content)
    result = run("check", path)
    assert result.exit_code == 1
    assert problem in result.stderr


def test_a_set_that_ships_is_checked_by_its_name_and_a_file_of_that_name_is_taken_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("check", "never-guess").stdout.startswith("never-guess is valid: 11 namespaces")
    Path("never-guess").write_text("namespaces: {user_id: {}}\n")
    assert run("check", "never-guess").stdout.startswith("never-guess is valid: 1 namespace, ")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_printed_as_it_is(name: str) -> None:
    assert run("show", name).stdout == read_preset(name)


def test_an_unknown_preset_is_refused() -> None:
    result = run("show", "lastlogin")
    assert result.exit_code == 1
    assert "did you mean 'last-login'?" in result.stderr
