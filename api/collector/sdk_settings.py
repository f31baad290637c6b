"""What browser SDKs ask before they send anything: answered for any key, since without an answer they stay silent."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.collector.credentials import key_of_request

_UPDATED_AT = "2026-01-01T00:00:00.000Z"


async def answer_segment_settings(request: Request) -> Response:
    """Send a Segment SDK back here for its messages."""
    settings = {
        "integrations": {
            "Segment.io": {
                "apiKey": request.path_params["key"],
                "apiHost": f"{request.url.netloc}/v1",
                "protocol": request.url.scheme,
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


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
