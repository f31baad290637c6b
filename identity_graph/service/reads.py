"""Reads that happen at the same time share one transaction: a request costs as few round trips as it has steps."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from identity_graph.domain.access.masking import OPEN, Mask
from identity_graph.errors import IdentityGraphError
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import Call, ReadTransaction, is_usual, run_together

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

Work = Call[ReadTransaction, T] | Callable[[ReadTransaction], Awaitable[T]]
"""A query with its parameters, or a function of a transaction."""


MAX_ROWS = 130_000
"""Rows that one request may read: all links of one customer of 500 identifiers, the shipped limit, and some more. Many more would
fill the memory of the service, or of whoever asked."""


_TURNS = 3
"""Turns of the event loop without a further question after which what waits is read: resolvers that begin at the same time get
to their questions in as many steps as they are deep."""


class TooManyRowsError(IdentityGraphError):
    """One request asks for more rows than can be answered at once."""

    code = "QUERY_TOO_LARGE"


class Reads:
    """What one request reads from the graph. Not for use by several requests: a failure is shared, too.

    ``mask`` is how who asks sees people. Whatever makes a read model with a value of a person shows it by the mask.
    ``of_case``: it is for a privacy request, or decides whether data may be used; then restricted customers are read, too.
    """

    def __init__(self, graph: Graph, mask: Mask = OPEN, *, of_case: bool = False) -> None:
        self._graph = graph
        self.mask = mask
        self.of_case = of_case
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._rows = 0

    async def run(self, work: Work[list[T]]) -> list[T]:
        """Run a query, or work that consists of several, in a read transaction that all share who ask at about the same time.

        Queries that are asked for together again and again are one statement.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
            TooManyRowsError: all that was read by now is too much.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[T]] = loop.create_future()
        self._waiting.append((work, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._start, loop, 0, 1)
        rows = await future
        self._rows += len(rows)
        if self._rows > MAX_ROWS:
            raise TooManyRowsError(
                f"The request reads more than {MAX_ROWS} rows of the graph: ask for smaller pages, or in several requests.",
                maximum=MAX_ROWS,
            )
        return rows

    def end(self) -> None:
        """End what runs, in Neo4j, too: nobody waits for it any more."""
        for task in self._running:
            task.cancel()

    def _start(self, loop: asyncio.AbstractEventLoop, known: int, turns: int) -> None:
        """Read what waits, once nobody has joined for some turns."""
        if len(self._waiting) > known or turns < _TURNS:
            turns = 1 if len(self._waiting) > known else turns + 1
            loop.call_soon(self._start, loop, len(self._waiting), turns)
            return
        task = asyncio.create_task(self._run_waiting())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        calls = sorted(
            (work for work, _ in waiting if isinstance(work, Call)),
            key=lambda call: call.file.name,  # so that a combination is the same one whoever asks first
        )
        together = bool(calls) and is_usual(calls)

        async def run_all(tx: ReadTransaction) -> list[Any]:
            for part in [calls] if together else [[call] for call in calls]:
                await run_together(tx, *part)
            return [work.rows if isinstance(work, Call) else await work(tx) for work, _ in waiting]

        try:
            if together and len(calls) == len(waiting):
                await self._graph.ask(*calls)
                results = [call.rows for call, _ in waiting if isinstance(call, Call)]
            else:
                results = await self._graph.read(run_all)
        except asyncio.CancelledError:
            for _, future in waiting:
                future.cancel()
            raise
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
