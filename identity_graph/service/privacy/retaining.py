"""Retention in the background of a service."""

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog

from identity_graph.service.background import in_background
from identity_graph.service.core import Service
from identity_graph.service.privacy.retention import run_retention

SECONDS_BETWEEN = 60.0
"""Seconds after which a service looks again for what is due."""

_log = structlog.get_logger(__name__)


def retaining(service: Service) -> AbstractAsyncContextManager[None]:
    """Delete in the background what the catalogue lets nobody keep."""
    return in_background(_run(service), "retention")


async def _run(service: Service) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN)
        try:
            done = await run_retention(service.units)
            if done.events or done.traits:
                _log.info("retention deleted what was due", events=done.events, traits=done.traits, orders=done.orders)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            _log.error("retention cannot go on yet", error=type(error).__name__)
