"""Documents, read and checked once: clients send the same few again and again."""

from functools import lru_cache
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse
from graphql.validation import specified_rules
from strawberry.schema.schema import validate_document

from api.graphql.schema import core_schema
from api.graphql.transport.limits import MAX_TOKENS, find_excess

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
TOO_LARGE = "QUERY_TOO_LARGE"

_GAVE_UP = "Parsing aborted."
"""How graphql-core ends its message about a document with too many tokens, or nested too deeply."""

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


def _read(text: str) -> DocumentNode | Unusable:
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        errors = validate_document(core_schema, document, tuple(specified_rules))
        if errors:
            return Unusable(VALIDATION_FAILED, errors)
        excess = find_excess(document)
    except GraphQLSyntaxError as error:
        return Unusable(TOO_LARGE if error.message.endswith(_GAVE_UP) else PARSE_FAILED, [error])
    return document if excess is None else Unusable(TOO_LARGE, [excess])


_read_and_keep = lru_cache(_KEPT)(_read)
