"""What a page of a long journey costs."""

from typing import Any

import pytest

from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.service.positions import START
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.journeys.reading import page_touchpoints
from tests.builders import DAY, NOON, customer, event, seed, session

MINUTE = 60_000_000
SESSIONS, EVENTS = 60, 20


async def _rows_by_operator(graph: Graph, **parameters: Any) -> dict[str, int]:
    text = page_touchpoints.file.text

    async def work(tx: ReadTransaction) -> dict[str, int]:
        result = await tx.run(f"PROFILE {text}", parameters)  # pyright: ignore[reportArgumentType]
        summary = await result.consume()
        rows: dict[str, int] = {}

        def add(plan: dict[str, Any]) -> None:
            details = plan["args"].get("Details", "")
            if plan["operatorType"].startswith("Expand") and ":IN]" in details:
                rows["events"] = rows.get("events", 0) + plan["args"]["Rows"]
            for child in plan.get("children", []):
                add(child)

        assert summary.profile is not None
        add(summary.profile)
        return rows

    return await graph.read(work)


@pytest.mark.parametrize(("back", "sessions"), [(0, 2), (30, 3)], ids=["from the end", "from inside a session"])
async def test_a_page_of_a_long_journey_reads_the_events_of_few_sessions(
    graph: Graph, back: int, sessions: int
) -> None:
    keys = [f"anonymous_id:c{n:02}" for n in range(SESSIONS)]
    await seed(
        graph,
        customers=[customer("cus_1", identifiers=keys)],
        sessions=[
            session(key, *(event(at=NOON + day * DAY + minute * MINUTE) for minute in range(EVENTS)))
            for day, key in enumerate(keys)
        ],
    )
    before = format_instant(NOON + (SESSIONS - back) * DAY) if back else format_instant(START.at)
    rows = await _rows_by_operator(
        graph,
        customer_ids=["cus_1"],
        since=format_instant(EARLIEST),
        before=before,
        before_id="",
        types=None,
        channels=None,
        enough=21,
        limit=21,
    )
    assert rows == {"events": sessions * EVENTS}
