"""Reads that happen at the same time share one transaction: a request costs as few round trips as it has steps."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from identity_graph.errors import IdentityGraphError
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


MAX_ROWS = 130_000
"""Rows that one request may read: all links of one customer of 500 identifiers, the shipped limit, and some more. Many more would
fill the memory of the service, or of whoever asked."""


class TooManyRowsError(IdentityGraphError):
    """One request asks for more rows than can be answered at once."""

    code = "QUERY_TOO_LARGE"


class Reads:
    """What one request reads from the graph. Not for use by several requests: a failure is shared, too."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._waiting: list[tuple[Callable[[ReadTransaction], Awaitable[Any]], asyncio.Future[Any]]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._rows = 0

    async def run(self, work: Callable[[ReadTransaction], Awaitable[list[T]]]) -> list[T]:
        """Run the work in a read transaction, together with all that was asked for in the same turn of the event loop.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
            TooManyRowsError: all that was read by now is too much.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[T]] = loop.create_future()
        self._waiting.append((work, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._start)
        rows = await future
        self._rows += len(rows)
        if self._rows > MAX_ROWS:
            raise TooManyRowsError(
                f"The request reads more than {MAX_ROWS} rows of the graph: ask for smaller pages, or in several requests.",
                maximum=MAX_ROWS,
            )
        return rows

    def _start(self) -> None:
        task = asyncio.create_task(self._run_waiting())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []

        async def run_all(tx: ReadTransaction) -> list[Any]:
            return [await work(tx) for work, _ in waiting]

        try:
            results = await self._graph.read(run_all)
        except BaseException as error:  # noqa: BLE001 - whatever happened is the answer of everyone who waits
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), result in zip(waiting, results, strict=True):
                if not future.done():
                    future.set_result(result)


def align(keys: Iterable[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[V | None]:
    """Put rows into the order of the keys that were asked for, with None where there is no row."""
    found = {key_of(row): row for row in rows}
    return [found.get(key) for key in keys]


def align_many(keys: Sequence[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[list[V]]:
    """Group rows, in the order in which they came, by the keys that were asked for."""
    found: defaultdict[K, list[V]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return [found[key] for key in keys]
