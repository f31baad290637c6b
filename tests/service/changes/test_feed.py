"""Following the log: it wakes at once, waits while Neo4j is away, and holds no more than a page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest
from neo4j import AsyncGraphDatabase

from identity_graph.service.changes import feed as change_feed
from identity_graph.service.changes.feed import PAGE, ChangeFeed
from identity_graph.service.changes.log import ChangeFilter
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port

EVERYTHING = ChangeFilter()
pytestmark = pytest.mark.timeout(60)


async def log(graph: Graph, *kinds: str) -> None:
    """Write changes, one of each of these kinds."""
    await graph.run(
        "MERGE (s:Sequence {name: 'changes'}) SET s.last = coalesce(s.last, 0) + size($kinds) "
        "WITH s.last - size($kinds) AS before UNWIND range(1, size($kinds)) AS n "
        "CREATE (:Change {id: 'chg_' + (before + n), position: before + n, kind: $kinds[n - 1], at: datetime(), "
        "rule_version: 1, trigger_kind: 'OBSERVATION'})",
        kinds=kinds,
    )


@asynccontextmanager
async def following(
    feed: ChangeFeed, position: int = 0, wanted: ChangeFilter = EVERYTHING
) -> AsyncGenerator["asyncio.Queue[int]"]:
    """Follow in the background; the positions arrive in a queue."""
    heard: asyncio.Queue[int] = asyncio.Queue()

    async def listen() -> None:
        async with aclosing(feed.follow(wanted, position)) as changes:
            async for change in changes:
                heard.put_nowait(change.position)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def no_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let feeds look at the log only when they are told to."""
    monkeypatch.setattr(change_feed, "_POLL_SECONDS", 1000)


async def test_a_commit_of_this_process_wakes_all_followers(graph: Graph, no_looking: None) -> None:
    await log(graph, "SPLIT")
    feed = ChangeFeed(graph)
    async with following(feed) as one, following(feed, 1) as other:
        assert await one.get() == 1
        await log(graph, "MERGED")
        feed.announce()
        assert (await one.get(), await other.get()) == (2, 2)
    assert not feed.is_followed


async def test_a_commit_of_another_process_is_seen_within_a_second(graph: Graph) -> None:
    async with following(ChangeFeed(graph)) as heard:
        await asyncio.sleep(0.1)
        await log(graph, "SPLIT")
        assert await asyncio.wait_for(heard.get(), 5) == 1


async def test_what_is_not_wanted_is_passed_over(graph: Graph, no_looking: None) -> None:
    await log(graph, "SPLIT", "MERGED", "SPLIT")
    feed = ChangeFeed(graph)
    async with following(feed, wanted=ChangeFilter(("MERGED",))) as heard:
        assert await heard.get() == 2
        await log(graph, *["SPLIT"] * (PAGE + 1), "MERGED")
        feed.announce()
        assert await heard.get() == 5 + PAGE
        assert heard.empty()


async def test_while_neo4j_is_away_a_follower_waits(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is one that nothing answers at, until it is replaced by one that works, and the other way round."""
    monkeypatch.setattr(change_feed, "_POLL_SECONDS", 0.05)
    away = AsyncGraphDatabase.driver(
        f"bolt://127.0.0.1:{free_port()}", max_transaction_retry_time=0.1, connection_timeout=0.5
    )
    await log(graph, "SPLIT")
    broken = Graph(away, graph._address)
    async with away, following(ChangeFeed(broken)) as heard:
        await asyncio.sleep(0.3)
        assert heard.empty()
        broken._driver = graph._driver
        assert await heard.get() == 1
        broken._driver = away
        await log(graph, "MERGED")
        await asyncio.sleep(0.3)
        broken._driver = graph._driver
        assert await heard.get() == 2


async def test_a_follower_that_is_slow_holds_a_page_and_no_more(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await log(graph, *["SPLIT"] * (3 * PAGE))
    pages: list[int] = []
    read = change_feed.read_changes

    async def counted(*arguments: object, **options: object) -> object:
        page = await read(*arguments, **options)  # pyright: ignore[reportArgumentType]
        pages.append(len(page.items))
        return page

    monkeypatch.setattr(change_feed, "read_changes", counted)
    async with aclosing(ChangeFeed(graph).follow(ChangeFilter(), 0)) as changes:
        for number in range(1, PAGE + 1):
            assert (await anext(changes)).position == number
            assert pages == [PAGE]
        assert (await anext(changes)).position == PAGE + 1
        assert pages == [PAGE, PAGE]
