"""The collector: where SDKs send events.

The answer is 200 and comes after everything is safe, as events or as dead letters. What cannot be parsed at all, or is
too large, is 400 or 413; a wrong key 401; 503 with Retry-After while Neo4j is away.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.collector.answers import pixel, routes_of, service_of, store, success
from api.collector.body import decode_base64, encoding_of, parse_json, read_body, read_json
from api.collector.credentials import find_source, key_of_body, key_of_request
from api.collector.errors import MalformedBodyError
from api.collector.keyless import KeylessBodies
from api.collector.sdk_settings import answer_rudder_source_config, answer_segment_settings
from api.collector.sensors import sensors_routes
from api.errors import answer
from identity_graph.domain.values.json_reader import messages_in
from identity_graph.service.access.keys import AccessKeys

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


def collector_routes() -> list[Route]:
    """List the routes."""
    return [
        *routes_of("/v1/{name}", receive, "POST"),
        *routes_of("/beacon/v1/{name}", receive, "POST"),
        *routes_of("/api/s/{name}", receive, "POST"),
        *routes_of("/api/s/s2s/{name}", receive, "POST"),
        *routes_of("/v1/pixel/{name}", receive_pixel, "GET"),
        *routes_of("/v1/projects/{key}/settings", answer_segment_settings, "GET"),
        *routes_of("/sourceConfig", answer_rudder_source_config, "GET"),
        *sensors_routes(),
    ]


async def receive(request: Request) -> Response:
    """Take one message or a batch. The path says the type of a message that names none.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    name: str = request.path_params["name"]
    if name in DROPPED_PATHS:
        return success()
    kind = SINGLE_PATHS.get(name)
    if kind is None and name not in BATCH_PATHS:
        return answer(404, "NOT_FOUND", "There is no such path: messages go to /v1/batch, /v1/track and the like.")
    keys = service_of(request).keys
    key = key_of_request(request)
    source = await find_source(keys, key) if key else ""
    body = await _read_body(request, keys, has_key=bool(key))
    messages = _messages_of(body, is_batch=kind is None)
    if not source:
        source = await find_source(keys, key_of_body(body, messages))
    sent_at = body.get("sentAt") if isinstance(body, dict) else None
    if sent_at is None or sent_at == "":
        sent_at = request.headers.get("sentat")
    await store(request, messages, source=source, sent_at=sent_at, kind=kind)
    return success()


async def receive_pixel(request: Request) -> Response:
    """Take a message from the address of an image, ``?data=<base64 of its JSON>``: for places without scripts.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    kind = SINGLE_PATHS.get(request.path_params["name"])
    if kind is None:
        return answer(404, "NOT_FOUND", "There is no such path: images are at /v1/pixel/track and the like.")
    body = parse_json(decode_base64(request.query_params.get("data", "")))
    messages = _messages_of(body, is_batch=False)
    source = await find_source(service_of(request).keys, key_of_request(request) or key_of_body(body, messages))
    await store(request, messages, source=source, kind=kind)
    return pixel()


async def _read_body(request: Request, keys: AccessKeys, *, has_key: bool) -> Any:
    seconds = service_of(request).settings.body_seconds
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
