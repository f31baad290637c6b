"""Reading a GraphQL request out of an HTTP request, after the GraphQL-over-HTTP specification."""

from typing import Any, NamedTuple

from starlette.requests import Request

from api.graphql.transport.errors import RequestError
from api.graphql.transport.negotiation import is_json_in_utf8
from identity_graph.domain.values.json_reader import JsonError, read_strict_json

MAX_BODY_BYTES = 1_000_000
"""A request with larger variables is no question about customers."""


class GraphQLRequest(NamedTuple):
    """What is asked: a document, the operation of it, and its variables."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


async def read_request(request: Request) -> GraphQLRequest:
    """Read a GET or POST request.

    Raises:
        RequestError: it is no well-formed GraphQL-over-HTTP request.
    """
    if request.method == "POST":
        return read_parameters(await _read_body(request))
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _parse(parameters[name].encode(), f"the parameter `{name}`")
        else:
            parameters.pop(name, None)
    return read_parameters(parameters)


async def _read_body(request: Request) -> Any:
    if not is_json_in_utf8(request.headers.get("content-type", "")):
        raise RequestError(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as JSON: `Content-Type: application/json`, in UTF-8."
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestError(
                413, "REQUEST_TOO_LARGE", f"A request has at most {MAX_BODY_BYTES} bytes.", {"Connection": "close"}
            )
    return _parse(bytes(body), "the body")


def _parse(text: bytes, what: str) -> Any:
    try:
        return read_strict_json(text)
    except JsonError as error:
        reason = str(error).removeprefix("is not JSON: ").partition(":")[0]
        raise _malformed(f"{what} is not JSON: {reason}") from error


def read_parameters(parameters: Any) -> GraphQLRequest:
    """Read the parameters of a request.

    Raises:
        RequestError: they are none of a GraphQL request.
    """
    if not isinstance(parameters, dict):
        raise _malformed(
            'the body is a JSON object such as {"query": "{ … }"}; send several operations in several requests'
        )
    query = parameters.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _malformed("`query` is missing; it is a string that holds a GraphQL document")
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _malformed("`operationName` is a string")
    for name in ("variables", "extensions"):
        if not isinstance(parameters.get(name), dict | None):
            raise _malformed(f"`{name}` is a JSON object")
    return GraphQLRequest(query, operation_name or None, parameters.get("variables"))


def _malformed(what: str) -> RequestError:
    return RequestError(400, "BAD_REQUEST", f"This is not a GraphQL request: {what}.")
