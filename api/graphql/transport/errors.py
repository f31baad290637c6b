"""What errors look like in an answer: ``extensions`` hold a stable code and the facts."""

import re
from typing import Any

from graphql import GraphQLError
from starlette.types import Scope

from api.errors import RETRY_AFTER_SECONDS, log_unforeseen
from identity_graph.errors import GraphUnavailableError, IdentityGraphError

BAD_USER_INPUT = "BAD_USER_INPUT"

_SUGGESTION = re.compile(r" Did you mean .*\?$", re.DOTALL)


class RequestError(IdentityGraphError):
    """An HTTP request that cannot be answered as GraphQL; ``status`` and ``headers`` are those of the answer."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_code = code
        self.headers = headers or {}


def describe_refusal(error: IdentityGraphError) -> dict[str, Any]:
    """Describe why a request was not executed."""
    code = error.request_code if isinstance(error, RequestError) else error.code
    return {"message": error.message, "extensions": {"code": code, **_facts(error)}}


def describe_error(error: GraphQLError, code: str, scope: Scope) -> dict[str, Any]:
    """Describe an error of a document or of a field.

    ``code`` is for what graphql-core finds by itself. What nobody foresaw is masked, and logged under a request id.
    """
    cause = _cause(error)
    if cause is None:
        known: dict[str, Any] = dict(error.formatted)
        return {
            **known,
            "message": _message_of(error, scope),
            "extensions": {"code": code, **known.get("extensions", {})},
        }
    message, extensions = _explain(cause, scope)
    described = {"message": message, **{k: v for k, v in error.formatted.items() if k in {"locations", "path"}}}
    return {**described, "extensions": extensions}


def _message_of(error: GraphQLError, scope: Scope) -> str:
    """Give a message of graphql-core, without names that it suggests where these are to stay unknown."""
    app = scope.get("app")
    if app is None or app.state.service.settings.graphql_suggestions:
        return error.message
    return _SUGGESTION.sub("", error.message)


def is_unavailable(error: GraphQLError) -> bool:
    """Tell whether Neo4j did not answer."""
    return isinstance(_cause(error), GraphUnavailableError)


def _cause(error: GraphQLError) -> Exception | None:
    """Find what was raised; None when graphql-core, or a scalar of the schema, objected to the input."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _explain(cause: Exception, scope: Scope) -> tuple[str, dict[str, Any]]:
    if isinstance(cause, IdentityGraphError):
        return cause.message, {"code": cause.code, **_facts(cause)}
    request_id = log_unforeseen(cause, scope)
    return (
        f"An error occurred in the service, not in your request; the log has the details under request id {request_id}.",
        {"code": "INTERNAL_ERROR", "requestId": request_id},
    )


def _facts(error: IdentityGraphError) -> dict[str, Any]:
    if isinstance(error, GraphUnavailableError):
        return {**error.facts, "retryAfterSeconds": RETRY_AFTER_SECONDS}
    return error.facts
