"""The change log from a moment on: all that happened then or later, though clocks differ, and no walk through the rest."""

import pytest

from identity_graph.domain.profiles.regime import InForce
from identity_graph.service.changes.log import ChangeFilter, read_changes
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.reads import Reads
from identity_graph.store.changes import log as reading_changes
from identity_graph.store.driver.graph import Graph
from tests.worlds.worlds import SECOND, keep_rules, make_event, make_rules

RULES = make_rules()
START = 1_700_000_000 * SECOND
CLOCK = [1, 5, 3, 3, 9, 8]
"""What the clocks of two processes said, in the order of their commits; each commit makes one change."""


@pytest.fixture
async def log(graph: Graph) -> Graph:
    """Give a graph whose changes were written by processes with different clocks."""
    await keep_rules(graph, RULES)
    for number, second in enumerate(CLOCK):
        units = Units(graph, InForce(RULES, 1), clock=lambda second=second: START + second * SECOND)
        await units.open()
        names = (f"crm:{number}", f"phone:{number}")
        apart = [make_event(10 * number + n, number, (name,), RULES) for n, name in enumerate(names)]
        await units.run(lambda tx, regime, apart=apart: take_in(tx, apart, regime))
        both = [make_event(10 * number + 5, number, names, RULES)]
        await units.run(lambda tx, regime, both=both: take_in(tx, both, regime))
    return graph


async def read(graph: Graph, second: float, *, newest_first: bool, first: int = 100) -> list[int]:
    """Read positions page by page."""
    wanted = ChangeFilter(since=int(START + second * SECOND))
    found: list[int] = []
    after = None
    while True:
        page = await read_changes(Reads(graph), wanted, first=first, after=after, newest_first=newest_first)
        found += [row.position for row in page.items]
        if not page.has_next_page:
            return found
        after = found[-1]


@pytest.mark.parametrize("first", [1, 2, 100])
@pytest.mark.parametrize("second", [0, 1.5, 2.5, 4, 5.5, 8.5, 10])
async def test_all_that_happened_then_or_later_is_read_in_either_order(log: Graph, second: float, first: int) -> None:
    expected = [position for position, at in enumerate(CLOCK, 1) if at >= second]
    assert await read(log, second, newest_first=False, first=first) == expected
    assert await read(log, second, newest_first=True, first=first) == expected[::-1]


async def test_the_log_is_read_from_where_the_moment_was_reached(log: Graph) -> None:
    starts = {
        second: [row.position for row in await log.read(lambda tx, at=at: reading_changes.find_start(tx, since=at))]
        for second, at in ((1, "2023-11-14T22:13:21Z"), (4, "2023-11-14T22:13:24Z"), (8, "2023-11-14T22:13:28Z"))
    }
    assert starts == {1: [1], 4: [2], 8: [5]}
