"""What the collector's endpoints share: answers, methods, and storing what a request brought."""

import base64
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.collector.body import check_messages
from api.collector.cors import allow_origin, answer_preflight
from api.collector.rates import RateLimits
from api.connections import address_of
from api.errors import answer, error_response
from api.metrics import CollectorMetrics
from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.collecting.received import Received
from identity_graph.domain.consent.sdk import mark_opted_out
from identity_graph.service.collecting.collecting import CollectReport
from identity_graph.service.collecting.taking import take
from identity_graph.service.core import Service

Endpoint = Callable[[Request], Awaitable[Response]]

_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All are answered here, so that a wrong one gets an answer of the same shape."""

_SUCCESS = b'{"success":true}'
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def routes_of(path: str, endpoint: Endpoint, *methods: str) -> list[Route]:
    """Give the routes of a path, with and without a slash at its end: SDKs do not follow redirects with a body."""
    answered = _answered(endpoint, frozenset(methods))
    return [Route(path, answered, methods=_ALL_METHODS), Route(f"{path}/", answered, methods=_ALL_METHODS)]


async def store(
    request: Request,
    messages: list[Any],
    *,
    source: str,
    sent_at: object = None,
    kind: str | None = None,
    protocol: Protocol = Protocol.SEGMENT,
) -> CollectReport:
    """Store the messages of a request and count what became of them.

    Raises:
        BodyTooLargeError, MalformedBodyError: there are too many, or too many are no objects.
        TooFastError: the source, or the address, sent more than it may.
        GraphUnavailableError: neither Neo4j nor the spool takes them.
    """
    check_messages(messages)
    limits: RateLimits = request.app.state.rate_limits
    limits.take(source, address_of(request.scope), len(messages))
    if request.headers.get("sec-gpc") == "1":
        mark_opted_out(messages)
    received = Received(
        messages=messages,
        source=source,
        received_at=time.time_ns() // 1000,
        sent_at=sent_at,
        default_type=kind,
        protocol=protocol,
    )
    report = await take(service_of(request), received)
    _metrics(request).observe_report(report)
    return report


def success() -> Response:
    """Say that all is safe."""
    return Response(_SUCCESS, media_type="application/json")


def pixel() -> Response:
    """Answer the address of an image."""
    return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})


def service_of(request: Request) -> Service:
    """Give the service behind a request."""
    return request.app.state.service


def _answered(endpoint: Endpoint, methods: frozenset[str]) -> Endpoint:
    """Answer preflights and wrong methods, turn errors into answers, and let any page read all of it."""

    async def answered(request: Request) -> Response:
        started = time.perf_counter()
        if request.method == "OPTIONS":
            return answer_preflight(request)
        if request.method not in methods:
            allowed = ", ".join(sorted(methods | {"OPTIONS"}))
            response = answer(405, "METHOD_NOT_ALLOWED", f"This path accepts {allowed}.", {"Allow": allowed})
        else:
            try:
                response = await endpoint(request)
            except Exception as error:  # noqa: BLE001 - each becomes an answer, or SDKs would send it all again
                response = error_response(error, request)
        _metrics(request).observe_request(response.status_code, time.perf_counter() - started)
        return allow_origin(request, response)

    return answered


def _metrics(request: Request) -> CollectorMetrics:
    return request.app.state.collector_metrics
