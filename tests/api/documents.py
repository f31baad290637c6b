"""Documents that ask for one operation, or for one field of an object, made from the schema."""

from functools import cache
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.graphql.schema import core_schema
from identity_graph.domain.access.principals import Scope
from identity_graph.domain.access.table import GRAPHQL

SCALARS = {
    "String": "x",
    "ID": "x",
    "Int": 1,
    "Float": 0.5,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "JSON": 1,
    "Decimal": "1.5",
}


_DEEPEST = 3
"""Levels of inputs inside inputs whose optional fields are given."""


class Document(NamedTuple):
    """A document, and the variables that it needs."""

    query: str
    variables: dict[str, Any]


class _Step(NamedTuple):
    """A field on the way to a type."""

    kind: str
    name: str


def document_of_operation(kind: str, name: str, argument: str | None = None) -> Document:
    """Write an operation of one entry point, with the arguments that it needs, and perhaps one more."""
    field = _fields(kind)[name]
    given = {key: one for key, one in field.args.items() if is_required_argument(one) or key == argument}
    inner = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    return _write(kind, {f"{key}": one for key, one in given.items()}, f"{_call(name, given)} {inner}")


def document_of_field(kind: str, name: str, argument: str | None = None) -> Document:
    """Write an operation that leads to a field and executes nothing: its entry point is skipped, which is no excuse.
    The field has all its arguments, except those that need more than it: of these only ``argument``.
    """
    dearer = {key for key, more in GRAPHQL[kind][name].arguments.items() if more}
    field = _fields(kind)[name]
    given = {key: one for key, one in field.args.items() if key not in dearer or key == argument}
    inner = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    declared = {f"{key}": one for key, one in given.items()}
    text = f"... on {kind} {{ {_call(name, given)} {inner} }}"
    steps = _way_to(kind)
    for number, step in reversed(list(enumerate(steps))):
        needed = {key: one for key, one in _fields(step.kind)[step.name].args.items() if is_required_argument(one)}
        renamed = {f"{key}{number}": one for key, one in needed.items()}
        declared |= renamed
        passed = ", ".join(f"{key}: ${key}{number}" for key in needed)
        skipped = "@skip(if: true) " if number == 0 else ""
        text = f"... on {step.kind} {{ {step.name}{f'({passed})' if passed else ''} {skipped}{{ {text} }} }}"
    return _write(steps[0].kind, declared, text)


def document_with_text(kind: str, name: str, text: str) -> Document:
    """Write an operation that says a text wherever it can say one: in each argument, and in each field of each input."""
    field = _fields(kind)[name]
    declared = ", ".join(f"${key}: {one.type}" for key, one in field.args.items())
    inner = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    head = f"{kind.lower()} Q({declared})" if declared else f"{kind.lower()} Q"
    variables = {key: _saying(one.type, text, 0) for key, one in field.args.items()}
    return Document(f"{head} {{ {_call(name, field.args)} {inner} }}", variables)


def _saying(kind: Any, text: str, level: int) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _saying(kind.of_type, text, level)
    if isinstance(kind, GraphQLList):
        return [_saying(kind.of_type, text, level)]
    if isinstance(kind, GraphQLInputObjectType) and kind.name == "RuleInput":
        return {"trait": {"name": text, "op": "EQ", "value": text}}
    if isinstance(kind, GraphQLInputObjectType):
        fields = {name: one for name, one in kind.fields.items() if level < _DEEPEST or is_required_input_field(one)}
        if kind.is_one_of:
            fields = dict(list(kind.fields.items())[:1])
        return {name: _saying(field.type, text, level + 1) for name, field in fields.items()}
    return text if getattr(kind, "name", "") in {"String", "ID", "JSON"} else _example(kind)


def _write(kind: str, declared: dict[str, GraphQLArgument], selection: str) -> Document:
    listed = ", ".join(f"${key}: {one.type}" for key, one in declared.items())
    head = f"{kind.lower()} Q({listed})" if listed else f"{kind.lower()} Q"
    return Document(f"{head} {{ {selection} }}", {key: _example(one.type) for key, one in declared.items()})


def _call(name: str, given: dict[str, GraphQLArgument]) -> str:
    passed = ", ".join(f"{key}: ${key}" for key in given)
    return f"{name}({passed})" if passed else name


def _example(kind: Any) -> Any:
    """Make a value of a type, as small as it can be."""
    if isinstance(kind, GraphQLNonNull):
        return _example(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [_example(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return Scope.ADMIN.name if kind.name == "Scope" else next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.name == "RuleInput":
            return {"knownFor": "P1D"}
        return {name: _example(field.type) for name, field in kind.fields.items() if is_required_input_field(field)}
    return SCALARS[kind.name]


def _fields(kind: str) -> dict[str, Any]:
    named = core_schema.type_map[kind]
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    return named.fields


def _way_to(kind: str) -> list[_Step]:
    way = _ways().get(kind)
    assert way, f"no operation leads to {kind}"
    return way


@cache
def _ways() -> dict[str, list[_Step]]:
    """Find the shortest way to each type, by way of what implements an interface, too. No type is for subscriptions only."""
    ways: dict[str, list[_Step]] = {}
    waiting: list[tuple[str, list[_Step]]] = [("Query", []), ("Mutation", [])]
    for kind, way in waiting:
        for name, field in _fields(kind).items():
            named = get_named_type(field.type)
            if is_leaf_type(named):
                continue
            reached = [named.name]
            if isinstance(named, GraphQLInterfaceType):
                reached += [one.name for one in core_schema.get_possible_types(named)]
            for found in reached:
                if found not in ways:
                    ways[found] = [*way, _Step(kind, name)]
                    waiting.append((found, ways[found]))
    return ways
