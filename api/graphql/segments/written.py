"""An argument as the plain values that were written: what the reader of rules reads, from whatever place a rule comes."""

from enum import Enum
from typing import Any, cast

from strawberry import UNSET
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from api.graphql.base.scalars import WrittenMoment


def write_input(given: object) -> dict[str, Any]:
    """Write an input, such as a rule, as a mapping with the names of the schema. Fields that were left out, or are null, are left out."""
    return cast("dict[str, Any]", _write(given))


def _write(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case WrittenMoment():
            return value.text
        case list():
            return [_write(item) for item in cast("list[object]", value)]
        case _:
            definition = get_object_definition(value)
            if definition is None:
                return value
            found = ((_name(field), getattr(value, field.python_name)) for field in definition.fields)
            return {name: _write(item) for name, item in found if item is not UNSET and item is not None}


def _name(field: StrawberryField) -> str:
    return field.graphql_name or to_camel_case(field.python_name)
