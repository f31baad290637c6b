"""What errors look like over HTTP: one shape, one place that knows status codes, and no personal data in the log."""

import traceback
from uuid import uuid4

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.collector.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    InvalidMessagesError,
    MalformedBodyError,
    NoRoomError,
    ReplayedError,
    TooFastError,
    UnknownKeyError,
    WrongSignatureError,
)
from identity_graph.errors import (
    ForbiddenError,
    GraphUnavailableError,
    IdentityGraphError,
    InvalidInputError,
    NotFoundError,
    PrivacyRequestError,
    RestrictedError,
)

RETRY_AFTER_SECONDS = 5

_STATUS: dict[type[IdentityGraphError], int] = {
    MalformedBodyError: 400,
    InvalidMessagesError: 400,
    InvalidInputError: 400,
    UnknownKeyError: 401,
    WrongSignatureError: 403,
    ForbiddenError: 403,
    RestrictedError: 403,
    ReplayedError: 403,
    NotFoundError: 404,
    BodyTimeoutError: 408,
    PrivacyRequestError: 409,
    BodyTooLargeError: 413,
    TooFastError: 429,
    GraphUnavailableError: 503,
    NoRoomError: 503,
}
_HTTP_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_log = structlog.get_logger("api")


def error_response(error: Exception, request: Request) -> Response:
    """Answer an error with ``{"success": false, "code", "message"}``; one that nobody foresaw is masked and logged."""
    if isinstance(error, IdentityGraphError):
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
        if isinstance(error, TooFastError):
            headers["Retry-After"] = str(error.facts["retry_after"])
        if status == 401:
            headers["WWW-Authenticate"] = 'WriteKey realm="collector"'
        return answer(status, error.code, error.message, headers)
    if isinstance(error, HTTPException):
        return answer(error.status_code, _HTTP_CODES.get(error.status_code, InvalidInputError.code), str(error.detail))
    if isinstance(error, ClientDisconnect):
        return answer(400, MalformedBodyError.code, "The request ended before its body did.")
    request_id = log_unforeseen(error, request.scope)
    return _masked(request_id)


def answer(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Make an error's response."""
    body = orjson.dumps({"success": False, "code": code, "message": message})
    return Response(body, status, headers=headers, media_type="application/json")


def log_unforeseen(error: Exception, scope: Scope) -> str:
    """Log where an error came from, without its message, which may quote what people sent; return the request's id."""
    request_id = uuid4().hex
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error(
        "unforeseen error",
        request_id=request_id,
        method=scope.get("method"),
        path=getattr(scope.get("route"), "path", None),
        error=type(error).__name__,
        frames=frames[-8:],
    )
    return request_id


class ErrorBoundary:
    """Answers what no handler caught, so that nothing about it leaks to the client or, unmasked, into the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and answer what goes wrong."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the last resort
            request_id = log_unforeseen(error, scope)
            if not started:
                await _masked(request_id)(scope, receive, send)


def _masked(request_id: str) -> Response:
    return answer(
        500,
        "INTERNAL_ERROR",
        f"An error occurred in the service, not in your request; the log has the details under request id {request_id}.",
        {"X-Request-Id": request_id},
    )
