"""The server that carries the application: uvicorn, which takes leave of open sockets before it stops."""

import asyncio
import resource
import socket
from contextlib import suppress

from fastapi import FastAPI
from uvicorn import Server as UvicornServer

from api.connections import ConnectionLimits, Seats
from api.metrics import show_connections
from api.protocols import GuardedConfig
from identity_graph.settings import Settings

_LONGEST_SOCKET_MESSAGE = 1_000_000
"""Bytes; a longer one is no subscription."""

_DESCRIPTORS_FOR_OTHERS = 256
"""Descriptors that are kept for what else is open: connections to Neo4j, files, the event loop."""

_FAREWELL_SECONDS = 2.0


def configure(app: FastAPI, settings: Settings, *, host: str, port: int) -> GuardedConfig:
    """Make the configuration of a server for the application."""
    limits = ConnectionLimits(
        connections=min(settings.max_connections, _count_descriptors(settings.max_connections)),
        connections_per_address=settings.max_connections_per_address,
        head_seconds=settings.head_seconds,
        body_seconds=settings.body_seconds,
    )
    return GuardedConfig(
        app,
        seats=Seats(limits),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        ws_max_size=_LONGEST_SOCKET_MESSAGE,
    )


class Server(UvicornServer):
    """Serves the application; when it stops, those who follow a subscription are told that it went away."""

    def __init__(self, config: GuardedConfig, app: FastAPI) -> None:
        super().__init__(config)
        self._seats = config.seats
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen."""
        await super().startup(sockets)
        if self.started:
            show_connections(self._app.state.service.metrics.registry, self._seats)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all sockets, then all connections, then the application."""
        with suppress(TimeoutError):  # who does not read does not hear of it
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._app.state.sockets.close()
        await super().shutdown(sockets)


def _count_descriptors(wanted: int) -> int:
    """Raise how many descriptors the process may have as far as it may, and count those that connections can have."""
    wanted += _DESCRIPTORS_FOR_OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(16, soft - _DESCRIPTORS_FOR_OTHERS)
