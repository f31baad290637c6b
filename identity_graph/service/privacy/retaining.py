"""Retention in the background of a service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import structlog

from identity_graph.service.core import Service
from identity_graph.service.privacy.retention import run_retention

SECONDS_BETWEEN = 60.0
"""Seconds after which a service looks again for what is due."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def retaining(service: Service) -> AsyncGenerator[None]:
    """Delete in the background what the catalogue lets nobody keep."""
    task = asyncio.create_task(_run(service), name="retention")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _run(service: Service) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN)
        try:
            done = await run_retention(service.units)
            if done.events or done.traits:
                _log.info("retention deleted what was due", events=done.events, traits=done.traits, orders=done.orders)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            _log.error("retention cannot go on yet", error=type(error).__name__)
