"""Subscriptions without a socket: what is answered together, and how a stream ends."""

from contextlib import aclosing

import pytest
from neo4j import AsyncGraphDatabase

from api.graphql.base.context import Context
from api.graphql.base.cursors import encode_cursor
from api.graphql.schema import new_context
from api.graphql.transport import streaming
from api.graphql.transport.requests import GraphQLRequest
from api.graphql.transport.streaming import StreamFailedError, stream_request
from identity_graph.domain.access.principals import SERVICE
from identity_graph.service.core import Service
from tests.ports import free_port

QUERY = "subscription($after: String) { changes(after: $after) { kind after { identifiers { key } } } }"
FROM_THE_START = GraphQLRequest(QUERY, None, {"after": encode_cursor("change", 0, "")})
KINDS = ["MERGED", "SPLIT", "IDENTIFIER_MOVED"]


async def test_changes_that_are_there_at_once_share_a_context(
    life: dict[str, str], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[Context] = []

    def make_context() -> Context:
        contexts.append(new_context(service, 0, SERVICE))
        return contexts[-1]

    async def read(count: int) -> list[str]:
        async with aclosing(stream_request(FROM_THE_START, make_context, {})) as answers:
            return [(await anext(answers))["data"]["changes"]["kind"] for _ in range(count)]

    assert await read(3) == KINDS
    assert len(contexts) == 2, "one to open the stream, and one for the batch"
    monkeypatch.setattr(streaming, "AHEAD", 2)
    assert await read(3) == KINDS
    assert len(contexts) == 5


async def test_when_neo4j_fails_in_the_middle_the_stream_ends_rather_than_leave_a_change_out(
    life: dict[str, str], service: Service
) -> None:
    """The connection is replaced by one that nothing answers at, once the changes were read and are to be answered."""
    away = AsyncGraphDatabase.driver(
        f"bolt://127.0.0.1:{free_port()}", max_transaction_retry_time=0.1, connection_timeout=0.5
    )
    working, contexts = service.graph._driver, 0

    def make_context() -> Context:
        nonlocal contexts
        contexts += 1
        service.graph._driver = working if contexts == 1 else away
        return new_context(service, 0, SERVICE)

    async with away, aclosing(stream_request(FROM_THE_START, make_context, {})) as answers:
        with pytest.raises(StreamFailedError) as failed:
            await anext(answers)
        service.graph._driver = working
    assert {error["extensions"]["code"] for error in failed.value.errors} == {"GRAPH_UNAVAILABLE"}
