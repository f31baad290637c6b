"""Following a customer's journey as it grows, across merges, without a write for it: followers look, and nobody queues for them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from identity_graph.domain.journeys.read_models import TouchpointView
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.clock import now_instant
from identity_graph.service.journeys.reading import read_touchpoints
from identity_graph.service.reads import Reads
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.journeys import reading as reading_journeys
from identity_graph.store.journeys.reading import ArrivalRow

PAGE = 50
"""Touchpoints that a follower holds in memory at most."""

LATE: Instant = 10 * 60 * 1_000_000
"""How long before it can be read a touchpoint may have been received: clocks of several processes differ, and a commit may wait."""

_TICK_SECONDS = 1.0
_REST_SECONDS = 0.05
_ALL = 1 << 31

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Follower:
    """Whom somebody follows: the id that was asked for, and the customer that it is by now."""

    asked: str
    customer_id: str
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class JourneyFeed:
    """Tells followers that there may be more: at once after a commit of this process, within a second after others'.

    A follower that is slow reads less often, and holds nothing but the ids of the last minutes; ingestion never waits for it.
    One task looks for all followers whether any process took events in, and only while there are followers.
    """

    def __init__(self, graph: Graph, *, clock: Callable[[], Instant] = now_instant) -> None:
        self._graph = graph
        self._clock = clock
        self._followers: set[_Follower] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows."""
        return bool(self._followers)

    def announce(self, customer_ids: Collection[str | None]) -> None:
        """Say that events of these customers were committed."""
        for follower in self._followers:
            if follower.customer_id in customer_ids:
                follower.wake.set()

    async def follow(self, customer_id: str) -> AsyncGenerator[TouchpointView]:
        """Give each touchpoint of a customer that becomes readable from now on, in the order of receipt, without end.

        After a merge it goes on with the customer that is left; touchpoints that this one received in the last minutes come,
        too. What was received more than ten minutes before it could be read, as a dead letter that is retried, is left out.
        While Neo4j does not answer it waits.

        Raises:
            GraphUnavailableError: Neo4j does not answer at the beginning.
        """
        follower = _Follower(customer_id, customer_id)
        async with self._watched(follower):
            since = self._clock() - LATE
            known = {row.id: row.received_at for row in await self._read(follower, since, [], limit=None)}
            while True:
                await follower.wake.wait()
                follower.wake.clear()
                begun = self._clock()
                try:
                    while rows := await self._read(follower, since, list(known), limit=PAGE):
                        known.update((row.id, row.received_at) for row in rows)
                        for touchpoint in await read_touchpoints(Reads(self._graph), [row.id for row in rows]):
                            if touchpoint is not None:
                                yield touchpoint
                except GraphUnavailableError:
                    follower.wake.set()
                    await asyncio.sleep(_TICK_SECONDS)
                    continue
                since = max(since, begun - LATE)
                known = {id: received_at for id, received_at in known.items() if received_at >= since}
                await asyncio.sleep(_REST_SECONDS)

    async def _read(
        self, follower: _Follower, since: Instant, known: list[str], *, limit: int | None
    ) -> list[ArrivalRow]:
        rows = await self._graph.read(
            lambda tx: reading_journeys.list_arrivals(
                tx,
                customer_id=follower.asked,
                since=format_instant(since),
                known=known,
                limit=_ALL if limit is None else limit,
            )
        )
        if rows:
            follower.customer_id = rows[0].customer_id
        return rows

    @asynccontextmanager
    async def _watched(self, follower: _Follower) -> AsyncGenerator[None]:
        self._followers.add(follower)
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="journey feed")
        try:
            yield
        finally:
            self._followers.discard(follower)
            if not self._followers:
                self._stop_watching()

    def _stop_watching(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _watch(self) -> None:
        """Wake all followers when any process has taken in events since the last look, a second ago."""
        accepted = -1
        while True:
            try:
                counts = await self._graph.read(counter_store.list_counts)
                total = sum(row.accepted for row in counts)
                if total != accepted:
                    accepted = total
                    for follower in self._followers:
                        follower.wake.set()
            except GraphUnavailableError:
                pass  # it will answer again, and nobody has missed anything by then
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
                _log.error("journey feed cannot look at the counters", error=type(error).__name__)
            await asyncio.sleep(_TICK_SECONDS)
