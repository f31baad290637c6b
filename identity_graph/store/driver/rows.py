"""Rows that write queries take: maps as Cypher's UNWIND reads them."""

import json
from typing import Any

import orjson

Rows = list[dict[str, Any]]
"""One map per row; the keys are those that the query's file reads from ``row``."""


def to_json(value: Any) -> str:
    """Encode a JSON value as text, numbers beyond 64 bits included."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))
