"""Whether a message that could not be read names somebody."""

from collections.abc import Collection
from typing import Any

from identity_graph.domain.values.json_reader import read_json

_LONG = 6
"""From so many characters on, a value also counts where it is a part of a longer text."""


def mentions(raw: str, values: Collection[str]) -> bool:
    """Tell whether a message names one of some values, as a whole text or number, or a long one anywhere in a text."""
    try:
        message = read_json(raw.encode("utf-8", "surrogatepass"))
    except ValueError:
        return any(value in raw for value in values)
    waiting: list[Any] = [message]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif _is_or_holds(str(one), values):
            return True
    return False


def _is_or_holds(text: str, values: Collection[str]) -> bool:
    return any(value == text or (len(value) >= _LONG and value in text) for value in values)
