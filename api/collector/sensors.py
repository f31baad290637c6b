"""The paths of Sensors SDKs: ``/sa`` and ``/sa.gif`` store what comes, ``/debug`` also says at once what is wrong."""

import time
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.collector.answers import pixel, routes_of, service_of, store, success
from api.collector.body import MAX_BODY_BYTES, decode_base64, encoding_of, inflate, parse_json, read_body, too_large
from api.collector.credentials import find_source, key_of_request
from api.collector.errors import InvalidMessagesError, MalformedBodyError
from identity_graph.domain.collecting.protocols import Protocol, read_message
from identity_graph.domain.collecting.segment.messages import Rejection, to_event
from identity_graph.domain.collecting.sensors.checksum import is_intact
from identity_graph.domain.collecting.sensors.requests import damaged, note_request

_FIELDS = ("data", "data_list")
_MOST_FIELDS = 100
_MOST_TOLD = 20


def sensors_routes() -> list[Route]:
    """List the routes."""
    return [
        *routes_of("/sa", receive, "GET", "POST"),
        *routes_of("/sa.gif", receive, "GET", "POST"),
        *routes_of("/debug", debug, "GET", "POST"),
    ]


async def receive(request: Request) -> Response:
    """Take one message or several; what is asked for by GET is answered by an image.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    source = await find_source(service_of(request).keys, key_of_request(request))
    messages = await _read_messages(request)
    await store(request, messages, source=source, protocol=Protocol.SENSORS)
    return pixel() if request.method == "GET" else success()


async def debug(request: Request) -> Response:
    """Take messages as ``receive`` does and say what is wrong with them; with ``Dry-Run: true`` nothing is stored.

    Raises:
        InvalidMessagesError: some messages cannot be accepted. Without ``Dry-Run`` the others are stored, and these are
            dead letters.
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    service = service_of(request)
    source = await find_source(service.keys, key_of_request(request))
    messages = await _read_messages(request)
    if request.headers.get("dry-run", "").strip().lower() != "true":
        report = await store(request, messages, source=source, protocol=Protocol.SENSORS)
        if not report.spooled:
            _refuse([(number, one) for number, one in enumerate(report.results, 1) if isinstance(one, Rejection)])
            return success()
    now = time.time_ns() // 1000
    wrong: list[tuple[int, Rejection]] = []
    warnings: list[str] = []
    for number, message in enumerate(messages, 1):
        read = read_message(Protocol.SENSORS, message, source=source, received_at=now)
        if isinstance(read, Rejection):
            wrong.append((number, read))
        else:
            ignored = to_event(read, service.rules).ignored
            warnings += [f"Message {number}: {item.namespace} is ignored ({item.code})." for item in ignored]
    _refuse(wrong)
    return Response(orjson.dumps({"success": True, "warnings": warnings}), media_type="application/json")


def _refuse(wrong: list[tuple[int, Rejection]]) -> None:
    if wrong:
        told = [f"message {number}: {one.reason} ({one.code})" for number, one in wrong[:_MOST_TOLD]]
        more = [f"and {len(wrong) - _MOST_TOLD} more"] if len(wrong) > _MOST_TOLD else []
        raise InvalidMessagesError("; ".join([*told, *more]))


async def _read_messages(request: Request) -> list[Any]:
    """Read the messages of a request, whatever its headers say of their form.

    Raises:
        MalformedBodyError, BodyTooLargeError, BodyTimeoutError: they cannot be read.
    """
    query = list(request.query_params.multi_items())
    if request.method == "GET":
        messages = _messages_in(query)
    else:
        parts: list[bytes] = []
        await read_body(request, service_of(request).settings.body_seconds, parts.append)
        body = inflate(b"".join(parts), encoding_of(request))
        if body.lstrip()[:1] in (b"{", b"["):
            messages = _listed(parse_json(body))
        else:
            # The mini-program SDK and beacons send a form as plain text; some SDKs leave it empty and use the address.
            messages = _messages_in(_read_form(body) or query)
    project, agent = request.query_params.get("project", ""), request.headers.get("user-agent", "")
    return [note_request(message, project=project, user_agent=agent) for message in messages]


def _read_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise MalformedBodyError("The body must be JSON, or a form with data or data_list.") from None


def _messages_in(fields: list[tuple[str, str]]) -> list[Any]:
    """Read the messages of a form: ``data`` or ``data_list`` is the base64 of their JSON, gzipped or not."""
    ext = next((value for name, value in fields if name == "ext"), "")
    messages: list[Any] = []
    found = [value.replace(" ", "+") for name, value in fields if name in _FIELDS]
    if not found:
        raise MalformedBodyError("There is no data: send a form with data or data_list, the base64 of the JSON.")
    size = 0
    for text in found:
        if is_intact(text, ext):
            content = inflate(decode_base64(text))
            size += len(content)
            if size > MAX_BODY_BYTES:
                raise too_large()
            messages += _listed(parse_json(content))
        else:
            messages.append(damaged(text, ext))
    return messages


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
