"""``/graphql`` as a WebSocket, for subscriptions: the graphql-transport-ws protocol as Strawberry implements it.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. The admin key comes with ``connection_init``, since browsers
cannot set headers of a WebSocket, or in the ``Authorization`` header of the handshake.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.extensions import SchemaExtension
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from api.graphql.context import Context
from api.graphql.errors import BAD_USER_INPUT, describe_error
from api.graphql.limits import find_excess
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service

_INIT_WITHIN = timedelta(seconds=10)
_MOST_SUBSCRIPTIONS = 100


@dataclass(slots=True)
class SocketContext(Context):
    """What the resolvers of one socket have at hand; ``connection_params`` come with ``connection_init``."""

    socket: HTTPConnection
    connection_params: dict[str, Any] | None = None


class SocketRules(SchemaExtension):
    """Holds what comes over a socket to the limits of documents, and describes errors as answers over HTTP do."""

    def on_validate(self) -> Iterator[None]:
        """Refuse a document that asks for too much."""
        yield
        context = self.execution_context
        if context.graphql_document is not None and not context.pre_execution_errors:
            excess = find_excess(context.graphql_document)
            if excess is not None:
                context.pre_execution_errors = [excess]

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Mask what nobody foresaw, and give the others their codes."""
        if errors := getattr(result, "errors", None):
            scope = self.execution_context.context.socket.scope
            result.errors = [_described(error, describe_error(error, BAD_USER_INPUT, scope)) for error in errors]
        yield


def _described(error: GraphQLError, described: dict[str, Any]) -> GraphQLError:
    return GraphQLError(described["message"], nodes=error.nodes, path=error.path, extensions=described["extensions"])


class Socket(GraphQL[Any, None]):
    """The WebSocket at ``/graphql``."""

    def __init__(self, schema: Any) -> None:
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=_INIT_WITHIN,
            max_subscriptions_per_connection=_MOST_SUBSCRIPTIONS,
            allowed_origins=("*",),  # nobody gets in by a cookie: the key has to be sent
        )

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> SocketContext:  # noqa: ARG002 - Strawberry calls it so
        """Make the context of a new socket, which nobody has signed in to yet."""
        service: Service = request.app.state.service
        plain = Context.of(service, now_instant(), "")
        return SocketContext(service, plain.loaders, plain.received_at, "", request)

    async def on_ws_connect(self, context: SocketContext) -> UnsetType:
        """Let in whoever has an admin key.

        Raises:
            ConnectionRejectionError: the key is missing or wrong.
        """
        said = context.connection_params or {}
        header = said.get("Authorization") or said.get("authorization") or context.socket.headers.get("authorization")
        key = said.get("adminKey") or str(header or "").partition(" ")[2]
        actor = await context.service.keys.find_admin(str(key).strip())
        if actor is None:
            raise ConnectionRejectionError
        context.actor = actor
        return UNSET
