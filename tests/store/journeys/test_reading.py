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
NOTHING: dict[str, None] = {"types": None, "names": None, "channels": None, "campaigns": None}


async def _events_read(graph: Graph, **parameters: Any) -> int:
    """Count the events that were taken from the index for a page."""
    text = page_touchpoints.file.text

    async def work(tx: ReadTransaction) -> int:
        result = await tx.run(f"PROFILE {text}", parameters)  # pyright: ignore[reportArgumentType]
        summary = await result.consume()

        def rows(plan: dict[str, Any]) -> int:
            own = (
                plan["args"]["Rows"]
                if "owner" in plan["args"].get("Details", "") and "Seek" in plan["operatorType"]
                else 0
            )
            return own + sum(rows(child) for child in plan.get("children", []))

        assert summary.profile is not None
        return rows(summary.profile)

    return await graph.read(work)


@pytest.mark.parametrize("as_one", [False, True], ids=["many sessions", "one session"])
@pytest.mark.parametrize("back", [0, 30], ids=["from the end", "from inside"])
async def test_a_page_of_a_long_journey_reads_its_own_events_only(graph: Graph, back: int, as_one: bool) -> None:
    owner = "anonymous_id:c1"
    visits = [[event(at=NOON + day * DAY + minute * MINUTE) for minute in range(EVENTS)] for day in range(SESSIONS)]
    if as_one:
        visits = [[one for visit in visits for one in visit]]
    await seed(
        graph,
        customers=[customer("cus_1", identifiers=[owner])],
        sessions=[session(owner, *visit) for visit in visits],
    )
    read = await _events_read(
        graph,
        customer_ids=["cus_1"],
        since=format_instant(EARLIEST),
        before=format_instant(NOON + (SESSIONS - back) * DAY) if back else format_instant(START.at),
        before_id="",
        limit=21,
        **NOTHING,
    )
    # One of another moment tells that all of the last one were seen.
    assert 21 <= read <= 23
