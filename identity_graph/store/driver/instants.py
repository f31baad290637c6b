"""Times on their way to Neo4j and back: how Cypher takes and gives them.

``datetime.fromEpoch`` takes whole seconds and nanoseconds. Queries give moments by two words that are no functions of
Cypher but are expanded when a query file is read: ``instant(x)``, whole microseconds since 1970, and ``day(x)``, whole
days since 1970 in UTC.
"""

import re

from identity_graph.domain.values.observations import Instant

_DAY = 86_400_000
"""The milliseconds of a day."""

_WORD = re.compile(r"\b(instant|day)\(([\w.`]+)\)")


def seconds(at: Instant) -> int:
    """Whole seconds since the epoch, rounded down."""
    return at // 1_000_000


def nanoseconds(at: Instant) -> int:
    """Nanoseconds within the second, never negative."""
    return at % 1_000_000 * 1000


def expand_instants(cypher: str) -> str:
    """Write out ``instant(…)`` and ``day(…)``; what stands between the parentheses is a variable or a property."""
    return _WORD.sub(lambda found: _READERS[found[1]](found[2]), cypher)


def read_instant(expression: str) -> str:
    """Write the Cypher that reads a moment as an ``Instant``.

    Neo4j's ``epochMillis`` rounds down; its ``epochSeconds`` rounds toward zero, which is a second late before 1970.
    """
    return f"({expression}.epochMillis * 1000 + {expression}.microsecond % 1000)"


def _read_day(expression: str) -> str:
    millis = f"{expression}.epochMillis"
    return f"(({millis} - ({millis} % {_DAY} + {_DAY}) % {_DAY}) / {_DAY})"


_READERS = {"instant": read_instant, "day": _read_day}
