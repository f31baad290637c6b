"""Running the blocks of a page, one after the other, as a reader who follows it does."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from identity_graph.domain.rules.file import parse_rules
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.docs.blocks import ADDRESS, Block, fits, normalise
from tests.docs.programs import run_program
from tests.live import Live

_SECONDS = 120
_SECONDS_TO_FOLLOW = 15
_COPIED = {"id": "id", "after": "endCursor", "asOf": "at"}
"""Arguments that a reader copies from the last answer, and the fields that they are there."""

_TO_PASTE = re.compile(r'\b(id|after|asOf): "(?:jdg_)?…"')


class Reader:
    """Somebody who follows a page in a folder of their own, with a service and its graph at hand."""

    def __init__(self, live: Live, settings: Settings, graph: Graph, folder: Path) -> None:
        assert settings.neo4j_password is not None
        self._live = live
        self._graph = graph
        self._folder = folder
        self._environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "IDENTITY_GRAPH_NEO4J_URI": settings.neo4j_uri or "",
            "IDENTITY_GRAPH_NEO4J_USER": settings.neo4j_user,
            "IDENTITY_GRAPH_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
            "IDENTITY_GRAPH_NEO4J_DATABASE": settings.neo4j_database,
            "IDENTITY_GRAPH_DATA_DIR": str(settings.data_dir),
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }

    async def follow(self, blocks: Sequence[Block]) -> None:
        """Run the blocks; a block of output right after one that gives some is compared with it."""
        output = asked_of = ""
        for number, block in enumerate(blocks):
            before = blocks[number - 1].language if number else ""
            if block.file is not None:
                (self._folder / block.file).write_text(block.text, "utf-8")
                check_file(block)
            elif block.language in {"bash", "sh"}:
                output = "".join([self._execute(block, text) for text in commands_apart(self._at_hand(block.text))])
            elif block.language == "python":
                output = self._run(block, [sys.executable, "-c", self._at_hand(block.text)])
            elif block.language == "graphql":
                asked_of, output = output, self._ask(block, output)
            elif block.language == "cypher":
                rows = await self._graph.run(block.text)
                assert rows, f"{block.place}: the query finds nothing"
            elif (
                block.language == "json" and before == "graphql" and not blocks[number - 1].text.startswith("mutation")
            ):
                self._look_again(blocks[number - 1], asked_of, block, output)
            elif block.language in {"json", "text"} and before in {"bash", "python", "graphql"}:
                compare(block, output)
            else:
                check_data(block)

    def _look_again(self, asked: Block, said: str, shown: Block, output: str) -> None:
        """Compare an answer with the page; what follows in the background may take a moment, so ask again until it is there."""
        deadline = time.monotonic() + _SECONDS_TO_FOLLOW
        while not is_shown(shown, output) and time.monotonic() < deadline:
            time.sleep(0.2)
            output = self._ask(asked, said)
        compare(shown, output)

    def _at_hand(self, text: str) -> str:
        return text.replace(ADDRESS, self._live.url)

    def _execute(self, block: Block, text: str) -> str:
        # The commands of the README are run by the installed program itself, and so is what takes more of a shell than a file.
        if block.page == "README.md" or not text.startswith("identity-graph ") or set("|&;<$`\n") & set(text):
            return self._run(block, ["bash", "-euo", "pipefail", "-c", text])
        arguments, _, file = text.partition(" > ")
        done = run_program(
            shlex.split(arguments)[1:], folder=self._folder, environment=self._environment, seconds=_SECONDS
        )
        said = self._heard(block, done)
        if not file:
            return said
        (self._folder / file.strip()).write_text(said, "utf-8")
        return ""

    def _run(self, block: Block, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self._environment, cwd=self._folder, capture_output=True, text=True, timeout=_SECONDS
        )
        return self._heard(block, done)

    def _heard(self, block: Block, done: "subprocess.CompletedProcess[str]") -> str:
        assert done.returncode == 0, f"{block.place}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.replace(self._live.url, ADDRESS)

    def _ask(self, block: Block, said: str) -> str:
        query = paste(block, said)
        headers = {"Authorization": f"Bearer {self._live.admin_key}"}
        answer = clients.post(f"{self._live.url}/graphql", json={"query": query}, headers=headers, timeout=30)
        assert answer.status_code == 200, f"{block.place}: {answer.text}"
        return answer.text


def paste(block: Block, said: str) -> str:
    """Put into a query what its reader copies from the last answer: where the page has ``…`` as one of these arguments."""

    def copy(match: re.Match[str]) -> str:
        copied = re.search(rf'"{_COPIED[match[1]]}":\s*"([^"]+)"', said)
        assert copied is not None, f"{block.place}: the last answer has nothing to copy for {match[1]!r}"
        return f'{match[1]}: "{copied[1]}"'

    return _TO_PASTE.sub(copy, block.text)


def is_shown(block: Block, output: str) -> bool:
    """Tell whether an answer is the one that the page shows."""
    return is_like(json.loads(normalise(block.text)), json.loads(normalise(output)))


def compare(block: Block, output: str) -> None:
    """Compare what was printed with what the page shows."""
    if block.language == "json":
        assert is_shown(block, output), f"{block.place}: the page shows\n{block.text}\nbut it is\n{output}"
    else:
        assert fits(block.text, output), f"{block.place}: the page shows\n{block.text}\nbut it is\n{output}"


def is_like(told: Any, said: Any) -> bool:
    """Whether an answer is the one of the page, in which the text ``…`` stands for any value."""
    if told == "…":
        return True
    if isinstance(told, dict) and isinstance(said, dict):
        return told.keys() == said.keys() and all(is_like(told[name], said[name]) for name in told)
    if isinstance(told, list) and isinstance(said, list):
        return len(told) == len(said) and all(map(is_like, told, said))
    return told == said


def check_file(block: Block) -> None:
    """Check that a file of a page is what its name says."""
    assert block.file is not None
    if block.file.endswith(".ndjson"):
        assert all(isinstance(json.loads(line), dict) for line in block.text.splitlines()), block.place
    elif block.file.endswith((".yaml", ".yml", ".json")):
        check_data(block)


def check_data(block: Block) -> None:
    """Check that a block that nothing runs can at least be read as what it is."""
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        content = yaml.safe_load(block.text)
        assert content, block.place
        if "namespaces" in content:
            parse_rules(block.text, name=block.place)
    elif block.language == "http":
        json.loads(block.text.partition("\n\n")[2])
    else:
        assert block.language in {"text", "mermaid"}, f"{block.place}: nobody knows how to check {block.language!r}"


def commands_apart(text: str) -> list[str]:
    """Split the text of a block into commands of one line each, if it is made of such; else it is one command."""
    lines = text.splitlines()
    return lines if lines[0].startswith("identity-graph ") else [text]


def commands_of(block: Block) -> list[list[str]]:
    """Split a block of the shell into commands of words, without what sets variables before them."""
    lines = block.text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    return [[word for word in words if "=" not in word or word.startswith("-")] for words in commands if words]
