from typing import Any

import strawberry
from strawberry.permission import BasePermission

from api.graphql.print_schema import SCHEMA_FILE, schema_text
from api.graphql.schema import read_attributes_directly


class Never(BasePermission):
    message = "Nobody may."

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        return False


@strawberry.type
class Guarded:
    plain: int = 1
    guarded: int | None = strawberry.field(default=2, permission_classes=[Never])


@strawberry.type
class Query:
    @strawberry.field
    def it(self) -> Guarded:
        return Guarded()


def test_the_schema_file_is_what_the_code_says() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run `python -m api.graphql.print_schema`"


def test_an_attribute_that_needs_a_permission_is_not_read_past_it() -> None:
    schema = strawberry.Schema(query=Query)
    read_attributes_directly(schema._schema)
    answer = schema.execute_sync("{ it { plain guarded } }")
    assert answer.data == {"it": {"plain": 1, "guarded": None}}
    assert [error.message for error in answer.errors or []] == ["Nobody may."]
