"""Faults that strike work that takes its time: migrations, an import, a drain of the spool, an application of rules.

Each makes sure that the work was under way when it was struck.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from bench.faults.people import context_of, traces_of
from bench.faults.world import World
from identity_graph.demo.service import command_path
from identity_graph.domain.rules.file import read_preset
from identity_graph.runtime import ServerHandle
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import read_migrations

_SECONDS = 240
_ROWS = 20_000
_STOPPED_SECONDS = 20
_FIRST_EVENTS = 4000

_OLDER = (
    "MATCH (m:Migration) DELETE m",
    "MATCH (c:Former) SET c:Merged REMOVE c:Former",
    "MATCH (n:Change) REMOVE n.position, n.reached_at",
    "MATCH (e:Event) REMOVE e.owner, e.ignored_at",
    "MATCH (i:Identifier) REMOVE i.quarantined_at",
    "MATCH ()-[l:OBSERVED_WITH]->() REMOVE l.refused_at",
)
"""What turns a graph into one of the first release, as far as migrations bring it back."""


def kill_in_migration(world: World) -> float:
    """Make an older graph of it, and kill the service and Neo4j three times while migrations run."""
    world.wait_until_sent(_FIRST_EVENTS)
    for service in world.services:
        service.end()
    asyncio.run(_make_older(world.find_neo4j()))
    world.service.resume()
    all_of_them = len(read_migrations())
    for part in (1, 2, 3):
        goal = part * all_of_them // 5
        _wait_for(
            lambda goal=goal: goal <= _ask(world, "MATCH (m:Migration) RETURN count(m) AS n", 0) < all_of_them - 1,
            "No migration was under way.",
        )
        world.kill_neo4j()
        world.service.kill()
    return time.monotonic()


def kill_in_import(world: World) -> float:
    """Kill an import of a file twice, and run it again."""
    file = world.folder / "rows.ndjson"
    names = [f"row-{number}" for number in range(_ROWS)]
    with file.open("w") as lines:
        for number, name in enumerate(names):
            lines.write(json.dumps(_row(number, name)) + "\n")
    stored = "MATCH (e:Event) WHERE e.source = 'files' RETURN count(e) AS n"
    command = ["import", str(file), "--source", "files"]
    for part in (1, 2):
        importing = _start(world, *command)
        goal = part * _ROWS // 3
        _wait_for(lambda goal=goal: _ask(world, stored, 0) >= goal, "The import made no progress.", importing)
        if importing.poll() is not None or _ask(world, stored, _ROWS) >= _ROWS:
            raise RuntimeError("The import had ended before it was killed.")
        importing.kill()
        importing.wait()
    if code := _start(world, *command).wait(_SECONDS):
        raise RuntimeError(f"The import ended with {code}; see {_log(world)}.")
    world.acknowledge(names)
    return time.monotonic()


def kill_in_drain(world: World) -> float:
    """Stop Neo4j until the spool holds thousands, and kill the service while it delivers them, twice."""
    for _ in range(2):
        server = world.find_neo4j()
        os.kill(server.pid, signal.SIGSTOP)
        time.sleep(_STOPPED_SECONDS)
        os.kill(server.pid, signal.SIGCONT)
        _wait_for(_Draining(world), "No drain was seen.")
        world.service.kill()
        world.wait_for_answers(time.monotonic())
        if not world.waiting:
            raise RuntimeError("The spool was empty when the service was killed.")
    return time.monotonic()


def kill_in_rules(world: World) -> float:
    """Apply rules that change customers, kill who applies them and the service, twice, and wait until they are applied."""
    world.wait_until_sent(_FIRST_EVENTS)
    for name, text in (("other", _other_rules()), ("former", read_preset("default"))):
        file = world.folder / f"{name}.yaml"
        file.write_text(text)
        applying = _start(world, "rules", "apply", str(file))
        _wait_for(lambda: _is_applying(world), "No rules were being applied.", applying)
        applying.kill()
        world.service.kill()
        if not _is_applying(world):
            raise RuntimeError("The rules were applied before anything was killed.")
        applying.wait()
        world.wait_for_answers(time.monotonic())
    gone = time.monotonic()
    _wait_for(lambda: _ask(world, _STATUS, "") == "ACTIVE", "The rules were not applied to the end.")
    return gone


class _Draining:
    """Whether the spool has become emptier, and is not empty."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._most = 0

    def __call__(self) -> bool:
        waiting = self._world.waiting
        self._most = max(self._most, waiting)
        return 0 < waiting < self._most - 100


_STATUS = "MATCH (r:RuleSet) RETURN r.status AS n ORDER BY r.version DESC LIMIT 1"
_PROGRESS = "MATCH (r:RuleSet) WHERE r.status = 'APPLYING' RETURN r.progress AS n ORDER BY r.version DESC LIMIT 1"


def _is_applying(world: World) -> bool:
    return 0 < float(_ask(world, _PROGRESS, 0.0)) < 1


def _other_rules() -> str:
    """Write rules under which phones are numbers of one owner, who had them first, and tablets are shared sooner."""
    text = read_preset("first-owner")
    changed = text.replace("limit: 5\n", "limit: 1\n").replace("max_partners: 12", "max_partners: 3")
    if changed == text:
        raise RuntimeError("The preset does not have what was to be changed.")
    return changed


def _row(number: int, name: str) -> dict[str, Any]:
    traces = traces_of("row", number, people=5000, phones="139")
    row: dict[str, Any] = {
        "type": "track",
        "event": "Fault",
        "messageId": name,
        "timestamp": f"2026-01-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:00Z",
        "context": context_of(traces),
    }
    if traces.user_id is not None:
        row["userId"] = traces.user_id
    if traces.anonymous_id is not None:
        row["anonymousId"] = traces.anonymous_id
    return row


async def _make_older(server: ServerHandle) -> None:
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        for constraint in await graph.run("SHOW CONSTRAINTS YIELD name"):
            await graph.run(f"DROP CONSTRAINT {constraint['name']}")
        for index in await graph.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
            await graph.run(f"DROP INDEX {index['name']}")
        for statement in _OLDER:
            await graph.run(statement)


def _start(world: World, *arguments: str) -> "subprocess.Popen[bytes]":
    with _log(world).open("ab") as output:
        return subprocess.Popen(
            [str(command_path()), *arguments],
            env=world.commands,
            cwd=world.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _log(world: World) -> Path:
    return world.folder / "command.log"


def _wait_for(done: Callable[[], bool], otherwise: str, process: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + _SECONDS
    while not done():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None and not done()):
            raise RuntimeError(otherwise)
        time.sleep(0.02)


def _ask(world: World, question: LiteralString, unknown: Any) -> Any:
    """Ask Neo4j past the service; ``unknown`` while it does not answer."""
    server = world.neo4j
    if server is None:
        return unknown
    with (
        contextlib.suppress(DriverError, Neo4jError, OSError),
        GraphDatabase.driver(server.uri, auth=(server.user, server.password), max_transaction_retry_time=0) as driver,
        driver.session() as session,
    ):
        row = session.run(question).single()
        return unknown if row is None or row["n"] is None else row["n"]
    return unknown
