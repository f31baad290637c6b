"""Taking in messages as SDKs send them: read, store, set aside what cannot be accepted, and only then answer."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from identity_graph.domain.observations import Event, Instant
from identity_graph.domain.segment import Rejection, RejectionCode, extract, to_event
from identity_graph.service.core import Service
from identity_graph.service.dead_letters import Refused, keep_dead_letters
from identity_graph.service.taking_in import EventResult

_MESSAGES_AT_A_STRETCH = 5
"""Messages that are read before whatever else waits gets its turn: some 1 ms."""


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What became of some messages; ``results`` holds one for each, in their order.

    ``ignored`` counts, per namespace and code, the values of new events that were no identifiers.
    """

    accepted: int
    duplicates: int
    dead_lettered: int
    results: list[EventResult | Rejection]
    ignored: Counter[tuple[str, str]]


async def collect(
    service: Service,
    messages: Sequence[object],
    *,
    source: str,
    received_at: Instant,
    sent_at: object = None,
    default_type: str | None = None,
) -> CollectReport:
    """Store messages (JSON values) of one source. On return all of them are safe: as events or as dead letters.

    ``sent_at`` is the batch's as it came; ``default_type`` is what a message without a type is.

    Raises:
        GraphUnavailableError: Neo4j does not answer; nothing or a part was stored, and sending all again is right.
    """
    results: list[EventResult | Rejection] = []
    events: list[Event] = []
    places: list[int] = []
    # One request is read at a time: were all that come at once read in a row, the transaction under way would wait.
    async with service.reading:
        regime = service.units.regime
        for message in messages:
            if len(results) % _MESSAGES_AT_A_STRETCH == _MESSAGES_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
            read = extract(message, source=source, received_at=received_at, sent_at=sent_at, default_type=default_type)
            if not isinstance(read, Rejection):
                places.append(len(results))
                events.append(to_event(read, regime.rules))
                results.append(_PENDING)
            else:
                results.append(read)

    async def set_aside() -> int:
        refused = [
            Refused(message, result, source, received_at, sent_at, default_type)
            for message, result in zip(messages, results, strict=True)
            if isinstance(result, Rejection)
        ]
        return await keep_dead_letters(service.graph, refused) if refused else 0

    kept = await set_aside()
    refused_later = False
    if events or kept:
        committed = await service.committer.commit(events, dead_lettered=kept, read_under=regime.version)
        for place, result in zip(places, committed, strict=True):
            results[place] = result
            if result.error is not None:
                results[place] = Rejection(RejectionCode.REFUSED_BY_GRAPH, result.error)
                refused_later = True
    if refused_later:
        await service.committer.commit([], dead_lettered=await set_aside())
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
