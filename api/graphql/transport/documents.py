"""Documents, read and checked once: clients send the same few again and again."""

from functools import lru_cache
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)
from graphql.validation import MaxIntrospectionDepthRule, NoFragmentCyclesRule, specified_rules
from strawberry.schema.schema import validate_document

from api.graphql.schema import core_schema
from api.graphql.transport.limits import MAX_TOKENS, find_excess, has_circle, selections_below

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
TOO_LARGE = "QUERY_TOO_LARGE"

_GAVE_UP = "Parsing aborted."
"""How graphql-core ends its message about a document with too many tokens, or nested too deeply."""

_RULES = (*specified_rules, MaxIntrospectionDepthRule)

_KEPT = 256
LONGEST_KEPT = 20_000
"""Characters of a document that is remembered."""


class Unusable(NamedTuple):
    """Why a document cannot be executed."""

    code: str
    errors: list[GraphQLError]


def read_document(text: str) -> DocumentNode | Unusable:
    """Parse and validate a document against the schema; short ones are remembered."""
    return _read_and_keep(text) if len(text) <= LONGEST_KEPT else _read(text)


def asks_for_schema(document: DocumentNode) -> bool:
    """Tell whether a document asks for the schema, and not only for names of types."""
    return any(
        isinstance(node, FieldNode) and node.name.value in {"__schema", "__type"}
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
        for node in selections_below(definition.selection_set)
    )


def _read(text: str) -> DocumentNode | Unusable:
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        if has_circle(document):
            return Unusable(VALIDATION_FAILED, validate_document(core_schema, document, (NoFragmentCyclesRule,)))
        excess = find_excess(document)  # before validation, whose work grows with the square of what is repeated
        if excess is not None:
            return Unusable(TOO_LARGE, [excess])
        errors = validate_document(core_schema, document, _RULES)
    except GraphQLSyntaxError as error:
        return Unusable(TOO_LARGE if error.message.endswith(_GAVE_UP) else PARSE_FAILED, [error])
    return Unusable(VALIDATION_FAILED, errors) if errors else document


_read_and_keep = lru_cache(_KEPT)(_read)
