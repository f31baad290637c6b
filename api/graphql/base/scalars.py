"""Scalars of the schema and how they are written."""

from typing import NewType

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from identity_graph.domain.values.instants import format_instant, parse_instant

DateTime = NewType("DateTime", int)
"""A moment; in Python an instant, microseconds since the epoch."""

JSON = NewType("JSON", object)
"""Any JSON value; in Python what ``orjson`` can write, ``orjson.Fragment`` included."""

Id = strawberry.ID


class WrittenMoment(int):
    """A moment of an argument, which also tells how it was written."""

    text: str

    @classmethod
    def of(cls, text: str) -> "WrittenMoment":
        """Read a moment.

        Raises:
            ValueError: it is none.
        """
        moment = cls(parse_instant(text))
        moment.text = text
        return moment


def json_text(text: str | None, default: str) -> JSON:
    """Pass stored JSON on as it is: it is neither parsed nor written again."""
    return JSON(orjson.Fragment(text or default))


def _parse_date_time(value: object) -> WrittenMoment:
    if not isinstance(value, str):
        raise GraphQLError("A DateTime is a string such as 2026-01-31T08:00:00Z.")
    try:
        return WrittenMoment.of(value)
    except ValueError as error:
        raise GraphQLError(
            f"A DateTime is ISO 8601 with its offset, such as 2026-01-31T08:00:00Z: the given one {error}."
        ) from error


def _parse_json(value: object) -> object:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment in ISO 8601. Answers are in UTC (2026-01-31T08:00:00Z); inputs need an offset.",
        serialize=format_instant,
        parse_value=_parse_date_time,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
        parse_value=_parse_json,
    ),
}
