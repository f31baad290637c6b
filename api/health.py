"""Whether the process runs, and whether it can do its work."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.errors import error_response
from identity_graph.domain.values.instants import format_instant
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.readiness import read_readiness


async def show_live(_: Request) -> Response:
    """Answer 200 as long as the process answers at all."""
    return JSONResponse({"status": "live"})


async def show_ready(request: Request) -> Response:
    """Answer 200 when events are taken in, by Neo4j or by the spool, else 503 with Retry-After."""
    try:
        readiness = await read_readiness(request.app.state.service)
    except GraphUnavailableError as error:
        return error_response(error, request)
    body: dict[str, Any] = {"status": "ready"}
    if readiness.reason is not None:
        body = {"status": "spooling", "reason": readiness.reason}
    spool = readiness.spool
    if spool is not None and (spool.messages or readiness.reason):
        body |= {"waiting": spool.messages, "since": spool.since and format_instant(spool.since)}
    if spool is not None and spool.aside:
        body["aside"] = spool.aside
    if spool is not None and spool.damaged:
        body["damaged"] = spool.damaged
    return JSONResponse(body)
