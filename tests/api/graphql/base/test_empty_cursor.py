"""``after: ""``, which some clients send first, is no cursor: every list begins at its start."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType

from api.graphql.schema import core_schema

Ask = Callable[..., Awaitable[Any]]
See = Callable[..., Awaitable[str]]


def lists() -> list[tuple[str, str]]:
    """Name every field that takes a cursor."""
    return [
        (kind.name, name)
        for kind in core_schema.type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and kind.name != "Subscription"
        for name, field in kind.fields.items()
        if "after" in field.args
    ]


WITHIN = {
    "Query": "{{ {} }}",
    "Customer": '{{ lookup(value: "7") {{ customer {{ {} }} }} }}',
    "Trait": '{{ lookup(value: "7") {{ customer {{ traits {{ {} }} }} }} }}',
    "Profile": '{{ lookup(value: "7") {{ customer {{ profile {{ {} }} }} }} }}',
    "Lifecycle": '{{ lookup(value: "7") {{ customer {{ profile {{ lifecycle {{ {} }} }} }} }} }}',
    "Order": '{{ order(orderId: "1") {{ {} }} }}',
    "Destination": "{{ destinations {{ edges {{ node {{ {} }} }} }} }}",
    "Segment": "{{ segments {{ edges {{ node {{ {} }} }} }} }}",
    "DataQuality": "{{ dataQuality {{ {} }} }}",
    "IdentityGraph": '{{ lookup(value: "7") {{ customer {{ identityGraph {{ {} }} }} }} }}',
}


@pytest.mark.parametrize(("type_name", "field"), lists())
async def test_every_list_begins_at_its_start(ask: Ask, see: See, type_name: str, field: str) -> None:
    await see("user_id:ann", "loyalty_id:7")
    await see("user_id:bob", "loyalty_id:7")
    asked = [f"{field}(first: 1{after}) {{ edges {{ cursor }} }}" for after in (', after: ""', "")]
    empty, none = [await ask(WITHIN[type_name].format(one)) for one in asked]
    assert empty == none


def test_the_lists_are_found() -> None:
    assert len(lists()) >= 7
