"""Whether the process runs, and whether it can do its work."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.errors import error_response
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.readiness import check_ready

_SECONDS = 3


async def show_live(_: Request) -> Response:
    """Answer 200 as long as the process answers at all."""
    return JSONResponse({"status": "live"})


async def show_ready(request: Request) -> Response:
    """Answer 200 when Neo4j answers, else 503 with Retry-After."""
    try:
        async with asyncio.timeout(_SECONDS):
            await check_ready(request.app.state.service)
    except TimeoutError:
        late = GraphUnavailableError(f"Neo4j did not answer within {_SECONDS} seconds.")
        return error_response(late, request)
    except GraphUnavailableError as error:
        return error_response(error, request)
    return JSONResponse({"status": "ready"})
