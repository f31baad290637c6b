"""Text of strangers reaches a terminal as it is written: nothing in it is obeyed, and nothing of it is lost."""

import ast
import io
import json
import re
import unicodedata
from asyncio import to_thread
from pathlib import Path

import pytest
import structlog
import typer
from rich.table import Table
from typer.testing import CliRunner, Result

from identity_graph.cli.app import app, main
from identity_graph.demo import __main__ as demo
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.errors import RuntimeServerError
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.service.corrections.corrections import Named, declare
from identity_graph.settings import Settings
from identity_graph.terminal import Console, Text, as_json, printable
from tests.builders import NOON

ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b[2J[red]Sale[/] :heart: \u202eelas\x9b1m"
SHOWN = r"\x1b[2J[red]Sale[/] :heart: \u202eelas\x9b1m"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [b]", "plain [b]"),
        ("李伟 ½ 👩\u200d🚀 می\u200cخواهم", "李伟 ½ 👩\u200d🚀 می\u200cخواهم"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x00\x07\x1b\x7f\x85\x9b", r"\x00\x07\x1b\x7f\x85\x9b"),
        ("\u202e\u2066\u200e\u061c", r"\u202e\u2066\u200e\u061c"),
        ("\ufeff\u200b\u00ad\u2028\ud800\U000e0041", r"\ufeff\u200b\xad\u2028\ud800\U000e0041"),
    ],
)
def test_what_a_terminal_acts_on_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_json_reads_as_the_same_value() -> None:
    value = {"name": HOSTILE, "more": ["\U000e0041", "\u2028", "李伟"]}
    for indent in (False, True):
        written = as_json(value, indent=indent)
        assert json.loads(written) == value
        assert is_harmless(written)


def test_every_way_to_a_console_shows_it_whole() -> None:
    table = Table(HOSTILE)
    table.add_row(HOSTILE)
    table.add_row(Text(HOSTILE, style="bold"))
    table.add_row(Text("> ").append(HOSTILE, "red"))
    out = io.StringIO()
    console = Console(file=out, width=200)
    console.print(table)
    console.print(HOSTILE)
    console.print(Text(HOSTILE))
    assert out.getvalue().count(SHOWN) == 6
    assert is_harmless(out.getvalue())


def is_harmless(text: str) -> bool:
    return not any(unicodedata.category(one) in {"Cc", "Cf"} and one != "\n" for one in text)


@pytest.fixture
async def told(settings: Settings, graph: object) -> None:
    """Have strangers tell what should not be obeyed, wherever a text is kept."""
    messages = [
        {"type": "track", "event": HOSTILE, "messageId": "1", "userId": "ann", "context": {"traits": {HOSTILE: HOSTILE}}},
        {"type": "identify", "messageId": "2", "userId": "ann", "anonymousId": "[b]c", "traits": {HOSTILE: HOSTILE, "list": [HOSTILE]}},
        {"type": "identify", "messageId": "3", "userId": "bob", "anonymousId": "c2"},
    ]  # fmt: skip
    async with open_service(settings) as service:
        await collect(service, messages, source=HOSTILE, received_at=NOON)
        known = {"type": "track", "event": "x", "messageId": "4", "anonymousId": "[b]d"}
        merging = {"type": "track", "event": "x", "messageId": "5", "anonymousId": "[b]d", "userId": "bob"}
        for message in (known, merging):
            await collect(service, [message], source=HOSTILE, received_at=NOON)
        await declare(service, Verdict.DIFFERENT, Named("user_id", "ann"), Named("user_id", "bob"), HOSTILE, HOSTILE)


async def run(*arguments: str) -> Result:
    return await to_thread(CliRunner(env={"COLUMNS": "250"}).invoke, app, list(arguments))


@pytest.mark.usefixtures("told", "environment")
async def test_lookup_shows_it(tmp_path: Path) -> None:
    card = (await run("lookup", "ann")).stdout
    assert card.count(SHOWN) >= 3
    assert r"[b]c" in card
    assert is_harmless(card)


@pytest.mark.usefixtures("told", "environment")
@pytest.mark.parametrize(
    "command",
    [
        ("why", "user_id:ann", "user_id:bob"),
        ("why", "user_id:ann", "anonymous_id:[b]c"),
        ("changes",),
        ("changes", "--format", "json"),
        ("doctor",),
        ("doctor", "--format", "json"),
        ("keys", "list"),
        ("rules", "history"),
        ("rules", "diff", "never-guess"),
        ("rules", "diff", "never-guess", "--format", "json"),
    ],
)
async def test_no_command_passes_it_on(command: tuple[str, ...]) -> None:
    result = await run(*command)
    assert result.stdout
    assert is_harmless(result.output)
    if "[b]c" in command[-1]:
        assert r"[b]c" in result.output
    if command[:1] == ("why",) and "bob" in command[-1]:
        assert SHOWN in result.output, "the reason of the judgement"


@pytest.mark.usefixtures("environment", "graph")
async def test_names_of_files_and_what_is_in_them_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "e\x1b[2J[red]\n.ndjson"
    (tmp_path / name).write_text(json.dumps({"type": HOSTILE, "userId": "ann"}) + "\n")
    rules = tmp_path / "r\x1b.yaml"
    rules.write_text("namespaces:\n  user_id: {limit: '[red]\u202e'}\n")
    for command in (["import", name], ["simulate", name], ["simulate", name, "--format", "json"], ["rules", "check", rules.name]):  # fmt: skip
        result = await run(*command)
        assert result.output
        assert is_harmless(result.output), command
    assert r"e\x1b[2J[red]\n.ndjson" in (await run("import", name, "--restart")).output
    assert r"[red]\u202e" in (await run("rules", "check", rules.name)).output


def test_an_error_that_ends_a_command_keeps_what_stands_in_brackets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_NEO4J_URI", "[red]nowhere[/]")
    monkeypatch.setattr("sys.argv", ["identity-graph", "keys", "list"])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "IDENTITY_GRAPH_NEO4J_URI is not a Bolt address: '[red]nowhere[/]' does not begin" in capsys.readouterr().err


def test_so_does_one_that_ends_the_demo(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeServerError("Make [red]room[/] in it.")

    monkeypatch.setattr(demo, "_run", fail)
    with pytest.raises(typer.Exit):
        demo.main()
    assert "Make [red]room[/] in it." in capsys.readouterr().err


def test_no_command_takes_the_console_of_rich() -> None:
    """What is shown goes through ``identity_graph.terminal``."""
    modules = sorted((ROOT / "identity_graph" / "cli").rglob("*.py"))
    assert len(modules) > 10
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and re.fullmatch(r"rich\.(console|text)", node.module or ""):
                names = {alias.name for alias in node.names}
                assert not names & {"Console", "Text"}, f"{path.name}: take it from identity_graph.terminal"


def test_log_lines_stay_out_of_what_a_command_prints(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(app, ["rules", "--help"]).exit_code == 0
    structlog.get_logger("tests").warning("it rains")
    printed = capfd.readouterr()
    assert "it rains" in printed.err
    assert "it rains" not in printed.out
