import json
from typing import Any

import httpx
import pytest

from identity_graph.domain.collecting.segment.messages import Rejection, RejectionCode
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.collecting.dead_letters import Refused, keep_dead_letters, retry_dead_letters
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, letters, sources

NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> Any:
    async with open_service(settings) as service:
        yield service


def refused(message: object, **fields: Any) -> Refused:
    """A message that an earlier version of the service refused, for whatever reason."""
    rejection = Rejection(RejectionCode.UNKNOWN_TYPE, "of old")
    return Refused(message, rejection, "shop", NOW, None, None)._replace(**fields)


async def test_a_dead_letter_keeps_what_came_and_says_what_is_wrong(client: httpx.AsyncClient, graph: Graph) -> None:
    message = {"type": "order", "userId": "u1", "名": ["小明", 1.5, None]}
    await client.post("/v1/batch", json={"batch": [message]})

    rows = await graph.run(
        "MATCH (d:DeadLetter) WHERE d.id >= '' RETURN d.code AS code, d.reason AS reason, d.source AS source, "
        "d.raw AS raw, d.attempts AS attempts, d.received_at > datetime() - duration('PT1M') AS recent"
    )
    [row] = rows
    assert (row["code"], row["source"], row["attempts"], row["recent"]) == ("unknown_type", "default", 0, True)
    assert "identify" in row["reason"]
    assert json.loads(row["raw"]) == message


async def test_a_message_that_is_sent_again_is_one_dead_letter(client: httpx.AsyncClient, graph: Graph) -> None:
    for n in range(3):
        await client.post("/v1/batch", json={"batch": [{"type": "order", "sentAt": n}, {"type": "order", "sentAt": n}]})
    await client.post("/v1/track", json={"type": "order"})

    assert len(await letters(graph)) == 2


async def test_dead_letters_are_counted_once(service: Service, graph: Graph) -> None:
    for _ in range(2):
        report = await collect(service, [{"type": "order"}, {"type": "order"}, 5], source="shop", received_at=NOW)
        assert (report.accepted, report.duplicates, report.dead_lettered) == (0, 0, 3)

    rows = await graph.run("MATCH (n:IngestCounter) WHERE n.writer >= '' RETURN sum(n.dead_lettered) AS n")
    assert rows == [{"n": 2}]


async def test_the_report_tells_what_became_of_each_message(service: Service) -> None:
    batch: list[object] = [
        {"type": "track", "messageId": "m1", "userId": "u1", "email": "x"},
        {"type": "track", "messageId": "m1", "userId": "u1"},
        {"type": "track", "messageId": "m2", "userId": "null", "anonymousId": "a1"},
        {"type": "track", "messageId": "m3"},
    ]

    report = await collect(service, batch, source="shop", received_at=NOW)

    assert (report.accepted, report.duplicates, report.dead_lettered) == (2, 1, 1)
    assert [getattr(result, "duplicate", None) for result in report.results] == [False, True, False, None]
    assert isinstance(report.results[3], Rejection)
    assert report.ignored == {("user_id", "blocked"): 1}


async def test_a_retry_takes_what_is_readable_now_and_keeps_its_times(service: Service, graph: Graph) -> None:
    good = {"event": "Signed Up", "userId": "u1", "timestamp": "2001-01-01T00:00:00Z"}
    kept = [
        refused(good, default_type="track", sent_at="2001-01-01T00:01:00Z"),
        refused({"type": "order", "userId": "u2"}),
        refused({"type": "track", "userId": "\ud800"}),
    ]
    assert await keep_dead_letters(service.units, kept) == 3
    assert await keep_dead_letters(service.units, kept) == 0

    assert await retry_dead_letters(service) == (3, 1, 2)

    assert await event_names(graph) == ["Signed Up"]
    assert await sources(graph) == {"shop"}
    rows = await graph.run(
        "MATCH (e:Event) WHERE e.id >= '' "
        "RETURN e.received_at.epochMillis AS received, e.occurred_at.epochMillis AS occurred"
    )
    assert rows == [{"received": NOW // 1000, "occurred": NOW // 1000 - 60_000}]
    left = await letters(graph)
    assert {(letter.attempts, (letter.last_error or "").partition(":")[0]) for letter in left} == {
        (1, "unknown_type"),
        (1, "invalid_text"),
    }
    assert await retry_dead_letters(service) == (2, 0, 2)
    assert {letter.attempts for letter in await letters(graph)} == {2}


async def test_a_retry_of_some_leaves_the_others_alone(service: Service, graph: Graph) -> None:
    messages = [{"type": "track", "userId": f"u{n}", "event": f"Event {n}"} for n in range(120)]
    await keep_dead_letters(service.units, [refused(message) for message in messages])
    chosen = [letter.id for letter in await letters(graph)][:60]

    assert await retry_dead_letters(service, [*chosen, chosen[0], "dlq_none"]) == (60, 60, 0)
    assert await retry_dead_letters(service, []) == (0, 0, 0)
    assert len(await letters(graph)) == 60
    assert await retry_dead_letters(service) == (60, 60, 0)
    assert await letters(graph) == []
    assert len(await event_names(graph)) == 120


async def test_what_was_accepted_meanwhile_is_no_dead_letter_any_more(service: Service, graph: Graph) -> None:
    message = {"type": "track", "userId": "u1", "event": "Signed Up"}
    await keep_dead_letters(service.units, [refused(message)])
    await collect(service, [message], source="shop", received_at=NOW)

    assert await retry_dead_letters(service) == (1, 1, 0)
    assert await event_names(graph) == ["Signed Up"]
    assert await letters(graph) == []


async def test_what_only_the_graph_refuses_becomes_a_dead_letter_too(
    service: Service, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    from identity_graph.service.commit import committer
    from identity_graph.service.commit.taking_in import take_in

    async def refuse_one(tx: Any, events: Any, *rest: Any) -> Any:
        if any(event.name == "Poison" for event in events):
            raise ValueError("no")
        return await take_in(tx, events, *rest)

    batch: list[object] = [
        {"type": "track", "userId": "u1", "event": "One"},
        {"type": "track", "userId": "u1", "event": "Poison"},
        {"type": "track", "userId": "u1", "event": "Two"},
    ]
    monkeypatch.setattr(committer, "take_in", refuse_one)
    report = await collect(service, batch, source="shop", received_at=NOW)

    assert (report.accepted, report.dead_lettered) == (2, 1)
    assert await event_names(graph) == ["One", "Two"]
    assert [letter.code for letter in await letters(graph)] == ["refused_by_graph"]
    assert await retry_dead_letters(service) == (1, 0, 1)

    monkeypatch.undo()
    assert await retry_dead_letters(service) == (1, 1, 0)
    assert await event_names(graph) == ["One", "Poison", "Two"]


async def test_what_cannot_be_kept_is_refused_again_when_it_is_tried_again(
    client: httpx.AsyncClient, graph: Graph, service: Service
) -> None:
    for bad in (
        b'{"userId": NaN}',
        b'{"userId": 123456789012345678901}',
        b'{"userId": "\\ud800"}',
        b'{"userId": "caf\xe9"}',
    ):
        await client.post("/v1/track", content=bad)
    before = await letters(graph)

    assert await retry_dead_letters(service) == (4, 0, 4)
    assert [(letter.code, letter.raw) for letter in await letters(graph)] == [
        (letter.code, letter.raw) for letter in before
    ]
    assert await event_names(graph) == []
