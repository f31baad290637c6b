"""Of an earlier moment only what was known then is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type

from api.graphql.schema import core_schema

Ask = Callable[..., Awaitable[Any]]
See = Callable[..., Awaitable[str]]

CUSTOMER = 'query($at: DateTime) { customer(by: {namespace: "loyalty_id", value: "7"}, asOf: $at) { FIELD } }'
IDENTIFIER = 'query($at: DateTime) { lookup(value: "7", asOf: $at) { identifier { FIELD } } }'
A_CUSTOMER = '{ lookup(value: "7") { customer { id createdAt } } }'

ARGUMENTS = {
    **dict.fromkeys(("firstTouch", "lastTouch"), '(conversion: "Signed In")'),
    "mayUse": '(purpose: "ads")',
}
"""Of the fields that need any."""


def selections(type_name: str) -> dict[str, str]:
    """Give for each field of a type how to ask for it."""
    kind = core_schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    of_objects = {name for name, field in kind.fields.items() if hasattr(get_named_type(field.type), "fields")}
    asked = {name: f"{name}{ARGUMENTS.get(name, '')}" for name in kind.fields}
    return {name: f"{text} {{ __typename }}" if name in of_objects else text for name, text in asked.items()}


@pytest.mark.parametrize(
    ("type_name", "document", "answered"),
    [
        ("Customer", CUSTOMER, {"id", "createdAt", "identifiers"}),
        ("Identifier", IDENTIFIER, {"id", "key", "namespace", "value", "label", "customer"}),
    ],
)
async def test_every_field_tells_what_was_known_then_or_fails(
    client: httpx.AsyncClient, ask: Ask, see: See, type_name: str, document: str, answered: set[str]
) -> None:
    await see("loyalty_id:7")
    made = (await ask(A_CUSTOMER))["lookup"][0]["customer"]["createdAt"]
    told: set[str] = set()
    for name, selection in selections(type_name).items():
        json = {"query": document.replace("FIELD", selection), "variables": {"at": made}}
        body = (await client.post("/graphql", json=json)).json()
        if "errors" in body:
            (error,) = body["errors"]
            assert error["extensions"] == {"code": "AS_OF_UNSUPPORTED", "field": name}
        else:
            told.add(name)
    assert told == answered


async def test_a_customer_of_then_was_made_when_it_was_made(ask: Ask, see: See) -> None:
    await see("loyalty_id:7")
    before = (await ask(A_CUSTOMER))["lookup"][0]["customer"]
    await see("loyalty_id:8")
    await see("user_id:ann", "loyalty_id:8")
    await see("user_id:ann", "loyalty_id:7")
    then = "query($at: DateTime, $id: ID!) { customer(id: $id, asOf: $at) { id createdAt } }"
    for at in (before["createdAt"], "2999-01-01T00:00:00Z"):
        assert (await ask(then, at=at, id=before["id"]))["customer"] == before
