"""Moments in the graph: what is written is read back, before 1970 too."""

import random

from identity_graph.domain.values.instants import EARLIEST, LATEST
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import expand_instants, nanoseconds, seconds

DAY = 86_400_000_000
CORNERS = [
    *(EARLIEST, EARLIEST + 1, LATEST - 1, LATEST),
    *(place + near for place in (-DAY, -1_000_000, 0, DAY) for near in (-1_001, -1_000, -999, -1, 0, 1, 999, 1_000)),
]


async def test_every_moment_is_read_back_as_it_was_written(graph: Graph) -> None:
    rng = random.Random(11)
    moments = [*CORNERS, *(rng.randint(EARLIEST, LATEST) for _ in range(2_000))]
    rows = await graph.run(
        expand_instants(
            "UNWIND $moments AS m WITH m, datetime.fromEpoch(m[0], m[1]) AS at "
            "RETURN instant(at) AS read, day(at) AS day"
        ),
        moments=[[seconds(moment), nanoseconds(moment)] for moment in moments],
    )
    assert [(row["read"], row["day"]) for row in rows] == [(moment, moment // DAY) for moment in moments]


async def test_a_moment_that_is_not_there_is_null(graph: Graph) -> None:
    text = "WITH {a: null} AS x WITH x, null AS y RETURN instant(x.a) AS a, instant(y) AS b, instant(x.`c`) AS c, day(y) AS d"
    assert await graph.run(expand_instants(text)) == [{"a": None, "b": None, "c": None, "d": None}]
