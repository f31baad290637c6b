"""What a start shows of itself."""

from io import StringIO

import pytest
from rich.console import Console

from identity_graph.runtime import Fetching, Waiting, shown_on

STEPS = [Fetching(jars, 4, jars * 25, 100) for jars in range(5)] + [Waiting("Neo4j is starting")] * 50


def shown(*, terminal: bool) -> str:
    written = StringIO()
    with shown_on(Console(file=written, force_terminal=terminal, width=120)) as progress:
        for step in STEPS:
            progress(step)
    return written.getvalue()


def test_a_terminal_shows_the_jars_as_they_come_and_then_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = shown(terminal=True)
    assert "Fetching Neo4j, once: 4 of 4 jars" in text
    assert "Neo4j is starting" in text


def test_a_terminal_that_cannot_redraw_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert shown(terminal=True).splitlines()[-1] == "Neo4j is starting …"


def test_a_log_file_gets_a_few_plain_lines() -> None:
    lines = shown(terminal=False).splitlines()
    assert lines == [
        "Fetching Neo4j, once (0 MB): 0 % …",
        "Fetching Neo4j, once (0 MB): 25 % …",
        "Fetching Neo4j, once (0 MB): 50 % …",
        "Fetching Neo4j, once (0 MB): 75 % …",
        "Fetching Neo4j, once (0 MB): 100 % …",
        "Neo4j is starting …",
    ]
