"""Documents that ask for everything that somebody with some scopes may see, made from the schema and the table."""

from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from api.graphql.schema import core_schema
from api.graphql.transport.authorising import is_page
from identity_graph.domain.access.principals import Scope
from identity_graph.domain.access.table import GRAPHQL


def selection_of(kind: Any, scopes: frozenset[Scope], levels: int) -> str:
    """Select all fields of a type that need no argument and that the scopes allow, down to some levels."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    parts = ["__typename"]
    for name, field in named.fields.items():
        if not is_page(named.name) and not GRAPHQL[named.name][name].scopes <= scopes:
            continue
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        inner = get_named_type(field.type)
        left = levels - (0 if is_page(named.name) or is_page(inner.name) else 1)
        if is_leaf_type(inner):
            parts.append(name)
        elif left > 0 and _depth(field.type) < 3:
            parts.append(f"{name} {selection_of(field.type, scopes, left)}")
    return "{ " + " ".join(parts) + " }"


def fields_within(kind: Any, levels: int) -> str:
    """Select all fields of a type that need no argument, down to some levels of objects; the items of a page are a level."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    left = levels - (not is_page(named.name))
    parts = [
        f"{name} {fields_within(field.type, left)}"
        for name, field in named.fields.items()
        if (left > 0 or is_leaf_type(get_named_type(field.type)))
        and not any(is_required_argument(argument) for argument in field.args.values())
    ]
    return "{ __typename " + " ".join(parts) + " }"


def fields_of(root: str) -> dict[str, Any]:
    """Give the entry points of a kind, with the types that they lead to."""
    kind = core_schema.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    return {name: field.type for name, field in kind.fields.items()}


def _depth(kind: Any) -> int:
    if isinstance(kind, GraphQLNonNull):
        return _depth(kind.of_type)
    return 1 + _depth(kind.of_type) if isinstance(kind, GraphQLList) else 0
