"""Scopes: what an operation needs by the table, checked before anything of it is executed."""

from collections import defaultdict
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_introspection_type,
)

from api.graphql.schema import core_schema
from api.graphql.transport.documents import LONGEST_KEPT, read_document
from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.domain.access.table import GRAPHQL, Needs, Table, lacking

_KEPT = 256
_NOTHING = Needs({})

_PAGES = ("Connection", "Edge")
"""How types end that stand between a field and its objects."""


def check_scopes(query: str, operation: OperationDefinitionNode, document: DocumentNode, principal: Principal) -> None:
    """See that somebody has the scopes for an operation, whatever of it is skipped in the end.

    Raises:
        ForbiddenError: they do not.
    """
    name = operation.name.value if operation.name else None
    needs = _find_kept(query, name) if len(query) <= LONGEST_KEPT else find_needs(document, operation)
    error = lacking(needs, principal)
    if error is not None:
        raise error


def find_needs(document: DocumentNode, operation: OperationDefinitionNode) -> Needs:
    """Find what an operation of a valid document needs."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    places: defaultdict[Scope, dict[str, None]] = defaultdict(dict)
    seen: set[str] = set()

    def visit(kind: GraphQLNamedType | None, selections: SelectionSetNode | None) -> None:
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    visit_field(kind, node)
                case InlineFragmentNode():
                    on = node.type_condition
                    visit(core_schema.type_map[on.name.value] if on else kind, node.selection_set)
                case FragmentSpreadNode() if node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = fragments[node.name.value]
                    visit(core_schema.type_map[fragment.type_condition.name.value], fragment.selection_set)
                case _:
                    pass

    def visit_field(kind: GraphQLNamedType | None, node: FieldNode) -> None:
        name = node.name.value
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return
        if not is_page(kind.name):
            need = GRAPHQL[kind.name][name]
            for scope in need.scopes:
                places[scope][f"{kind.name}.{name}"] = None
            for argument in node.arguments or ():
                for scope in need.arguments[argument.name.value]:
                    places[scope][f"{kind.name}.{name}({argument.name.value})"] = None
        visit(get_named_type(kind.fields[name].type), node.selection_set)

    visit(core_schema.get_root_type(operation.operation), operation.selection_set)
    return Needs({scope: tuple(found) for scope, found in places.items()})


def list_differences(schema: GraphQLSchema, table: Table) -> list[str]:
    """List where a schema and a table differ: fields and arguments of which the table says nothing, and what is no more."""
    actual = {
        f"{kind.name}.{name}" + (f"({argument})" if argument else "")
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        and not is_introspection_type(kind)
        and not is_page(kind.name)
        for name, field in kind.fields.items()
        for argument in ("", *field.args)
    }
    told = {
        f"{kind}.{name}" + (f"({argument})" if argument else "")
        for kind, fields in table.items()
        for name, need in fields.items()
        for argument in ("", *need.arguments)
    }
    return sorted(
        [f"{place} is missing in the table" for place in actual - told]
        + [f"{place} is only in the table" for place in told - actual]
    )


def is_page(kind: str) -> bool:
    """Tell whether a type is a connection or an edge: the table says nothing of these."""
    return kind.endswith(_PAGES)


@lru_cache(_KEPT)
def _find_kept(query: str, name: str | None) -> Needs:
    document = read_document(query)
    if not isinstance(document, DocumentNode):
        return _NOTHING
    operation = next(
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode) and name in {None, node.name.value if node.name else None}
    )
    return find_needs(document, operation)


_differences = list_differences(core_schema, GRAPHQL)
if _differences:
    raise RuntimeError(
        "The table of scopes (identity_graph/domain/access/graphql_scopes.py) and the schema differ: "
        + "; ".join(_differences)
    )
"""A field that the table forgets would be open, so nothing starts with one."""
