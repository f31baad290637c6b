"""Executing a GraphQL request, and what its outcome is in HTTP."""

from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
)
from starlette.types import Scope
from strawberry.execution import optimized_is_awaitable

from api.errors import RETRY_AFTER_SECONDS
from api.graphql.audit.fields import code_of, finish_trail
from api.graphql.base.context import Context
from api.graphql.schema import core_schema
from api.graphql.transport.documents import Unusable, read_document
from api.graphql.transport.errors import BAD_USER_INPUT, RequestError, describe_error, is_unavailable
from api.graphql.transport.negotiation import LEGACY_JSON
from api.graphql.transport.quick import QuickExecutor
from api.graphql.transport.requests import GraphQLRequest

is_awaitable: Any = optimized_is_awaitable
"""Tells what must be awaited, faster than graphql-core does."""

_BY_SOCKET = (
    "A subscription is answered over a WebSocket at the same address, by the sub-protocol graphql-transport-ws."
)


class Outcome(NamedTuple):
    """A GraphQL response, which has no ``data`` when nothing was executed, and its status."""

    body: dict[str, Any]
    status: int
    headers: dict[str, str]


async def execute_request(
    request: GraphQLRequest, context: Context, *, media_type: str, may_write: bool, scope: Scope
) -> Outcome:
    """Execute a request.

    Raises:
        RequestError: it would change something and came in a way that must not.
    """
    refused_status = 200 if media_type == LEGACY_JSON else 400
    document = read_document(request.query)
    if isinstance(document, Unusable):
        return _refuse(document.errors, document.code, refused_status, scope)
    operation = find_operation(document, request.operation_name)
    if isinstance(operation, GraphQLError):
        return _refuse([operation], BAD_USER_INPUT, refused_status, scope)
    if operation.operation is OperationType.SUBSCRIPTION:
        return _refuse([GraphQLError(_BY_SOCKET)], BAD_USER_INPUT, refused_status, scope)
    _check_method(operation, may_write=may_write)
    await context.trail.recorder.room()
    result = await execute_document(document, request, context)
    errors = result.errors or []
    finish_trail(context.trail, code_of(errors[0]) if errors else None)
    if result.data is None and errors and all(error.path is None for error in errors):
        return _refuse(errors, BAD_USER_INPUT, refused_status, scope)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [describe_error(error, BAD_USER_INPUT, scope) for error in errors]
        if result.data is None and any(is_unavailable(error) for error in errors):
            return Outcome(body, 503, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    return Outcome(body, 200, {})


async def execute_document(
    document: DocumentNode, request: GraphQLRequest, context: Context, event: object = None
) -> ExecutionResult:
    """Execute an operation of a document; that of a subscription for one of its events."""
    result = execute(
        core_schema,
        document,
        root_value=event,
        context_value=context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        is_awaitable=is_awaitable,
        executor_class=QuickExecutor,
        operation_extensions=None,
    )
    return result if isinstance(result, ExecutionResult) else await result


def find_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | GraphQLError:
    """Find the operation of a document that is to be executed, or say why it is unclear which."""
    operation = get_operation_ast(document, name)
    if operation is not None:
        return operation
    named = "no operation of this name" if name else "several operations: name one"
    return GraphQLError(f"The document has {named} in `operationName`.")


def _refuse(errors: list[GraphQLError], code: str, status: int, scope: Scope) -> Outcome:
    return Outcome({"errors": [describe_error(error, code, scope) for error in errors]}, status, {})


def _check_method(operation: OperationDefinitionNode, *, may_write: bool) -> None:
    if operation.operation is OperationType.MUTATION and not may_write:
        raise RequestError(405, "METHOD_NOT_ALLOWED", "A mutation is sent by POST.", {"Allow": "POST"})
