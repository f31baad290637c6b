"""The collector: where SDKs send events.

The answer is 200 and comes after everything is safe, as events or as dead letters. What cannot be parsed at all, or is
too large, is 400 or 413; a wrong key 401; 503 with Retry-After while Neo4j is away.
"""

import base64
import binascii
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.collector.body import encoding_of, parse_json, read_body, read_json
from api.collector.cors import allow_origin, answer_preflight
from api.collector.credentials import find_source, key_of_body, key_of_request
from api.collector.errors import MalformedBodyError
from api.collector.keyless import KeylessBodies
from api.collector.sdk_settings import answer_rudder_source_config, answer_segment_settings
from api.errors import answer, error_response
from api.metrics import CollectorMetrics
from identity_graph.domain.values.json_reader import messages_in
from identity_graph.service.access.keys import AccessKeys
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service

Endpoint = Callable[[Request], Awaitable[Response]]

SINGLE_PATHS = {
    "track": "track",
    "t": "track",
    "identify": "identify",
    "i": "identify",
    "page": "page",
    "p": "page",
    "screen": "screen",
    "s": "screen",
    "group": "group",
    "g": "group",
    "alias": "alias",
    "a": "alias",
}
BATCH_PATHS = frozenset({"batch", "b", "import"})
DROPPED_PATHS = frozenset({"m"})
"""The SDK's own metrics: taken, answered and forgotten."""

_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All are answered here, so that a wrong one gets an answer of the same shape."""

_SUCCESS = b'{"success":true}'
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def collector_routes() -> list[Route]:
    """List the routes, each with and without a slash at its end: SDKs do not follow redirects with a body."""
    routes: list[Route] = []
    for path, endpoint, methods in (
        ("/v1/{name}", receive, {"POST"}),
        ("/beacon/v1/{name}", receive, {"POST"}),
        ("/api/s/{name}", receive, {"POST"}),
        ("/api/s/s2s/{name}", receive, {"POST"}),
        ("/v1/pixel/{name}", receive_pixel, {"GET"}),
        ("/v1/projects/{key}/settings", answer_segment_settings, {"GET"}),
        ("/sourceConfig", answer_rudder_source_config, {"GET"}),
    ):
        answered = _answered(endpoint, frozenset(methods))
        routes += (Route(path, answered, methods=_ALL_METHODS), Route(f"{path}/", answered, methods=_ALL_METHODS))
    return routes


async def receive(request: Request) -> Response:
    """Take one message or a batch. The path says the type of a message that names none.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    name: str = request.path_params["name"]
    if name in DROPPED_PATHS:
        return _success()
    kind = SINGLE_PATHS.get(name)
    if kind is None and name not in BATCH_PATHS:
        return answer(404, "NOT_FOUND", "There is no such path: messages go to /v1/batch, /v1/track and the like.")
    keys = _service(request).keys
    key = key_of_request(request)
    source = await find_source(keys, key) if key else ""
    body = await _read_body(request, keys, has_key=bool(key))
    messages = _messages_of(body, is_batch=kind is None)
    if not source:
        source = await find_source(keys, key_of_body(body, messages))
    sent_at = body.get("sentAt") if isinstance(body, dict) else None
    if sent_at is None or sent_at == "":
        sent_at = request.headers.get("sentat")
    await _collect(request, messages, source, sent_at, kind)
    return _success()


async def receive_pixel(request: Request) -> Response:
    """Take a message from the address of an image, ``?data=<base64 of its JSON>``: for places without scripts.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    kind = SINGLE_PATHS.get(request.path_params["name"])
    if kind is None:
        return answer(404, "NOT_FOUND", "There is no such path: images are at /v1/pixel/track and the like.")
    try:
        data = request.query_params.get("data", "").replace("-", "+").replace("_", "/").replace(" ", "+")
        body = parse_json(base64.b64decode(data + "=" * (-len(data) % 4), validate=True))
    except (binascii.Error, ValueError):
        raise MalformedBodyError("data must be the base64 of a message's JSON.") from None
    messages = _messages_of(body, is_batch=False)
    source = await find_source(_service(request).keys, key_of_request(request) or key_of_body(body, messages))
    await _collect(request, messages, source, None, kind)
    return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})


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


async def _read_body(request: Request, keys: AccessKeys, *, has_key: bool) -> Any:
    seconds = _service(request).settings.body_seconds
    if has_key:
        return await read_json(request, seconds)
    bodies: KeylessBodies = request.app.state.keyless_bodies
    with bodies.hold() as body:
        await read_body(request, seconds, body.add)
        return parse_json(await bodies.open(body, encoding_of(request), keys))


def _messages_of(body: Any, *, is_batch: bool) -> list[Any]:
    several = messages_in(body)
    if several is not None:
        return several
    if is_batch:
        raise MalformedBodyError('A batch must be {"batch": [message, …]} or [message, …].')
    return [body]


async def _collect(request: Request, messages: list[Any], source: str, sent_at: object, kind: str | None) -> None:
    report = await collect(
        _service(request),
        messages,
        source=source,
        received_at=time.time_ns() // 1000,
        sent_at=sent_at,
        default_type=kind,
    )
    _metrics(request).observe_report(report)


def _success() -> Response:
    return Response(_SUCCESS, media_type="application/json")


def _service(request: Request) -> Service:
    return request.app.state.service


def _metrics(request: Request) -> CollectorMetrics:
    return request.app.state.collector_metrics
