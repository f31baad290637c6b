"""``/graphql``: GraphQL over HTTP and WebSockets for programs, GraphiQL for browsers."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.errors import RETRY_AFTER_SECONDS
from api.graphql.schema import new_context
from api.graphql.transport.credentials import explain_refusal, identify
from api.graphql.transport.errors import RequestError, describe_refusal
from api.graphql.transport.execution import execute_request
from api.graphql.transport.graphiql import show_asset, show_page
from api.graphql.transport.negotiation import HTML, LEGACY_JSON, RESPONSE_JSON, choose_media_type
from api.graphql.transport.requests import read_request
from api.graphql.transport.sockets import serve_socket
from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal
from identity_graph.domain.values.instants import format_instant
from identity_graph.errors import ForbiddenError, GraphUnavailableError, IdentityGraphError
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service

router = APIRouter()
"""The routes of GraphQL, for the application to include."""

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def answer_graphql(request: Request) -> Response:
    """Answer a GraphQL request, or show GraphiQL to a browser."""
    accept = request.headers.get("accept", "")
    is_get = request.method == "GET"
    media_type = choose_media_type(
        accept, (RESPONSE_JSON, LEGACY_JSON, HTML) if is_get else (RESPONSE_JSON, LEGACY_JSON)
    )
    settings = request.app.state.service.settings
    if media_type == HTML and settings.graphiql:
        return show_page()
    if media_type == HTML:
        media_type = RESPONSE_JSON
    try:
        if not is_get and request.method != "POST":
            raise RequestError(405, "METHOD_NOT_ALLOWED", "GraphQL accepts GET and POST.", {"Allow": "GET, POST"})
        if media_type is None:
            raise RequestError(406, "NOT_ACCEPTABLE", f"Accept {RESPONSE_JSON} or {LEGACY_JSON}.")
        service: Service = request.app.state.service
        principal = await _authenticate(request, service)
        outcome = await execute_request(
            await read_request(request),
            new_context(service, now_instant(), principal),
            media_type=media_type,
            may_write=not is_get,
            scope=request.scope,
        )
    except IdentityGraphError as error:
        return _refuse(error, media_type or RESPONSE_JSON)
    return _respond({**outcome.body, **tell_waiting(service)}, outcome.status, media_type, outcome.headers)


def tell_waiting(service: Service) -> dict[str, Any]:
    """Tell in an answer that events wait in the spool, which is why it does not know them yet; nothing when none wait."""
    status = None if service.spool is None else service.spool.status
    if status is None or status.since is None:
        return {}
    return {"extensions": {"eventsWaiting": {"count": status.messages, "since": format_instant(status.since)}}}


async def _authenticate(request: Request, service: Service) -> Principal:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    found = await identify(service, key.strip() if scheme.lower() == "bearer" else "", request.scope)
    if isinstance(found, Refusal):
        raise RequestError(
            401, "UNAUTHENTICATED", explain_refusal(found), {"WWW-Authenticate": 'Bearer realm="graphql"'}
        )
    return found


def _refuse(error: IdentityGraphError, media_type: str) -> Response:
    status, headers = 500, {}
    if isinstance(error, RequestError):
        status, headers = error.status, error.headers
    elif isinstance(error, ForbiddenError):
        status = 403
    elif isinstance(error, GraphUnavailableError):
        status, headers = 503, {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return _respond({"errors": [describe_refusal(error)]}, status, media_type, headers)


def _respond(body: object, status: int, media_type: str, headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(body),
        status,
        headers={**headers, "content-type": f"{media_type}; charset=utf-8", "vary": "accept"},
    )


router.add_route("/graphql", answer_graphql, methods=_METHODS, include_in_schema=False)
router.add_websocket_route("/graphql", serve_socket)
router.add_route("/graphql/assets/{name}", show_asset, methods=["GET"], include_in_schema=False)
