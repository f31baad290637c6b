"""What browser SDKs ask before they send anything: answered for any key, since without an answer they stay silent."""

import re

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.collector.credentials import key_of_request
from api.collector.errors import MalformedBodyError

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
"""A name or an address, and perhaps a port."""

_UPDATED_AT = "2026-01-01T00:00:00.000Z"


async def answer_segment_settings(request: Request) -> Response:
    """Send a Segment SDK back here for its messages."""
    scheme, host = _public(request)
    settings = {
        "integrations": {
            "Segment.io": {
                "apiKey": request.path_params["key"],
                "apiHost": f"{host}/v1",
                "protocol": scheme,
            }
        },
        "plan": {},
    }
    return _json(settings)


async def answer_rudder_source_config(request: Request) -> Response:
    """Tell a RudderStack SDK that its source is on and has no destinations of its own."""
    key = key_of_request(request)
    off = {"enabled": False}
    source = {
        "id": "identity-graph",
        "name": "identity-graph",
        "writeKey": key,
        "enabled": True,
        "workspaceId": "identity-graph",
        "config": {"statsCollection": {"errors": off, "metrics": off}},
        "destinations": [],
        "dataplanes": {},
        "updatedAt": _UPDATED_AT,
    }
    return _json({"source": source, "updatedAt": _UPDATED_AT})


def _public(request: Request) -> tuple[str, str]:
    """Give the scheme and the host under which SDKs reach the service; what is no host is never repeated.

    Raises:
        MalformedBodyError: the request names no host, and the settings neither.
    """
    told: str | None = request.app.state.service.settings.public_url
    if told is not None:
        scheme, _, host = told.rstrip("/").partition("://")
        return scheme, host
    if not _HOST.fullmatch(request.headers.get("host", "")):
        raise MalformedBodyError("The header Host of the request is none.")
    return request.url.scheme, request.url.netloc


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
