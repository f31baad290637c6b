"""Executing a subscription: a stream of events, each answered as if it were a request of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    GraphQLError,
    OperationType,
    create_source_event_stream,
)
from starlette.types import Scope

from api.graphql.audit.fields import code_of, finish_trail
from api.graphql.base.context import Context
from api.graphql.schema import core_schema
from api.graphql.transport.authorising import check_scopes
from api.graphql.transport.batches import in_batches
from api.graphql.transport.documents import Unusable, read_document
from api.graphql.transport.errors import BAD_USER_INPUT, describe_error, is_unavailable
from api.graphql.transport.execution import (
    check_operation,
    execute_document,
    find_operation,
    is_awaitable,
    name_fields,
)
from api.graphql.transport.requests import GraphQLRequest
from identity_graph.errors import ForbiddenError

AHEAD = 25
"""Events that are answered together at most, and so what a slow client makes the service hold."""

_ELSEWHERE = "Only subscriptions are answered over a WebSocket: send queries and mutations by POST to the same address."


class StreamFailedError(Exception):
    """A subscription cannot begin, or cannot go on; ``errors`` are for the client."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("The subscription ended.")
        self.errors = errors


async def stream_request(
    request: GraphQLRequest, make_context: Callable[[], Context], scope: Scope
) -> AsyncGenerator[dict[str, Any]]:
    """Execute a subscription and give an answer for each of its events.

    Events that are there at once are answered together, with as few queries as a page of a list; each batch has a context
    of its own, so that it is answered from the graph as it is then. When Neo4j does not answer the stream ends, rather than
    leave an event out.

    Raises:
        StreamFailedError: the request is no subscription that can be executed, or it cannot go on.
    """

    def fail(errors: list[GraphQLError], code: str = BAD_USER_INPUT) -> StreamFailedError:
        return StreamFailedError([describe_error(error, code, scope) for error in errors])

    document = read_document(request.query)
    if isinstance(document, Unusable):
        raise fail(document.errors, document.code)
    opening = make_context()
    source = await _open(document, request, opening)
    if isinstance(source, list):
        finish_trail(opening.trail, code_of(source[0]) if source else None)
        raise fail(source)
    finish_trail(opening.trail, None)

    async def answer(event: object, context: Context) -> dict[str, Any]:
        result = await execute_document(document, request, context, event)
        errors = result.errors or []
        if any(is_unavailable(error) for error in errors):
            raise fail(errors)
        described = {"errors": [describe_error(error, BAD_USER_INPUT, scope) for error in errors]} if errors else {}
        return {"data": result.data, **described}

    async with aclosing(in_batches(source, AHEAD)) as batches:
        try:
            async for events in batches:
                context = make_context()
                await context.trail.recorder.room()
                context.trail.fields |= opening.trail.fields
                bodies = await asyncio.gather(*(answer(event, context) for event in events))
                finish_trail(context.trail, None, merged=True)
                for body in bodies:
                    yield body
        except StreamFailedError:
            raise
        except Exception as error:
            raise fail([GraphQLError(str(error), original_error=error)]) from error


async def _open(
    document: DocumentNode, request: GraphQLRequest, context: Context
) -> AsyncGenerator[object] | list[GraphQLError]:
    """Open the stream of events that a subscription asks for, or say why there is none."""
    operation = find_operation(document, request.operation_name)
    if isinstance(operation, GraphQLError):
        return [operation]
    if operation.operation is not OperationType.SUBSCRIPTION:
        return [GraphQLError(_ELSEWHERE)]
    try:
        check_scopes(request.query, operation, document, context.principal)
    except ForbiddenError as error:
        context.trail.refuse(name_fields(operation), error.code)
        return [GraphQLError(error.message, original_error=error)]
    refused = check_operation(document, operation, request, context)
    if refused is not None:
        return [refused]
    executor = Executor.build(
        core_schema,
        document,
        context_value=context,
        raw_variable_values=request.variables,
        operation_name=request.operation_name,
        is_awaitable=is_awaitable,
    )
    if isinstance(executor, list):
        return executor
    source = create_source_event_stream(executor)
    if is_awaitable(source):
        source = await cast("Awaitable[AsyncIterable[Any] | ExecutionResult]", source)
    if isinstance(source, ExecutionResult):
        return source.errors or []
    return cast("AsyncGenerator[object]", source)
