"""Letting pages of any origin send: the write key is no secret there, and no cookie is ever read."""

from starlette.requests import Request
from starlette.responses import Response

_ALLOWED_HEADERS = ("authorization", "content-type", "anonymousid", "sentat", "x-write-key", "x-retry-count")
_MAX_AGE_SECONDS = "86400"


def allow_origin(request: Request, response: Response) -> Response:
    """Let the page that asked read this response."""
    origin = request.headers.get("origin")
    headers = response.headers
    headers["Vary"] = "Origin"
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def answer_preflight(request: Request) -> Response:
    """Answer OPTIONS: what the page asks for is allowed, and what SDKs are known to send."""
    response = Response(status_code=200)
    asked = request.headers.get("access-control-request-headers", "")
    names = dict.fromkeys([*_ALLOWED_HEADERS, *(name.strip().lower() for name in asked.split(",") if name.strip())])
    response.headers["Access-Control-Allow-Headers"] = ", ".join(names)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    response.headers["Access-Control-Max-Age"] = _MAX_AGE_SECONDS
    response.headers["Allow"] = "GET, POST, OPTIONS"
    return allow_origin(request, response)
