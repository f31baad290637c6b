"""Counts of sources that nobody reads any more are deleted, all others stay."""

import asyncio

import pytest

from identity_graph.domain.collecting.source_counts import ClaimKey, ClaimTally, MessageKey, MessageTally
from identity_graph.domain.health.quality import COUNTED_DAYS
from identity_graph.domain.values.instants import DAY
from identity_graph.service.commit import count_pruning
from identity_graph.service.commit.count_pruning import KEPT_DAYS, prune_counts
from identity_graph.service.commit.source_counting import SourceCounts
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction, run_together

TODAY = 20_000
OLDEST = TODAY - KEPT_DAYS + 1


async def count(graph: Graph, days: range, last: int) -> None:
    """Count a message on each day, and a claim on all but the ``last`` ones."""

    async def work(tx: WriteTransaction) -> None:
        calls = SourceCounts("w").calls(
            {MessageKey(day, "web", "track", f"Cart {day}"): MessageTally(1) for day in days},
            {ClaimKey(day, "web", "city"): ClaimTally(claims=1, newest=day * DAY) for day in days[:-last]},
        )
        await run_together(tx, *calls)

    await graph.write(work)


async def days_of(graph: Graph, label: str) -> list[int]:
    rows = await graph.run(f"MATCH (n:{label}) RETURN n.day AS day ORDER BY day")
    return [row["day"] for row in rows]


def test_what_data_quality_reads_is_kept() -> None:
    assert KEPT_DAYS > COUNTED_DAYS


async def test_counts_from_before_the_kept_days_are_deleted_in_small_steps(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_pruning, "AT_ONCE", 2)
    await count(graph, range(OLDEST - 5, OLDEST + 2), last=3)
    assert await prune_counts(graph, TODAY * DAY + 5) == 9
    assert await days_of(graph, "MessageCount") == [OLDEST, OLDEST + 1]
    assert await days_of(graph, "ClaimCount") == []
    assert await prune_counts(graph, TODAY * DAY + 5) == 0


async def test_a_service_prunes_by_itself(graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_pruning, "FIRST_SECONDS", 0.0)
    await count(graph, range(OLDEST, OLDEST + 2), last=1)
    async with open_service(settings), asyncio.timeout(20):
        while await days_of(graph, "MessageCount"):  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)
