"""Values that conditions compare, as JSON has them."""

from decimal import Decimal
from enum import Enum
from typing import Any, cast


def as_plain(value: Any) -> Any:
    """Make JSON of a value that a condition compares; an exact number is a text, as amounts are."""
    match value:
        case Decimal():
            return f"{value:f}"
        case Enum():
            return value.value
        case list() | tuple():
            return [as_plain(item) for item in cast("list[Any]", value)]
        case _:
            return value
