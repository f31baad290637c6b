"""docs/files.md says what is so: its files are read, its messages come out, its commands run, its tables are complete."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.domain.values.observations import Channel
from identity_graph.files import (
    mapping_conditions,
    mapping_file,
    mapping_messages,
    mapping_values,
    records,
    watch_config,
    watch_folder,
)
from identity_graph.files.exporting import COLUMNS
from identity_graph.files.mapping import ValueType
from identity_graph.files.mapping_file import load_mapping
from identity_graph.files.reading import open_records
from identity_graph.files.records import Record
from identity_graph.files.watch_config import CONFIG, load_watch_config
from identity_graph.store.driver.graph import Graph

TEXT = (Path(__file__).parents[2] / "docs" / "files.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL))
MESSAGES = re.findall(r"<!-- message of (\S+) and (\S+) -->\n```json\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the files of the page."""
    folder = tmp_path / "files"  # beside the data folder
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content, "utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_every_fenced_block_of_the_page_is_tried() -> None:
    blocks = len(FILES) + len(MESSAGES) + len(re.findall("```sh\n", TEXT))
    assert TEXT.count("```") == 2 * blocks
    mapped = {name for mapping, table, _ in MESSAGES for name in (mapping, table)}
    assert {name for name in FILES if not name.endswith(".ndjson")} == mapped | {CONFIG}


@pytest.mark.parametrize(("mapping", "table", "expected"), MESSAGES)
def test_a_row_of_the_page_becomes_the_message_of_the_page(
    folder: Path, mapping: str, table: str, expected: str
) -> None:
    with open_records(folder / table, load_mapping(folder / mapping)) as file:
        [(_, outcome)] = list(file.records())
    assert isinstance(outcome, Record)
    assert list(outcome.messages) == [json.loads(expected)]


def test_the_commands_of_the_page_work(folder: Path, graph: Graph, environment: None) -> None:
    assert len(COMMANDS) > 8
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        result = CliRunner().invoke(app, arguments)
        assert (program, result.exit_code) == ("identity-graph", 0), (command, result.output)
        assert '"rejected":[{' not in result.output
    assert {path.name for path in folder.iterdir()} == {*FILES, "identifiers.csv", "identifiers.parquet"}


def test_the_configuration_of_a_watch_is_read(folder: Path) -> None:
    config = load_watch_config(folder, None)
    assert config is not None
    assert [(it.pattern, it.source) for it in config.entries] == [("orders-*.csv*", "shop"), ("*.ndjson", "import")]
    text = TEXT[TEXT.index("## Watch a folder") :]
    assert {f"`{ending}`" for ending in watch_folder._UNFINISHED} <= set(re.findall(r"`[^`\n]+`", text))


def keys_of_tables() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))


def test_every_key_of_a_mapping_is_on_the_page() -> None:
    keys = {
        *watch_config.ENTRY_KEYS,
        *mapping_file.KEYS,
        *mapping_messages.EVENT_KEYS,
        *mapping_values.KEYS,
        *mapping_conditions.KEYS,
    }
    assert keys - {"format", "column", "value"} <= keys_of_tables()


def test_every_channel_every_type_every_column_and_every_code_is_on_the_page() -> None:
    words = set(re.findall(r"`(\w+)`", TEXT))
    assert {*Channel, *ValueType, *COLUMNS} <= words
    codes = {value for name, value in vars(records).items() if name.isupper() and isinstance(value, str)}
    assert codes <= keys_of_tables()
    errors = Path(__file__).parents[2] / "docs" / "errors"
    assert {code for code in codes if not (errors / f"{code}.md").is_file()} == set()


def test_every_option_of_the_import_is_on_the_page() -> None:
    shown = CliRunner().invoke(app, ["import", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    options = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}
    assert len(options) > 5
    assert options <= set(re.findall(r"--[a-z][a-z-]+", TEXT))
