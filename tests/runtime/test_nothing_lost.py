"""Numbered events while Neo4j hangs, Neo4j is killed and the service is killed: what was acknowledged is there, once."""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from identity_graph.runtime import find_server
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.runtime.embedding import Serving, clear, end_of, movable, serving, until

IN_TIME = 8.0
"""Seconds within which each answer must come; one on a machine of its own."""


@pytest.fixture
def own(tmp_path: Path) -> Generator[Settings]:
    settings = movable(tmp_path / "data")
    yield settings
    clear(settings)


class Sender(threading.Thread):
    """Sends numbered events one after the other and never again, and notes which were acknowledged, and how long that took."""

    def __init__(self, service: Serving) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.acknowledged: list[str] = []
        self.refused: list[int] = []
        self.slowest = 0.0
        self._stopping = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._stopping.wait(0.02):
            name = f"n-{number}"
            number += 1
            begun = time.monotonic()
            try:
                answer = self.service.send(name)
            except httpx.HTTPError:
                continue  # the service is not there: nobody acknowledged it
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if answer.status_code == 200:
                self.acknowledged.append(name)
            else:
                self.refused.append(answer.status_code)

    def sends(self, more: int) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= wanted, f"{more} more answers of 200")

    def stop(self) -> None:
        self._stopping.set()
        self.join()


async def read_message_ids(settings: Settings) -> Counter[Any]:
    server = find_server(settings)
    assert server is not None
    async with await Graph.connect(server.uri, server.user, server.password) as graph:
        return Counter([row["id"] for row in await graph.run("MATCH (e:Event) RETURN e.message_id AS id")])


def test_what_was_acknowledged_is_there_once_whatever_was_killed(own: Settings) -> None:
    with serving(own) as first:
        sender = Sender(first)
        sender.start()
        sender.sends(20)

        os.kill(first.neo4j, signal.SIGSTOP)
        try:
            sender.sends(60)
        finally:
            os.kill(first.neo4j, signal.SIGCONT)
        sender.sends(20)

        end_of(first.neo4j)
        sender.sends(60)
        assert not sender.refused, "while only Neo4j failed, everything was acknowledged"
        assert sender.slowest < IN_TIME

        os.kill(first.neo4j, signal.SIGSTOP)
        hanging = first.neo4j
        sender.sends(30)
        first.process.kill()  # with events in the spool, and some on their way there
        first.process.wait()
        os.kill(hanging, signal.SIGCONT)
        with serving(own) as second:
            sender.service = second
            sender.sends(20)
            sender.stop()
            second.settle()
            stored = asyncio.run(read_message_ids(own))
            assert second.end() in {0, -signal.SIGTERM, 130}
    assert set(sender.acknowledged) <= set(stored), "nothing is lost"
    assert set(stored.values()) == {1}, "nothing is there twice"
    assert len(sender.acknowledged) >= 210
