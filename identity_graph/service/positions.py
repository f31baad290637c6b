"""Positions in lists that are read page by page.

A position is the sort value and the id of the last item shown. A page holds what comes after it, so items that were
added meanwhile neither shift nor repeat what follows.
"""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from identity_graph.domain.values.instants import LATEST
from identity_graph.domain.values.observations import Instant

T = TypeVar("T")


class TimePosition(NamedTuple):
    """A position in a list that is ordered by time, latest first, then by id, greatest first."""

    at: Instant
    id: str


START = TimePosition(LATEST, "")
"""In front of everything."""


ABOVE_ALL = 1 << 62
"""Larger than every number that a list is ordered by: sizes, versions, places in the log."""

BEHIND_ALL = "~"
"""Greater than every id and key: they begin with a small letter."""


class Page(NamedTuple, Generic[T]):
    """A part of a list, and whether more comes after it."""

    items: list[T]
    has_next_page: bool


def cut(rows: Sequence[T], first: int) -> Page[T]:
    """Make a page of at most ``first`` items of rows that were read with a limit of one more."""
    return Page(list(rows[:first]), len(rows) > first)
