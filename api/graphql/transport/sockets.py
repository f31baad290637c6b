"""Subscriptions over WebSockets, by the sub-protocol ``graphql-transport-ws``.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.connections import address_of, keep_seat
from api.errors import log_unforeseen
from api.graphql.base.context import Context
from api.graphql.schema import new_context
from api.graphql.transport.cors import may_open
from api.graphql.transport.credentials import identify
from api.graphql.transport.requests import GraphQLRequest
from api.graphql.transport.socket_messages import (
    FORBIDDEN,
    GOING_AWAY,
    INIT_TIMEOUT,
    INTERNAL_ERROR,
    PROTOCOL,
    SUBPROTOCOL_NOT_ACCEPTABLE,
    SUBSCRIBER_EXISTS,
    TOO_MANY_INITS,
    TRY_AGAIN_LATER,
    UNAUTHORIZED,
    Complete,
    Init,
    Message,
    Ping,
    Pong,
    ProtocolError,
    Subscribe,
    read_message,
)
from api.graphql.transport.streaming import StreamFailedError, stream_request
from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service

INIT_SECONDS = 10.0
"""How long a client may take to say who it is."""

KEY_CHECK_SECONDS = 60.0
"""How often the key of an open socket is looked at: who follows with one that was revoked, or has other scopes, is parted from."""

MAX_SUBSCRIPTIONS = 50
"""Subscriptions of one socket at the same time."""


MAX_SOCKETS_PER_KEY = 100
"""Open sockets of one key."""

ADDRESS_SHARE = 4
"""An address may fill this part of its connections with sockets: a quarter."""

MAX_SUBSCRIPTIONS_PER_KEY = 300
"""Subscriptions of all sockets of one key at the same time."""

MAX_STRANGER_BYTES = 5_000
"""Bytes of a message of a client that did not say who it is."""

MAX_ECHO_BYTES = 1_000
"""Bytes of a ping whose payload comes back."""


class OpenSockets:
    """The sockets of an application, to be closed when it ends, and how many there are of each key and address."""

    def __init__(self) -> None:
        self._open: set[Socket] = set()
        self._is_closed = False

    def find_obstacle(self, actor: str, address: str, most_of_address: int) -> str | None:
        """Say why a client that has told who it is has no further socket. Others give way to new ones by themselves."""
        known = [socket for socket in self._open if socket.actor is not None]
        if sum(socket.actor == actor for socket in known) >= MAX_SOCKETS_PER_KEY:
            return f"There are {MAX_SOCKETS_PER_KEY} sockets of this key already."
        if sum(socket.address == address for socket in known) >= most_of_address:
            return f"There are {most_of_address} sockets of this address already."
        return None

    def count_subscriptions(self, actor: str | None) -> int:
        """Count the subscriptions of a key."""
        return sum(socket.subscriptions for socket in self._open if socket.actor == actor)

    async def serve(self, socket: "Socket") -> None:
        """Serve a socket until its end."""
        if self._is_closed:
            await socket.close(GOING_AWAY, "The service is shutting down.")
            return
        self._open.add(socket)
        try:
            await socket.serve()
        finally:
            self._open.discard(socket)

    async def close(self) -> None:
        """Tell all clients that the service goes away."""
        self._is_closed = True
        leaving = [socket.close(GOING_AWAY, "The service is shutting down.") for socket in self._open]
        await asyncio.gather(*leaving, return_exceptions=True)


async def serve_socket(websocket: WebSocket) -> None:
    """Answer a WebSocket at ``/graphql``."""
    sockets: OpenSockets = websocket.app.state.sockets
    if not may_open(websocket.scope):
        await websocket.close()  # before it is accepted: 403
        return
    if PROTOCOL not in websocket.scope.get("subprotocols", ()):
        await websocket.accept()
        await websocket.close(SUBPROTOCOL_NOT_ACCEPTABLE, f"Ask for the sub-protocol {PROTOCOL}.")
        return
    await websocket.accept(PROTOCOL)
    await sockets.serve(Socket(websocket, websocket.app.state.service, sockets))


class Socket:
    """One client: what it said, and the subscriptions that it has."""

    def __init__(self, websocket: WebSocket, service: Service, sockets: OpenSockets) -> None:
        self.address = address_of(websocket.scope)
        self._websocket = websocket
        self._service = service
        self._sockets = sockets
        self._key = ""
        self._principal: Principal | None = None
        self._initialised = asyncio.Event()
        self._is_closed = False
        self._subscriptions: dict[str, asyncio.Task[None]] = {}

    @property
    def actor(self) -> str | None:
        """Whose key or token it is; None until the client said who it is."""
        return None if self._principal is None else _owner_of(self._principal)

    @property
    def subscriptions(self) -> int:
        """How many subscriptions it has."""
        return len(self._subscriptions)

    async def serve(self) -> None:
        """Read messages until the client leaves or breaks the protocol."""
        guard = asyncio.create_task(self._guard())
        try:
            while (message := await self._receive()) is not None:
                await self._handle(message)
        except ProtocolError as error:
            await self.close(error.close_code, error.reason)
        except WebSocketDisconnect:
            pass
        finally:
            tasks = [guard, *self._subscriptions.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, unless it is closed."""
        if not self._is_closed:
            self._is_closed = True
            await self._websocket.close(code, reason)

    async def _receive(self) -> Message | None:
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            self._is_closed = True
            return None
        text = received.get("text")
        if self._principal is None and len(text or "") > MAX_STRANGER_BYTES:
            raise ProtocolError(UNAUTHORIZED, "Unauthorized")
        return read_message(text)

    async def _handle(self, message: Message) -> None:
        match message:
            case Init():
                await self._initialise(message)
            case Ping():
                await self._answer_ping(message)
            case Pong():
                pass
            case Subscribe():
                await self._subscribe(message)
            case Complete():
                task = self._subscriptions.pop(message.id, None)
                if task is not None:
                    task.cancel()

    async def _answer_ping(self, message: Ping) -> None:
        """Give a sign of life. A payload comes back if it is small, and the client said who it is."""
        echo = None if self._principal is None else message.payload
        if echo is not None and len(orjson.dumps(echo)) > MAX_ECHO_BYTES:
            echo = None
        await self._send({"type": "pong"} | ({} if echo is None else {"payload": echo}))

    async def _initialise(self, message: Init) -> None:
        if self._initialised.is_set():
            raise ProtocolError(TOO_MANY_INITS, "Too many initialisation requests")
        self._initialised.set()
        self._key = message.key or _bearer(self._websocket.headers.get("authorization", ""))
        try:
            found = await identify(self._service, self._key, self._websocket.scope)
        except GraphUnavailableError as error:
            raise ProtocolError(TRY_AGAIN_LATER, error.message) from error
        if isinstance(found, Refusal) or Scope.READ not in found.scopes:  # there is nothing to follow without it
            raise ProtocolError(FORBIDDEN, "Forbidden")
        most = max(1, self._service.settings.max_connections_per_address // ADDRESS_SHARE)
        obstacle = self._sockets.find_obstacle(_owner_of(found), self.address, most)
        if obstacle is not None:
            raise ProtocolError(TRY_AGAIN_LATER, obstacle)
        self._principal = found
        keep_seat(self._websocket.scope)
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: Subscribe) -> None:
        principal = self._principal
        if principal is None:
            raise ProtocolError(UNAUTHORIZED, "Unauthorized")
        if message.id in self._subscriptions:
            raise ProtocolError(SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            text = f"A socket carries {MAX_SUBSCRIPTIONS} subscriptions at most: open another one."
            await self._refuse(message.id, text, MAX_SUBSCRIPTIONS)
            return
        if self._sockets.count_subscriptions(self.actor) >= MAX_SUBSCRIPTIONS_PER_KEY:
            text = f"A key has {MAX_SUBSCRIPTIONS_PER_KEY} subscriptions at most: end others first."
            await self._refuse(message.id, text, MAX_SUBSCRIPTIONS_PER_KEY)
            return
        self._subscriptions[message.id] = asyncio.create_task(self._run(message.id, message.request, principal))

    async def _refuse(self, id: str, text: str, maximum: int) -> None:
        error = {"message": text, "extensions": {"code": "QUERY_TOO_LARGE", "maximum": maximum}}
        await self._send({"id": id, "type": "error", "payload": [error]})

    async def _run(self, id: str, request: GraphQLRequest, principal: Principal) -> None:
        """Send what a subscription gives, one answer after the other: the next is read when this one has left."""
        last: dict[str, Any] = {"id": id, "type": "complete"}

        def make_context() -> Context:
            return new_context(self._service, now_instant(), principal)

        try:
            async with aclosing(stream_request(request, make_context, self._websocket.scope)) as answers:
                async for answer in answers:
                    await self._send({"id": id, "type": "next", "payload": answer})
        except StreamFailedError as failed:
            last = {"id": id, "type": "error", "payload": failed.errors}
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            log_unforeseen(error, self._websocket.scope)
            await self.close(INTERNAL_ERROR, "Internal server error")
            return
        del self._subscriptions[id]  # before the client hears of the end: it may use the id again at once
        await self._send(last)

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._is_closed:
            await self._websocket.send_text(orjson.dumps(message).decode())

    async def _guard(self) -> None:
        """Part from a client that does not say who it is, and from one whose key was revoked or has other scopes."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                await self._initialised.wait()
        except TimeoutError:
            await self.close(INIT_TIMEOUT, "Connection initialisation timeout")
            return
        while True:
            await asyncio.sleep(KEY_CHECK_SECONDS)
            try:
                found = await identify(self._service, self._key, self._websocket.scope)
            except GraphUnavailableError:
                continue
            if found != self._principal:
                await self.close(FORBIDDEN, "Forbidden")
                return


def _owner_of(principal: Principal) -> str:
    return principal.key_id or f"{principal.kind} {principal.name}"


def _bearer(authorization: str) -> str:
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
