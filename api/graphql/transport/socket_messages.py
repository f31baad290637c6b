"""What clients say by the sub-protocol ``graphql-transport-ws``, and the codes with which a socket is closed."""

from typing import Any, NamedTuple

from api.graphql.transport.errors import RequestError
from api.graphql.transport.requests import GraphQLRequest, read_parameters
from identity_graph.domain.values.json_reader import JsonError, read_strict_json

PROTOCOL = "graphql-transport-ws"

GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013
INVALID_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
SUBPROTOCOL_NOT_ACCEPTABLE = 4406
INIT_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITS = 4429
INTERNAL_ERROR = 4500

_LONGEST_REASON = 123
"""Bytes that a WebSocket has for the reason."""


class ProtocolError(Exception):
    """The client broke the protocol: the socket is closed with a code and a reason."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code
        self.reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")


class Init(NamedTuple):
    """The first message, with the key if it holds one."""

    key: str | None


class Ping(NamedTuple):
    """Asks for a sign of life; the payload comes back."""

    payload: dict[str, Any] | None


class Pong(NamedTuple):
    """A sign of life."""


class Subscribe(NamedTuple):
    """Begins a subscription under an id of the client's."""

    id: str
    request: GraphQLRequest


class Complete(NamedTuple):
    """Ends a subscription."""

    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def read_message(text: str | None) -> Message:
    """Read a message; None stands for one that is no text.

    Raises:
        ProtocolError: it is none of the protocol.
    """
    if text is None:
        raise _invalid("messages are text")
    try:
        message = read_strict_json(text.encode("utf-8", "surrogatepass"))
    except JsonError as error:
        raise _invalid("it is not JSON") from error
    payload = message.get("payload") if isinstance(message, dict) else None
    match message:
        case {"type": "connection_init"} if isinstance(payload, dict | None):
            return Init(_find_key(payload or {}))
        case {"type": "ping"} if isinstance(payload, dict | None):
            return Ping(payload)
        case {"type": "pong"} if isinstance(payload, dict | None):
            return Pong()
        case {"type": "complete", "id": str(id)} if id:
            return Complete(id)
        case {"type": "subscribe", "id": str(id), "payload": dict()} if id:
            try:
                return Subscribe(id, read_parameters(payload))
            except RequestError as error:
                raise ProtocolError(INVALID_MESSAGE, error.message) from error
        case _:
            raise _invalid("its type, id or payload is not part of the protocol")


def _find_key(payload: dict[str, Any]) -> str | None:
    """Find the key: as ``accessKey`` or ``adminKey``, or as a header would say it."""
    key = payload.get("accessKey", payload.get("adminKey"))
    if isinstance(key, str):
        return key
    header = payload.get("Authorization", payload.get("authorization"))
    if isinstance(header, str) and header.lower().startswith("bearer "):
        return header[len("bearer ") :].strip()
    return None


def _invalid(why: str) -> ProtocolError:
    return ProtocolError(INVALID_MESSAGE, f"Invalid message: {why}")
