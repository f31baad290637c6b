"""JSON text as it is stored: how a value is spelled in it, by either of its two writers."""

import json
from typing import Any

from identity_graph.store.driver.rows import to_json


def spell(value: Any) -> set[str]:
    """Give the spellings that a text, a number or a flag has."""
    return {to_json(value), json.dumps(value, separators=(",", ":"))}


def spell_key(name: str) -> set[str]:
    """Give the spellings of a name before its value."""
    return {f"{one}:" for one in spell(name)}


def spell_inside(text: str) -> set[str]:
    """Give the spellings of a text that is a part of another."""
    return {one[1:-1] for one in spell(text)}


BLANKS = [chr(code) for code in range(0x3001) if chr(code).isspace()]
"""What a text may consist of that counts as absent."""
