"""One chain, whoever writes: many reads together, what writes in its own transaction, several services at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from identity_graph.domain.audit.entries import MOST_OBJECTS, Action, Outcome, SealedEntry
from identity_graph.domain.audit.verification import Fault
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.audit import recording
from identity_graph.service.audit.operations import Operation, record_along, recorded_on_write
from identity_graph.service.audit.reading import stream_log, verify_log
from identity_graph.service.audit.recording import Recorder, record, split
from identity_graph.service.new_ids import new_id
from identity_graph.store.driver.graph import ConflictError, Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.rules.rule_sets import find_rule_set
from tests.worlds.audit import make_entry

NOW = 2_000_000_000_000_000


@pytest.fixture
async def recorder(graph: Graph) -> Recorder:
    return Recorder(graph, b"k" * 32)


async def log_of(graph: Graph) -> list[SealedEntry]:
    return [sealed async for sealed in stream_log(graph)]


async def is_intact(graph: Graph) -> bool:
    return (await verify_log(graph, now=NOW)).verdict.problem is None


async def test_what_is_read_back_is_what_was_recorded(graph: Graph, recorder: Recorder) -> None:
    entries = [make_entry(1), make_entry(2, objects=(), counts=(), reason="NOT_FOUND", outcome=Outcome.FAILED)]
    recorder.note(*entries)
    await recorder.flush()
    assert [sealed.entry for sealed in await log_of(graph)] == entries
    assert await is_intact(graph)


async def test_several_writers_make_one_chain(graph: Graph) -> None:
    recorders = [Recorder(graph, b"k" * 32) for _ in range(4)]
    for turn in range(5):
        for number, recorder in enumerate(recorders):
            recorder.note(*(make_entry(1000 * number + 10 * turn + each) for each in range(3)))
        await asyncio.gather(*(recorder.flush() for recorder in recorders))
    assert [sealed.number for sealed in await log_of(graph)] == list(range(1, 61))
    assert await is_intact(graph)


async def test_a_commit_whose_answer_was_lost_is_recorded_once(graph: Graph) -> None:
    for _ in range(2):
        await graph.write(lambda tx: record(tx, make_entry(1), make_entry(2)))
    assert [sealed.entry.id for sealed in await log_of(graph)] == ["aud_1", "aud_2"]


async def test_what_comes_after_a_commit_whose_answer_was_lost_is_recorded_too(
    graph: Graph, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = graph.write

    async def commit_and_lose_the_answer(work: Callable[[WriteTransaction], Awaitable[None]]) -> None:
        await write(work)
        raise GraphUnavailableError("the answer was lost")

    monkeypatch.setattr(graph, "write", commit_and_lose_the_answer)
    recorder.note(make_entry(1), make_entry(2))
    with pytest.raises(GraphUnavailableError):
        await recorder.flush()
    monkeypatch.setattr(graph, "write", write)
    recorder.note(make_entry(3))
    await recorder.flush()
    assert [sealed.entry.id for sealed in await log_of(graph)] == ["aud_1", "aud_2", "aud_3"]


async def test_entries_are_written_soon_without_anybody_asking(
    graph: Graph, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 0.01)
    recorder.start()
    recorder.note(make_entry(1))
    async with asyncio.timeout(20):
        while not await log_of(graph):  # noqa: ASYNC110 - the recorder does it
            await asyncio.sleep(0.02)
    await recorder.close()
    assert recorder.waiting == 0


async def test_what_waits_when_the_service_stops_is_written(graph: Graph, recorder: Recorder) -> None:
    recorder.start()
    recorder.note(make_entry(1))
    await recorder.close()
    assert len(await log_of(graph)) == 1


async def test_a_neo4j_that_is_away_loses_nothing_and_makes_who_asks_wait(
    graph: Graph, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_WAITING", 2)
    recorder.note(make_entry(1), make_entry(2))
    graph.refuse_writes(GraphUnavailableError("away"))
    try:
        with pytest.raises(GraphUnavailableError):
            await recorder.flush()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(recorder.room(), 0.05)
    finally:
        graph.refuse_writes(None)
    await recorder.flush()
    await asyncio.wait_for(recorder.room(), 1)
    assert len(await log_of(graph)) == 2


async def test_many_refusals_are_one_entry_with_their_count(graph: Graph, recorder: Recorder) -> None:
    refused = make_entry(1, action=Action.ASK, outcome=Outcome.REFUSED, counts=(), objects=("hash_1",))
    for number in range(1000):
        recorder.note_merged(replace(refused, id=f"aud_{number}"), "times")
    recorder.note_merged(replace(refused, objects=("hash_2",)), "times")
    recorder.note_merged(replace(refused, operation="other"), "times")
    await recorder.flush()
    first, second = [sealed.entry for sealed in await log_of(graph)]
    assert (first.counts, first.objects) == ((("times", 1001),), ("hash_1", "hash_2"))
    assert second.counts == (("times", 1),)


async def test_merged_entries_are_cut_where_an_entry_is_full(graph: Graph, recorder: Recorder) -> None:
    for start in (0, MOST_OBJECTS // 2, MOST_OBJECTS):
        objects = tuple(f"hash_{number}" for number in range(start, start + MOST_OBJECTS // 2))
        recorder.note_merged(make_entry(start, objects=objects, counts=()), "times")
    await recorder.flush()
    assert [len(sealed.entry.objects) for sealed in await log_of(graph)] == [MOST_OBJECTS, MOST_OBJECTS // 2]


def test_an_entry_with_many_objects_becomes_several() -> None:
    names = [f"cus_{number}" for number in range(MOST_OBJECTS + 1)]
    parts = split(make_entry(1), names)
    assert [name for part in parts for name in part.objects] == names
    assert len({part.id for part in parts}) == 2
    assert [bool(part.counts) for part in parts] == [True, False]
    assert split(make_entry(1), ["a"]) == [make_entry(1, objects=("a",))]


async def test_what_writes_takes_its_entry_along_once(graph: Graph) -> None:
    runs = iter([True, False])

    async def make_twice(tx: WriteTransaction) -> None:
        new_id("bbb")
        if next(runs):
            raise ConflictError

    record_along(graph)
    with recorded_on_write(Operation(make_entry(1), ["cus_1"])) as operation:
        new_id("aaa")
        await graph.write(make_twice)
        await graph.write(find_rule_set)
    assert operation.is_recorded
    await graph.write(find_rule_set)
    (sealed,) = await log_of(graph)
    assert sealed.entry.id == "aud_1"
    assert [name.partition("_")[0] for name in sealed.entry.objects] == ["cus", "aaa", "bbb"]


async def test_what_is_rolled_back_leaves_no_entry(graph: Graph) -> None:
    async def fail(tx: WriteTransaction) -> None:
        await find_rule_set(tx)
        raise ValueError

    record_along(graph)
    with recorded_on_write(Operation(make_entry(1), ())) as operation, pytest.raises(ValueError):  # noqa: PT011
        await graph.write(fail)
    assert not operation.is_recorded
    assert await log_of(graph) == []


@pytest.mark.parametrize(
    ("tamper", "fault", "number"),
    [
        ("MATCH (e:AuditEntry {number: 2}) SET e.who = 'nobody'", Fault.CHANGED, 2),
        ("MATCH (e:AuditEntry {number: 2}) SET e.objects = []", Fault.CHANGED, 2),
        ("MATCH (e:AuditEntry {number: 2}) DELETE e", Fault.MISSING, 2),
        ("MATCH (e:AuditEntry {number: 3}) DELETE e", Fault.CUT_OFF, 3),
        ("MATCH (e:AuditEntry {number: 1}) DELETE e", Fault.MISSING, 1),
    ],
)
async def test_what_is_changed_in_the_graph_is_found(graph: Graph, tamper: str, fault: Fault, number: int) -> None:
    await graph.write(lambda tx: record(tx, *(make_entry(each) for each in range(3))))
    assert await is_intact(graph)
    await graph.run(tamper)
    problem = (await verify_log(graph, now=NOW)).verdict.problem
    assert problem is not None
    assert (problem.fault, problem.number) == (fault, number)
