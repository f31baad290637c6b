"""Taking messages in for a sender that waits: committed when that can be had in time, else safe in the spool."""

import asyncio
import time
from collections import Counter

from identity_graph.domain.collecting.received import Received
from identity_graph.errors import GraphUnavailableError, SpoolFullError, SpoolUnusableError
from identity_graph.service.collecting.collecting import CollectReport, collect_received
from identity_graph.service.core import Service
from identity_graph.service.spool.spooling import Spool


async def take(service: Service, received: Received) -> CollectReport:
    """Store what a request brought. On return it is safe: as events, as dead letters, or in the spool.

    It goes to the spool when Neo4j takes nothing, when the commit is not done in time, and when earlier messages of its source
    still wait there, since the order of a source is kept.

    Raises:
        SpoolFullError, SpoolUnusableError: Neo4j takes nothing, and neither does the spool.
        GraphUnavailableError: Neo4j takes nothing, and there is no spool.
    """
    spool = service.spool
    if spool is None or not received.messages:
        return await collect_received(service, [received])
    if service.graph.trouble is not None:
        return await _keep(spool, received)
    patience = service.settings.spool_after_ms / 1000
    if spool.holds(received.source):
        begun = time.monotonic()
        if not await spool.wait_until_free(received.source, patience):
            return await _keep(spool, received)
        patience = max(0.0, patience - (time.monotonic() - begun))
    commit = asyncio.create_task(collect_received(service, [received]))
    done, _ = await asyncio.wait({commit}, timeout=patience)
    if done:
        try:
            return commit.result()
        except GraphUnavailableError:
            return await _keep(spool, received)
    try:
        place = await spool.append(received)
    except (SpoolFullError, SpoolUnusableError) as unkept:
        try:
            return await commit
        except GraphUnavailableError:
            raise unkept from None
    spool.keep_until(place, commit)
    return _spooled(received)


async def _keep(spool: Spool, received: Received) -> CollectReport:
    await spool.append(received)
    return _spooled(received)


def _spooled(received: Received) -> CollectReport:
    return CollectReport(0, 0, 0, [], Counter(), spooled=len(received.messages))
