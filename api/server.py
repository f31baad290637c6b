"""The server that carries the application: uvicorn, which takes leave of open sockets before it stops."""

import socket

import uvicorn
from fastapi import FastAPI

_LONGEST_SOCKET_MESSAGE = 1_000_000
"""Bytes; a longer one is no subscription."""


def configure(app: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """Make the configuration of a server for the application."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        ws_max_size=_LONGEST_SOCKET_MESSAGE,
    )


class Server(uvicorn.Server):
    """Serves the application; when it stops, those who follow a subscription are told that it went away."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all sockets, then all connections, then the application."""
        await self._app.state.sockets.close()
        await super().shutdown(sockets)
