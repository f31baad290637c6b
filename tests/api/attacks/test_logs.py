"""Nobody writes lines of their own into the log, and nothing personal is in it."""

import httpx
import pytest

from api.errors import log_unforeseen
from identity_graph.logs import log_to_stderr
from identity_graph.store.driver.graph import Graph
from tests.live import Live

FORGED = "2026-01-01 00:00:00 [info     ] all is well"
TRICKS = (
    "a\n" + FORGED,
    "a\r\n" + FORGED,
    "a\u2028" + FORGED,
    "a\x1b[2J\x1b[1;1H" + FORGED,
    "a\x00\x08\x08" + FORGED,
    "a\x85" + FORGED,
)


async def test_what_is_sent_never_begins_a_line(
    live: Live, client: httpx.AsyncClient, graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    for trick in TRICKS:
        message = {"userId": trick, "anonymousId": trick, "event": trick, "traits": {trick: trick}, "type": trick}
        await client.post("/v1/batch", json={"batch": [message, {**message, "type": "track"}]})
        await client.post("/graphql", json={"query": "{ lookup(value: $x) { __typename } }", "operationName": trick})
        await client.get("/" + trick.encode().hex(), params={"x": trick, "writeKey": trick})
        await client.get(f"/v1/pixel/{trick.encode().hex()}", headers={"User-Agent": "x", "X-Write-Key": "a\tb"})
        await client.post("/v1/track", json=message, headers={"X-Write-Key": trick.encode().hex()})
    raw = "GET /%0a2026%0d%0a HTTP/1.1"
    await client.get(raw.split(" ")[1])
    said = capfd.readouterr()
    assert FORGED not in said.out + said.err


def test_a_text_in_a_log_line_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    for trick in TRICKS:
        log_unforeseen(ValueError(trick), {"type": "http", "method": trick, "path": trick})
    lines = capsys.readouterr().err.split("\n")
    assert len([line for line in lines if line]) == len(TRICKS)
    assert not any(line.startswith(FORGED) for line in lines)
    assert not any(sign in line for line in lines for sign in ("\x1b[2J", "\x00", "\x08", "\r", "\u2028", "\x85"))
