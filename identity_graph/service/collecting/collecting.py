"""Collecting messages as SDKs send them: read, store, keep dead letters, and only then answer."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from identity_graph.domain.collecting.protocols import Protocol, read_message
from identity_graph.domain.collecting.received import Received
from identity_graph.domain.collecting.segment.messages import Rejection, RejectionCode, to_event
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.service.collecting.dead_letters import Refused, keep_dead_letters
from identity_graph.service.commit.taking_in import EventResult
from identity_graph.service.core import Service

_STRETCH = 5
"""Messages that are read before a transaction under way goes on: some 0.3 ms."""

_TURN = 100
"""Messages of one request that are read before another request gets its turn."""


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What became of some messages; ``results`` holds one for each, in their order.

    ``ignored`` counts, per namespace and code, the values of new events that were no identifiers. ``spooled`` counts messages that
    wait on the disk: they are in none of the other numbers, and have no result.
    """

    accepted: int
    duplicates: int
    dead_lettered: int
    results: list[EventResult | Rejection]
    ignored: Counter[tuple[str, str]]
    spooled: int = 0


async def collect(
    service: Service,
    messages: Sequence[object],
    *,
    source: str,
    received_at: Instant,
    sent_at: object = None,
    default_type: str | None = None,
    protocol: Protocol = Protocol.SEGMENT,
) -> CollectReport:
    """Store messages (JSON values) of one source. On return all of them are safe: as events or as dead letters.

    ``sent_at`` is the batch's as it came; ``default_type`` is what a message without a type is.

    Raises:
        GraphUnavailableError: Neo4j does not answer; nothing or a part was stored, and sending all again is right.
    """
    received = Received(
        messages=messages,
        source=source,
        received_at=received_at,
        sent_at=sent_at,
        default_type=default_type,
        protocol=protocol,
    )
    return await collect_received(service, [received])


async def collect_received(service: Service, requests: Sequence[Received]) -> CollectReport:
    """Store what some requests brought, in their order. On return all of it is safe, as ``collect`` says.

    Raises:
        GraphUnavailableError: Neo4j does not answer; nothing or a part was stored, and sending all again is right.
    """
    results: list[EventResult | Rejection] = []
    events: list[Event] = []
    places: list[int] = []
    in_force = service.units.in_force

    async def read(request: Received, turn: Sequence[object]) -> None:
        for number, message in enumerate(turn):
            if number % _STRETCH == _STRETCH - 1:
                await asyncio.sleep(0)
            found = read_message(
                request.protocol,
                message,
                source=request.source,
                received_at=request.received_at,
                sent_at=request.sent_at,
                default_type=request.default_type,
                keep_ip=service.settings.keep_ip,
            )
            if not isinstance(found, Rejection):
                places.append(len(results))
                events.append(to_event(found, in_force.rules))
                results.append(_PENDING)
            else:
                results.append(found)

    # Were all requests that come at once read in a row, Neo4j would wait for the next statement of the transaction.
    for request in requests:
        for start in range(0, len(request.messages), _TURN):
            async with service.reading:
                await read(request, request.messages[start : start + _TURN])

    async def set_aside() -> None:
        told = ((request, message) for request in requests for message in request.messages)
        refused = [
            Refused(
                message,
                result,
                request.source,
                request.received_at,
                request.sent_at,
                request.default_type,
                request.protocol,
            )
            for (request, message), result in zip(told, results, strict=True)
            if isinstance(result, Rejection)
        ]
        if refused:
            await keep_dead_letters(service.units, refused)

    await set_aside()
    refused_later = False
    if events:
        committed = await service.committer.commit(events, read_under=in_force.version)
        for place, result in zip(places, committed, strict=True):
            results[place] = result
            if result.error is not None:
                results[place] = Rejection(RejectionCode.REFUSED_BY_GRAPH, result.error)
                refused_later = True
    if refused_later:
        await set_aside()
    return _report(results, events, places)


_PENDING = EventResult(duplicate=False, customer_id=None)


def _report(results: list[EventResult | Rejection], events: list[Event], places: list[int]) -> CollectReport:
    ignored: Counter[tuple[str, str]] = Counter()
    accepted = duplicates = 0
    for place, event in zip(places, events, strict=True):
        result = results[place]
        if isinstance(result, Rejection):
            continue
        if result.duplicate:
            duplicates += 1
        else:
            accepted += 1
            if event.ignored:
                ignored.update((item.namespace, item.code) for item in event.ignored)
    return CollectReport(accepted, duplicates, len(results) - accepted - duplicates, results, ignored)
