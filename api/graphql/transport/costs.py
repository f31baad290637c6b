"""How many objects an operation asks for: page sizes are multiplied where lists stand inside lists."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from api.graphql.base.cursors import MAX_PAGE

MAX_OBJECTS = 10_000
"""Objects that an operation may ask for: page sizes are multiplied where lists stand inside lists."""

MANY_OBJECTS = 1_000
"""An operation that asks for more takes its turn: only one such is executed at a time, so that small ones are not held up."""

_PLUMBING = ("Edge", "PageInfo")
"""How types are named that are no objects of their own."""


def count_objects(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """Count the objects that an operation of a valid document may answer with, if all pages are full."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    defaults = {
        node.variable.name.value: node.default_value.value
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode)
    }

    def count(selections: SelectionSetNode, kind: Any) -> int:
        total = 0
        for node in selections.selections:
            match node:
                case FieldNode(selection_set=SelectionSetNode() as inner):
                    total += count_field(node, inner, kind)
                case FragmentSpreadNode():
                    fragment = fragments[node.name.value]
                    total += count(fragment.selection_set, schema.type_map[fragment.type_condition.name.value])
                case InlineFragmentNode():
                    condition = node.type_condition
                    total += count(
                        node.selection_set, kind if condition is None else schema.type_map[condition.name.value]
                    )
                case _:
                    pass
        return total

    def count_field(node: FieldNode, inner: SelectionSetNode, kind: Any) -> int:
        field = kind.fields.get(node.name.value) if isinstance(kind, _WITH_FIELDS) else None
        of = None if field is None else get_named_type(field.type)
        if field is None or not isinstance(of, _WITH_FIELDS):
            return 0  # of the schema itself
        item = count(inner, of) + (not of.name.endswith(_PLUMBING))
        if "first" not in field.args:
            return item
        within = item - of.name.endswith(
            "Connection"
        )  # a page is an object of its own, and its items are counted within it
        return 1 + _page_size(node, field.args["first"].default_value, variables, defaults) * within

    return count(operation.selection_set, schema.get_root_type(operation.operation))


_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def _page_size(node: FieldNode, unsaid: int, variables: Mapping[str, Any], defaults: Mapping[str, str]) -> int:
    """Find how many items a field asks for, ``unsaid`` when it does not say. What is no number is refused elsewhere."""
    size: object = unsaid
    for argument in node.arguments or ():
        if argument.name.value == "first":
            match argument.value:
                case IntValueNode(value=written):
                    size = written
                case VariableNode(name=name):
                    size = variables.get(name.value, defaults.get(name.value, unsaid))
                case _:
                    pass
    try:
        return max(0, min(MAX_PAGE, int(str(size))))
    except ValueError:
        return unsaid
