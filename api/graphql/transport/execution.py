"""Executing a GraphQL request, and what its outcome is in HTTP."""

import asyncio
from contextlib import nullcontext
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
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
from api.graphql.transport.authorising import check_scopes
from api.graphql.transport.costs import MANY_OBJECTS, MAX_OBJECTS, count_objects
from api.graphql.transport.documents import TOO_LARGE as QUERY_TOO_LARGE
from api.graphql.transport.documents import Unusable, asks_for_schema, read_document
from api.graphql.transport.errors import BAD_USER_INPUT, RequestError, describe_error, is_unavailable
from api.graphql.transport.negotiation import LEGACY_JSON
from api.graphql.transport.quick import QuickExecutor
from api.graphql.transport.requests import GraphQLRequest
from identity_graph.errors import ForbiddenError

is_awaitable: Any = optimized_is_awaitable
"""Tells what must be awaited, faster than graphql-core does."""

INTROSPECTION_OFF = "INTROSPECTION_OFF"
QUERY_TIMEOUT = "QUERY_TIMEOUT"

_LONG_FIELDS = frozenset(
    {
        "attribution",
        "dataQuality",
        "funnel",
        "identityHealth",
        "paths",
        "previewCatalogue",
        "previewRules",
        "previewSegment",
    }
)
"""Root fields that look at very many customers, and may take longer."""

_PATIENCE = 10

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
        ForbiddenError: it needs a scope that who asks does not have.
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
    try:
        check_scopes(request.query, operation, document, context.principal)
    except ForbiddenError as error:
        context.trail.refuse(name_fields(operation), error.code)
        raise
    refused = check_operation(document, operation, request, context)
    if refused is not None:
        return _refuse([refused], QUERY_TOO_LARGE, refused_status, scope)
    await context.trail.recorder.room()
    result = await _execute_in_time(document, operation, request, context)
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


def check_operation(
    document: DocumentNode, operation: OperationDefinitionNode, request: GraphQLRequest, context: Context
) -> GraphQLError | None:
    """Say why an operation is not executed with its variables: it asks for too much, or for the schema where that is hidden."""
    if not context.service.settings.graphql_introspection and asks_for_schema(document):
        return GraphQLError("This service does not show its schema.", extensions={"code": INTROSPECTION_OFF})
    objects = count_objects(core_schema, document, operation, request.variables or {})
    if objects > MAX_OBJECTS:
        text = f"The operation asks for {objects} objects, page sizes multiplied; {MAX_OBJECTS} are allowed. Ask for smaller pages."
        return GraphQLError(text, extensions={"code": QUERY_TOO_LARGE, "objects": objects, "maximum": MAX_OBJECTS})
    return None


async def _execute_in_time(
    document: DocumentNode, operation: OperationDefinitionNode, request: GraphQLRequest, context: Context
) -> ExecutionResult:
    """Execute an operation; a query ends after its time, and what it reads in Neo4j with it.

    Raises:
        RequestError: it took too long.
    """
    if operation.operation is OperationType.MUTATION:
        return await execute_document(document, request, context)
    seconds = context.service.settings.graphql_seconds * (_PATIENCE if _takes_long(operation) else 1)
    many = count_objects(core_schema, document, operation, request.variables or {}) > MANY_OBJECTS
    try:
        async with asyncio.timeout(seconds), context.service.asking if many else nullcontext():
            return await execute_document(document, request, context)
    except TimeoutError as error:
        context.loaders.reads.end()
        context.trail.shown.clear()  # nobody sees it
        finish_trail(context.trail, QUERY_TIMEOUT)
        raise RequestError(
            504,
            QUERY_TIMEOUT,
            f"The query took longer than {seconds:g} seconds and was ended. Ask for less at a time.",
        ) from error


def name_fields(operation: OperationDefinitionNode) -> str:
    """Name the root fields of an operation, as far as they stand in it and not in a fragment."""
    known = core_schema.get_root_type(operation.operation)
    names = {node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)}
    return " ".join(sorted(names & set(known.fields if known is not None else ())))


def _takes_long(operation: OperationDefinitionNode) -> bool:
    return any(
        isinstance(node, FieldNode) and node.name.value in _LONG_FIELDS for node in operation.selection_set.selections
    )


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
