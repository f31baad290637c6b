"""The context of a message reaches the graph on every way in, with a shortened address unless a setting keeps it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from identity_graph.domain.collecting.segment.fields import Rejection, RejectionCode
from identity_graph.domain.journeys.contexts import unpack_context
from identity_graph.files.importing import import_file
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.collecting.dead_letters import Refused, keep_dead_letters, retry_dead_letters
from identity_graph.service.core import Service
from identity_graph.store.driver.graph import Graph

NOW = 1_800_000_000_000_000
CONTEXT = {
    "locale": "zh-CN",
    "page": {"title": "首页", "url": "https://shop.example/"},
    "ip": "203.0.113.77",
    "traits": {"plan": "gold"},
}
MESSAGE: dict[str, Any] = {"type": "track", "event": "Seen", "userId": "ann", "messageId": "m1", "context": CONTEXT}
KEPT = {"locale": "zh-CN", "page": {"title": "首页", "url": "https://shop.example/"}, "ip": "203.0.113.0"}


async def contexts(graph: Graph) -> list[Any]:
    rows = await graph.run("MATCH (e:Event) RETURN e.context AS context ORDER BY e.message_id")
    return [json.loads(unpack_context(row["context"])) for row in rows]


@pytest.mark.parametrize("keep_ip", [False, True])
async def test_a_collected_message_keeps_its_context(service: Service, graph: Graph, keep_ip: bool) -> None:
    service = replace(service, settings=service.settings.model_copy(update={"keep_ip": keep_ip}))
    await collect(service, [MESSAGE, {**MESSAGE, "messageId": "m2", "context": None}], source="web", received_at=NOW)
    assert await contexts(graph) == [{**KEPT, "ip": "203.0.113.77" if keep_ip else "203.0.113.0"}, {}]


async def test_an_imported_message_keeps_its_context(service: Service, graph: Graph, tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    file.write_text(json.dumps(MESSAGE) + "\n", encoding="utf-8")
    await import_file(service, file, None, source="import", rejects=tmp_path / "rejects.ndjson")
    assert await contexts(graph) == [KEPT]


async def test_a_dead_letter_keeps_all_that_came_and_its_event_the_context(service: Service, graph: Graph) -> None:
    refused = Refused(MESSAGE, Rejection(RejectionCode.REFUSED_BY_GRAPH, "?"), "web", NOW, None, None)
    await keep_dead_letters(service.units, [refused])
    (letter,) = await graph.run("MATCH (d:DeadLetter) RETURN d.raw AS raw")
    assert json.loads(letter["raw"]) == MESSAGE
    assert (await retry_dead_letters(service)).succeeded == 1
    assert await contexts(graph) == [KEPT]
