"""Whether the service can do its work."""

import asyncio
from typing import NamedTuple

from identity_graph.errors import GraphUnavailableError, SpoolFullError
from identity_graph.service.core import Service
from identity_graph.service.spool.spooling import SpoolStatus
from identity_graph.store.driver.graph import again
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.health import numbers as health

_SECONDS = 3


class Readiness(NamedTuple):
    """How events are taken in: into the graph, or, for the ``reason`` given, into the spool; ``spool`` is None without one."""

    reason: str | None
    spool: SpoolStatus | None


async def read_readiness(service: Service) -> Readiness:
    """Tell how events are taken in.

    Raises:
        GraphUnavailableError: they are not.
    """
    spool = service.spool
    try:
        async with asyncio.timeout(_SECONDS):
            await check_ready(service)
    except (GraphUnavailableError, TimeoutError) as error:
        known = isinstance(error, GraphUnavailableError)
        reason = error.message if known else f"Neo4j did not answer within {_SECONDS} seconds."
        if spool is None:
            raise again(error) if known else GraphUnavailableError(reason) from None
        if not spool.has_room:
            raise SpoolFullError(f"{reason} The spool has no room for more.") from None
        return Readiness(reason, spool.status)
    return Readiness(None, None if spool is None else spool.status)


async def check_ready(service: Service) -> None:
    """Tell what keeps events from being committed, if anything is known to; else ask Neo4j for an answer.

    Raises:
        GraphUnavailableError: something does, or it gives none.
    """
    trouble = service.graph.trouble
    if trouble is not None:
        raise again(trouble)

    async def ask(tx: ReadTransaction) -> None:
        await health.check_answer(tx)

    await service.graph.read(ask)
