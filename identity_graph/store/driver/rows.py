"""Rows that write queries take: each query's own type, and what several of them have in common."""

import json
from typing import Any, TypedDict

import orjson


class Span(TypedDict):
    """From when to when something was seen, as seconds and nanoseconds."""

    first_s: int
    first_ns: int
    last_s: int
    last_ns: int


def to_json(value: Any) -> str:
    """Encode a JSON value as text, numbers beyond 64 bits included."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))
