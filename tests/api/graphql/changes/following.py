"""A client that follows by the sub-protocol ``graphql-transport-ws``, message by message."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.live import Live

PROTOCOL = "graphql-transport-ws"
CHANGES = (
    "subscription($kinds: [ChangeKind!], $after: String) { changes(kinds: $kinds, after: $after) { id kind cursor } }"
)


class Follower:
    """An open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, type: str, **fields: Any) -> None:
        await self.socket.send(orjson.dumps({"type": type, **fields}).decode())

    async def hear(self) -> dict[str, Any]:
        return orjson.loads(await self.socket.recv())

    async def enter(self, live: Live) -> None:
        await self.say("connection_init", payload={"Authorization": f"Bearer {live.admin_key}"})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, document: str = CHANGES, id: str = "1", **variables: Any) -> None:
        await self.say("subscribe", id=id, payload={"query": document, "variables": variables})

    async def next(self, id: str = "1") -> dict[str, Any]:
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id), message
        return message["payload"]["data"]["changes"]

    async def end(self) -> int:
        """Wait until the server closes, and tell the code."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed:
            assert self.socket.close_code is not None
            return self.socket.close_code


@asynccontextmanager
async def following(
    live: Live, protocol: str | None = PROTOCOL, headers: dict[str, str] | None = None
) -> AsyncGenerator[Follower]:
    """Open a socket."""
    protocols = None if protocol is None else [Subprotocol(protocol)]
    async with connect(f"ws://{live.host}/graphql", subprotocols=protocols, additional_headers=headers) as socket:
        yield Follower(socket)
