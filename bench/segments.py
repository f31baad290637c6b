"""Live segments: how many events a second are taken in beside 0, 10, 50 and 200 of them, and how many customers are evaluated."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from identity_graph.domain.segments.file import SegmentDraft
from identity_graph.domain.segments.ready import load_templates
from identity_graph.domain.values.observations import Event
from identity_graph.runtime import ServerHandle
from identity_graph.service.core import Service, open_service
from identity_graph.service.segments.recomputing import recompute
from identity_graph.service.segments.saving import Draft, save_segment
from identity_graph.settings import Settings

COUNTS = (0, 10, 50, 200)
"""Numbers of live segments: the ready ones, over and over under other names."""

BATCH = 100
CLIENTS = 16


@dataclass(frozen=True, slots=True)
class SegmentSpeed:
    """What was measured with some live segments; ``behind`` is how many seconds after the last event all were evaluated."""

    segments: int
    events_per_second: float
    behind: float
    customers_per_second: float


def measure_segments(server: ServerHandle, events: Sequence[Event], folder: Path) -> list[SegmentSpeed]:
    """Take the same events in for each number of segments, each time into an empty graph.

    Once before that without any, which does not count: a Neo4j that just started is slower than it will be.
    """
    settings = Settings(
        data_dir=folder,
        neo4j_uri=server.uri,
        neo4j_user=server.user,
        neo4j_password=SecretStr(server.password),
    )
    asyncio.run(_measure(settings, events, 0))
    return [asyncio.run(_measure(settings, events, count)) for count in COUNTS]


async def _measure(settings: Settings, events: Sequence[Event], count: int) -> SegmentSpeed:
    async with open_service(settings) as service:
        await service.graph.run(
            "MATCH (n) WHERE NOT n:Migration AND NOT n:RuleSet AND NOT n:Catalogue AND NOT n:IngestCounter "
            "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
        )
        for draft in _drafts(count):
            await save_segment(service.units, Draft(draft))
        service.evaluator.wake()
        await _until_idle(service)
        started = time.perf_counter()
        await _send(service, events)
        taken = time.perf_counter()
        await _until_idle(service)
        behind = time.perf_counter() - taken
        began = time.perf_counter()
        found = await recompute(service.evaluator, service.units)
        if not found.is_equal:
            raise RuntimeError(f"{len(found.deviations)} memberships are not what the facts give")
        speed = found.customers / (time.perf_counter() - began) if count else 0.0
        return SegmentSpeed(count, len(events) / (taken - started), behind, speed)


async def _send(service: Service, events: Sequence[Event]) -> None:
    parts = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    waiting = iter(parts)

    async def client() -> None:
        for part in waiting:
            await service.committer.commit(part)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def _until_idle(service: Service) -> None:
    """Wait until nobody waits to be evaluated and every segment is filled."""
    query = (
        "RETURN EXISTS { MATCH (c:Customer) WHERE c.waiting_since IS NOT NULL } OR "
        "EXISTS { MATCH (s:Segment) WHERE s.state <> 'LIVE' } AS is_busy"
    )
    while True:
        if not (await service.graph.run(query))[0]["is_busy"]:
            return
        await asyncio.sleep(0.05)


def _drafts(count: int) -> list[SegmentDraft]:
    ready = list(load_templates().values())
    return [replace(ready[number % len(ready)], name=f"segment {number}") for number in range(count)]
