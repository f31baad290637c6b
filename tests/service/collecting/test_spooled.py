"""The collector while Neo4j takes nothing, slowly or not at all: what it answers is safe, and is stored once."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from identity_graph.domain.collecting.received import Received
from identity_graph.errors import GraphUnavailableError, SpoolFullError
from identity_graph.service.collecting.collecting import CollectReport
from identity_graph.service.collecting.draining import Drainer, spooling
from identity_graph.service.collecting.erasing import remove_from_spool
from identity_graph.service.collecting.taking import take
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.spool import Entry, SpoolFile, read_folder, spool_folder
from identity_graph.store.driver.graph import Graph

AT = 1_764_000_000_000_000
AWAY = GraphUnavailableError("Neo4j is away, for this test.")


@dataclass
class Spooled:
    """A service with its spool, whose Neo4j can be away."""

    service: Service
    drainer: Drainer
    graph: Graph

    def lose_neo4j(self) -> None:
        self.service.graph.suspend(AWAY)

    def find_neo4j(self) -> None:
        self.service.graph.resume()

    async def send(self, *names: str, source: str = "web", **more: Any) -> CollectReport:
        messages = [{"type": "track", "event": "e", "userId": "u", "messageId": name, **more} for name in names]
        return await take(self.service, Received(messages=messages, source=source, received_at=AT))

    async def stored(self) -> list[str]:
        rows = await self.graph.run("MATCH (e:Event) RETURN e.message_id AS id ORDER BY id")
        return [row["id"] for row in rows]

    async def drained(self) -> list[str]:
        assert self.service.spool is not None
        async with asyncio.timeout(60):
            while self.service.spool.status.messages:  # noqa: ASYNC110 - metrics poll, too
                await asyncio.sleep(0.02)
        return await self.stored()


@asynccontextmanager
async def spooled(graph: Graph, settings: Settings, **more: Any) -> AsyncGenerator[Spooled]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(open_service(settings.model_copy(update=more), patience=30))
        drainer = await stack.enter_async_context(spooling(service))
        assert drainer is not None
        try:
            yield Spooled(service, drainer, graph)
        finally:
            service.graph.resume()


@pytest.fixture
async def here(graph: Graph, settings: Settings) -> AsyncGenerator[Spooled]:
    async with spooled(graph, settings) as one:
        yield one


async def test_with_neo4j_nothing_goes_to_the_spool(here: Spooled) -> None:
    report = await here.send("a")
    assert (report.accepted, report.spooled) == (1, 0)
    assert here.service.spool is not None
    assert here.service.spool.status.messages == 0


async def test_without_neo4j_messages_are_safe_and_are_stored_once_when_it_is_back(here: Spooled) -> None:
    await here.send("before")
    here.lose_neo4j()
    reports = await asyncio.gather(*(here.send(f"m-{number}", f"m-{number}-b") for number in range(20)))
    assert {report.spooled for report in reports} == {2}
    await here.send("before")
    status = here.service.spool.status if here.service.spool else None
    assert status is not None
    assert (status.messages, status.since) == (41, AT)
    here.find_neo4j()
    wanted = sorted(["before", *(f"m-{number}" for number in range(20)), *(f"m-{number}-b" for number in range(20))])
    assert await here.drained() == wanted
    (row,) = await here.graph.run(
        "MATCH (c:IngestCounter) RETURN sum(c.accepted) AS accepted, sum(c.duplicates) AS repeats"
    )
    assert (row["accepted"], row["repeats"]) == (41, 1)


async def test_the_order_of_a_source_is_kept_and_others_do_not_wait_for_it(graph: Graph, settings: Settings) -> None:
    async with spooled(graph, settings, spool_after_ms=2000) as here:
        await _send_in_order(here)


async def _send_in_order(here: Spooled) -> None:
    here.lose_neo4j()
    await here.send("same", properties={"said": "first"})
    assert here.service.spool is not None
    async with here.service.spool.turn:
        here.find_neo4j()
        later = await here.send("same", properties={"said": "second"})
        other = await here.send("other", source="app")
        assert (later.spooled, other.accepted) == (1, 1)
    await here.drained()
    (row,) = await here.graph.run("MATCH (e:Event {message_id: 'same'}) RETURN e.properties AS said")
    assert "first" in row["said"]
    assert (await here.send("next")).accepted == 1, "nothing of it waits any more"


async def test_what_cannot_be_read_becomes_a_dead_letter_by_way_of_the_spool(here: Spooled) -> None:
    here.lose_neo4j()
    messages = [{"type": "track", "messageId": "nobody"}, 5, {"userId": "u", "messageId": "fine"}]
    await take(
        here.service,
        Received(messages=messages, source="web", received_at=AT, sent_at="2025-11-24T16:00:10Z", default_type="track"),
    )
    here.find_neo4j()
    assert await here.drained() == ["fine"]
    rows = await here.graph.run("MATCH (d:DeadLetter) RETURN d.code AS code, d.sent_at AS sent ORDER BY code")
    assert [row["code"] for row in rows] == ["no_identifier", "not_an_object"]
    assert {row["sent"] for row in rows} == {'"2025-11-24T16:00:10Z"'}


async def test_a_slow_commit_is_answered_in_time_and_counts_once(graph: Graph, settings: Settings) -> None:
    async with spooled(graph, settings, spool_after_ms=100) as here:
        blocker = asyncio.Event()

        async def block(tx: Any) -> None:
            await tx.run("MATCH (c:IngestCounter) SET c.blocked = true REMOVE c.blocked")
            await blocker.wait()

        await here.send("before")
        blocking = asyncio.create_task(graph.write(block))
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        report = await here.send("slow")
        took = time.monotonic() - begun
        behind = await here.send("behind")
        assert (report.spooled, behind.spooled) == (1, 1)
        assert took < 5
        blocker.set()
        await blocking
        assert await here.drained() == ["before", "behind", "slow"]
        (row,) = await graph.run(
            "MATCH (c:IngestCounter) RETURN sum(c.accepted) AS accepted, sum(c.duplicates) AS repeats"
        )
        assert (row["accepted"], row["repeats"]) == (3, 0), "the late commit was no repeat of what the spool held"


async def test_a_full_spool_refuses_and_says_so(graph: Graph, settings: Settings) -> None:
    async with spooled(graph, settings, spool_max_mb=1) as here:
        here.lose_neo4j()
        large: dict[str, Any] = {"properties": {"text": "x" * 400_000}}
        assert [(await here.send("a", **large)).spooled, (await here.send("b", **large)).spooled] == [1, 1]
        with pytest.raises(SpoolFullError, match="no room"):
            await here.send("c", **large)
        assert here.service.metrics.registry.get_sample_value("identity_graph_spool_refused_total") == 1
        here.find_neo4j()
        await here.drained()
        assert (await here.send("d")).accepted == 1


async def test_without_a_spool_neo4j_is_waited_for(graph: Graph, settings: Settings) -> None:
    async with (
        open_service(settings.model_copy(update={"spool_max_mb": 0}), patience=30) as service,
        spooling(service) as drainer,
    ):
        assert drainer is None
        service.graph.suspend(AWAY)
        with pytest.raises(GraphUnavailableError, match="for this test"):
            await take(service, Received(messages=[{"userId": "u"}], source="web", received_at=AT))
        service.graph.resume()


async def test_what_is_left_at_the_end_is_delivered_by_the_next_start(graph: Graph, settings: Settings) -> None:
    async with spooled(graph, settings) as here:
        here.lose_neo4j()
        await here.send("left", "too")
        await here.drainer.close()
    assert read_folder(spool_folder(settings.data_dir)).messages == 2
    async with spooled(graph, settings) as again:
        assert await again.drained() == ["left", "too"]


async def test_a_process_drains_what_another_left(graph: Graph, settings: Settings) -> None:
    async with spooled(graph, settings) as lasting:
        async with spooled(graph, settings) as other:
            other.lose_neo4j()
            await other.send("left")
            await other.drainer.close()
        assert lasting.service.spool is not None
        await lasting.service.spool.adopt()
        assert await lasting.drained() == ["left"]


async def test_an_entry_that_fails_for_no_known_reason_is_set_aside_and_others_go_on(
    here: Spooled, monkeypatch: pytest.MonkeyPatch
) -> None:
    from identity_graph.service.collecting import collecting, draining

    monkeypatch.setattr(draining, "_PAUSE_SECONDS", 0.01)
    read = collecting.read_message

    def fail(protocol: Any, message: Any, **more: Any) -> Any:
        if message["messageId"] == "poison":
            raise RuntimeError(message["messageId"])
        return read(protocol, message, **more)

    monkeypatch.setattr(collecting, "read_message", fail)
    here.lose_neo4j()
    for name in ("a", "poison", "b"):
        await here.send(name)
    here.find_neo4j()
    assert await here.drained() == ["a", "b"]
    assert here.service.spool is not None
    assert here.service.spool.status.aside == 1


async def test_a_file_that_breaks_while_it_is_used_loses_nothing_that_can_be_read(here: Spooled) -> None:
    here.lose_neo4j()
    await here.send("a")
    spool = here.service.spool
    assert spool is not None
    own = spool._own
    assert own is not None
    path: Path = own.file.path
    own.file._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as raw:
        raw.write(b"\xff" * 100)
    own.file._database.execute("PRAGMA cache_size = 0")
    await here.send("b")
    here.find_neo4j()
    assert "b" in await here.drained()
    assert len(spool.status.damaged) == 1


async def test_what_belongs_to_somebody_is_removed_before_anything_is_delivered(here: Spooled) -> None:
    here.lose_neo4j()
    ann = {"type": "identify", "messageId": "a", "userId": "ann", "traits": {"email": "Ann@Example.com"}}
    bob = {"type": "track", "event": "e", "messageId": "b", "userId": "bob"}
    unreadable = {"type": "order", "email": "ann@example.com", "messageId": "c"}
    for messages in ([ann, bob], [ann], [unreadable], [bob | {"messageId": "d"}]):
        await take(here.service, Received(messages=messages, source="web", received_at=AT))
    assert await remove_from_spool(here.service, ["email:ann@example.com"]) == 3
    held = b"".join(path.read_bytes() for path in spool_folder(here.service.settings.data_dir).iterdir())
    assert b"ann" not in held.lower()
    here.find_neo4j()
    assert await here.drained() == ["b", "d"]
    assert await here.graph.run("MATCH (d:DeadLetter) RETURN d.code") == []
    assert await remove_from_spool(here.service, []) == 0


async def test_many_requests_share_a_sync(here: Spooled, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    write = SpoolFile.write

    def counted(self: SpoolFile, new: Sequence[Entry], gone: Iterable[int] = ()) -> list[int | SpoolFullError]:
        writes.append(len(new))
        time.sleep(0.02)  # as a sync of a disk takes
        return write(self, new, gone)

    monkeypatch.setattr(SpoolFile, "write", counted)
    here.lose_neo4j()
    await asyncio.gather(*(here.send(f"m-{number}") for number in range(100)))
    assert sum(writes) == 100
    assert len(writes) < 20


async def test_a_source_that_sends_all_the_time_leaves_the_spool(here: Spooled) -> None:
    here.lose_neo4j()
    await here.send("first")
    here.find_neo4j()

    async def send_on(sender: int) -> list[int]:
        return [(await here.send(f"{sender}-{number}")).spooled for number in range(20)]

    spooled_counts = await asyncio.gather(*(send_on(sender) for sender in range(8)))
    assert {counts[-1] for counts in spooled_counts} == {0}
    assert len(await here.drained()) == 161


async def test_a_service_whose_folder_cannot_be_used_works_without_a_spool(graph: Graph, settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "spool").write_text("a file where the folder would be")
    async with open_service(settings) as service:
        with structlog.testing.capture_logs() as logs:
            async with spooling(service) as drainer:
                assert drainer is None
        received = Received(messages=[{"type": "track", "userId": "u"}], source="web", received_at=AT)
        assert (await take(service, received)).accepted == 1
    assert [entry["code"] for entry in logs] == ["SPOOL_UNUSABLE"]
