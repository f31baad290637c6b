"""Group commit: one transaction for many, an answer after it, and one bad event that harms no other."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from identity_graph.domain.collecting import ignored_counts
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.identifiers import IgnoredIdentifier
from identity_graph.domain.values.observations import Event
from identity_graph.errors import GraphUnavailableError, UnwritableError
from identity_graph.service.commit import committer as committer_module
from identity_graph.service.commit.committer import Committer
from identity_graph.service.commit.taking_in import EventResult, TakenIn
from identity_graph.service.commit.units import Units
from identity_graph.service.metrics import Metrics
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.graph import ConflictError, Graph, T, WriteWork
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from tests.ports import free_port
from tests.worlds import worlds
from tests.worlds.stored import check_stored
from tests.worlds.worlds import make_rules

RULES = make_rules()


def make_event(*described: Any) -> Event:
    """Make an event of which all fields can be read: it tells of no order."""
    return replace(worlds.make_event(*described), name="Seen", properties={})


@asynccontextmanager
async def committing(
    graph: Graph, *, size: int = 500, delay: float = 0.003
) -> AsyncGenerator[tuple[Committer, Metrics]]:
    metrics = Metrics()
    units = Units(graph, InForce(RULES, 1), clock=lambda: 10**15)
    committer = Committer(units, metrics, commit_size=size, commit_delay=delay)
    committer.start()
    try:
        yield committer, metrics
    finally:
        await committer.close()


def events(*numbers: int, person: int = 1) -> list[Event]:
    return [make_event(number, number, (f"crm:{person}", f"device:{number % 3}"), RULES) for number in numbers]


def unwritable(number: int) -> Event:
    """Make an event that no graph can hold: a text of half a character."""
    return replace(make_event(number, number, ("crm:9", "phone:9"), RULES), name="\ud83d")


def transactions(metrics: Metrics) -> tuple[int, int]:
    """Tell how many transactions there were and how many events in them."""
    registry = metrics.registry
    counts = [registry.get_sample_value(f"identity_graph_commit_events_{part}") for part in ("count", "sum")]
    return int(counts[0] or 0), int(counts[1] or 0)


async def message_ids(graph: Graph) -> set[str]:
    return {row["id"] for row in await graph.run("MATCH (e:Event) RETURN e.message_id AS id")}


async def counters(graph: Graph) -> list[tuple[int, int, int, dict[str, dict[str, int]]]]:
    rows = await graph.read(counter_store.list_counts)
    return [(row.accepted, row.duplicates, row.dead_lettered, json.loads(row.ignored)) for row in rows]


async def test_concurrent_commits_share_a_transaction(graph: Graph) -> None:
    async with committing(graph, delay=0.05) as (committer, metrics):
        answers = await asyncio.gather(*(committer.commit(events(number)) for number in range(20)))
        assert transactions(metrics) == (1, 20)
    assert len({result.customer_id for (result,) in answers}) == 1
    assert await message_ids(graph) == {f"m{number}" for number in range(20)}


async def test_the_answer_comes_after_the_commit(graph: Graph) -> None:
    async with committing(graph) as (committer, _):
        for number in range(5):
            (result,) = await committer.commit(events(number))
            rows = await graph.run(
                "MATCH (e:Event {message_id: $id})-[:OBSERVED]->()-[:BELONGS_TO]->(c) RETURN DISTINCT c.id AS id",
                id=f"m{number}",
            )
            assert rows == [{"id": result.customer_id}]


async def test_results_come_in_the_order_of_the_events_given(graph: Graph) -> None:
    async with committing(graph, size=4) as (committer, metrics):
        people = [1, 2, 1, 3, 2, 1, 3]
        given = [make_event(number, number, (f"crm:{person}",), RULES) for number, person in enumerate(people)]
        given += [given[2], make_event(99, 1, (), RULES)]
        results = await committer.commit(given)
        assert transactions(metrics) == (3, 9)
    assert [result.duplicate for result in results] == [False] * 7 + [True, False]
    assert results[-1] == EventResult(duplicate=False, customer_id=None)
    of_person = {person: results[number].customer_id for number, person in enumerate(people)}
    assert len(set(of_person.values())) == 3
    assert [result.customer_id for result in results[:8]] == [of_person[person] for person in [*people, 1]]


async def test_a_repeat_is_told_as_one_and_changes_nothing(graph: Graph) -> None:
    async with committing(graph) as (committer, _):
        (first,) = await committer.commit(events(1))
        altered = replace(events(1, person=2)[0], name="Something else")
        assert await committer.commit([altered]) == [EventResult(duplicate=True, customer_id=None)]
        assert await committer.commit(events(1)) == [EventResult(duplicate=True, customer_id=first.customer_id)]
    await check_stored(graph, events(1), RULES)


async def test_no_transaction_holds_more_events_than_it_may(graph: Graph) -> None:
    async with committing(graph, size=10) as (committer, metrics):
        await asyncio.gather(*(committer.commit(events(*range(start, start + 7))) for start in range(0, 35, 7)))
        await committer.commit(events(*range(100, 125)))
        count, total = transactions(metrics)
        assert total == 60
        assert count == 5 + 3
        largest = [
            sample.value
            for metric in metrics.registry.collect()
            for sample in metric.samples
            if sample.name == "identity_graph_commit_events_bucket" and sample.labels["le"] == "10.0"
        ]
        assert largest == [count]


async def test_an_event_that_the_graph_cannot_take_does_not_harm_its_neighbours(graph: Graph) -> None:
    good = events(*range(12))
    async with committing(graph) as (committer, metrics):
        results = await committer.commit([*good[:5], unwritable(50), *good[5:], unwritable(51)])
        assert [result.error is None for result in results] == [True] * 5 + [False] + [True] * 7 + [False]
        assert {result.customer_id for result in results if result.error is not None} == {None}
        assert metrics.registry.get_sample_value("identity_graph_events_accepted_total") == 12
        assert await counters(graph) == [(12, 0, 0, {})]
        assert await committer.commit(events(12)) == [EventResult(duplicate=False, customer_id=results[0].customer_id)]
    await check_stored(graph, [*good, *events(12)], RULES)


async def test_what_was_ignored_is_counted_once_by_namespace_and_code(graph: Graph) -> None:
    two = make_event(1, 1, ("crm:1", "crm:2", "phone:1"), RULES)
    blocked = replace(make_event(2, 2, ("phone:1",), RULES), ignored=(IgnoredIdentifier("email", "null", "blocked"),))
    async with committing(graph) as (committer, metrics):
        await committer.commit([two, blocked])
        await committer.commit([two])
        expected = {"crm": {"ambiguous_observation": 2}, "email": {"blocked": 1}}
        assert await counters(graph) == [(2, 1, 0, expected)]
        sample = metrics.registry.get_sample_value
        labels = {"namespace": "crm", "code": "ambiguous_observation"}
        assert sample("identity_graph_ignored_identifiers_total", labels) == 2
        assert sample("identity_graph_events_duplicate_total") == 1


async def test_made_up_namespaces_are_counted_together_once_they_are_too_many(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ignored_counts, "TOLD_APART", 2)
    made_up = [
        replace(event, ignored=(IgnoredIdentifier(f"{event.message_id}@mail.example", "x", "undeclared"),))
        for event in events(1, 2, 3, 4)
    ]
    left_out = IgnoredIdentifier("context.device.id", "an array", "unreadable_field")
    wrong = replace(make_event(9, 9, ("crm:1",), RULES), ignored=(left_out, IgnoredIdentifier("phone", "x", "invalid")))
    async with committing(graph) as (committer, metrics):
        await committer.commit(made_up[:3])
        await committer.commit([made_up[3], *(replace(event, message_id="again") for event in made_up[:1]), wrong])
        ((_, _, _, ignored),) = await counters(graph)
        shown = generate_latest(metrics.registry).decode()
    assert ignored == {
        "m1@mail.example": {"undeclared": 2},
        "m2@mail.example": {"undeclared": 1},
        ignored_counts.OTHERS: {"undeclared": 2},
        "phone": {"invalid": 1},
        "context.device.id": {"unreadable_field": 1},
    }
    assert 'code="undeclared",namespace="(undeclared)"} 5.0' in shown
    assert 'code="invalid",namespace="phone"} 1.0' in shown
    assert 'code="unreadable_field",namespace="context.device.id"} 1.0' in shown
    assert "@" not in shown


async def test_what_was_looked_at_for_contested_events_is_measured(graph: Graph) -> None:
    contested = [make_event(number, number, (f"crm:{number}", "device:1"), RULES) for number in (1, 2, 3)]
    async with committing(graph) as (committer, metrics):
        await committer.commit(contested[:1])
        assert metrics.registry.get_sample_value("identity_graph_resolution_slow_total") == 0
        for event in contested[1:]:
            await committer.commit([event])
        sample = metrics.registry.get_sample_value
        assert sample("identity_graph_resolution_slow_total") == 2
        assert sample("identity_graph_resolution_loaded_identifiers_sum") == 2 + 2, "the first owner is no longer near"
        assert sample("identity_graph_resolution_loaded_identifiers_max") == 2


async def test_each_writer_counts_for_itself(graph: Graph) -> None:
    for number in (1, 2):
        async with committing(graph) as (committer, _):
            await committer.commit(events(1, number))
    assert Counter((accepted, duplicates) for accepted, duplicates, _, _ in await counters(graph)) == {(1, 1): 2}


async def test_a_batch_that_finds_no_memory_ends_in_time(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """What little there is suffices to write nothing, so each event might be the one that asks for too much."""

    async def take_in(tx: ReadTransaction, given: Sequence[Event], *rest: Any) -> TakenIn:
        if given:
            raise UnwritableError("Too little memory.")
        return TakenIn([])

    monkeypatch.setattr(committer_module, "take_in", take_in)
    monkeypatch.setattr(committer_module, "_BATCH_SECONDS", 1.0)
    async with committing(graph) as (committer, _):
        with pytest.raises(UnwritableError):
            await asyncio.wait_for(committer.commit(events(*range(20))), 15)


@pytest.mark.parametrize(
    ("error", "is_logged"), [(GraphUnavailableError("Away."), False), (ValueError("A bug."), True)]
)
async def test_while_neo4j_is_away_nothing_is_logged_each_second(
    error: Exception, is_logged: bool, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write() -> None:
        raise error

    async with committing(graph) as (committer, _):
        monkeypatch.setattr(committer, "_write_nothing", write)
        with capture_logs() as logs:
            await committer._catch_up()
    assert bool(logs) is is_logged


class Stumbling(Graph):
    """A graph whose transactions run twice: the first run does all its work and is then rolled back."""

    runs = 0

    async def write(self, work: WriteWork[T]) -> T:
        stumbled = False

        async def stumble(tx: WriteTransaction) -> T:
            nonlocal stumbled
            self.runs += 1
            outcome = await work(tx)
            if not stumbled:
                stumbled = True
                raise ConflictError
            return outcome

        return await super().write(stumble)


async def test_a_transaction_that_runs_again_counts_once(graph: Graph) -> None:
    twice = Stumbling(graph._driver, graph._address)
    async with committing(twice) as (committer, metrics):
        results = await committer.commit(events(1, 2, 2))
        assert twice.runs == 2
        assert [result.duplicate for result in results] == [False, False, True]
        assert await counters(graph) == [(2, 1, 0, {})]
        assert metrics.registry.get_sample_value("identity_graph_events_accepted_total") == 2
    await check_stored(graph, events(1, 2), RULES)


@contextmanager
def room_for(monkeypatch: pytest.MonkeyPatch, pending: int) -> Generator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(committer_module, "MAX_PENDING", pending)
        yield


async def test_more_events_than_may_wait_are_sent_back(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    with room_for(monkeypatch, 10):
        async with committing(graph, delay=0.2) as (committer, metrics):
            waiting = asyncio.ensure_future(committer.commit(events(*range(8))))
            await asyncio.sleep(0)
            assert metrics.registry.get_sample_value("identity_graph_pending_events") == 8
            with pytest.raises(GraphUnavailableError, match="Neo4j cannot keep up with the events"):
                await committer.commit(events(8, 9, 10))
            assert len(await committer.commit(events(11, 12))) == 2
            assert len(await waiting) == 8
            assert metrics.registry.get_sample_value("identity_graph_pending_events") == 0
            assert len(await committer.commit(events(*range(20, 40)))) == 20, "what comes alone is never too much"
    assert await message_ids(graph) == {f"m{number}" for number in (*range(8), 11, 12, *range(20, 40))}


async def test_closing_writes_what_waits_and_takes_no_more(graph: Graph) -> None:
    async with committing(graph, size=5, delay=0.2) as (committer, _):
        waiting = [
            asyncio.ensure_future(committer.commit(events(*range(start, start + 4)))) for start in range(0, 20, 4)
        ]
        await asyncio.sleep(0)
        await committer.close()
        assert await message_ids(graph) == {f"m{number}" for number in range(20)}
        assert [len(results) for results in await asyncio.gather(*waiting)] == [4] * 5
        with pytest.raises(GraphUnavailableError, match="shutting down"):
            await committer.commit(events(99))
        await committer.close()


async def test_a_caller_that_goes_away_holds_nobody_up(graph: Graph) -> None:
    async with committing(graph, delay=0.1) as (committer, _):
        gone = asyncio.ensure_future(committer.commit(events(1)))
        stays = asyncio.ensure_future(committer.commit(events(2)))
        await asyncio.sleep(0)
        gone.cancel()
        assert len(await stays) == 1
        assert gone.cancelled()
        assert len(await committer.commit(events(3))) == 1
    assert {"m2", "m3"} <= await message_ids(graph)


async def test_neo4j_going_away_is_told_to_all_who_wait_and_the_next_may_succeed(graph: Graph) -> None:
    """The connection is one that nothing answers at, until it is replaced by one that works."""
    away = AsyncGraphDatabase.driver(
        f"bolt://127.0.0.1:{free_port()}", max_transaction_retry_time=0.1, connection_timeout=0.5
    )
    broken = Graph(away, graph._address)
    async with away, committing(broken, delay=0.05) as (committer, metrics):
        answers = await asyncio.gather(*(committer.commit(events(n)) for n in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [GraphUnavailableError] * 3
        assert transactions(metrics) == (0, 0)
        broken._driver = graph._driver
        assert [result.duplicate for result in await committer.commit(events(0, 1, 2))] == [False] * 3
    assert await counters(graph) == [(3, 0, 0, {})]
