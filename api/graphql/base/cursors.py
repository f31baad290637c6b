"""Cursors: positions in lists, as opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import orjson
from strawberry import UNSET

from identity_graph.domain.values.times import EARLIEST, LATEST
from identity_graph.errors import InvalidInputError
from identity_graph.service.positions import TimePosition

MAX_PAGE = 100
"""Items that a page may have at most."""


DEFAULT_PAGE = 20
"""Items that a page has unless it is said."""

T = TypeVar("T")


def given(argument: T | None) -> T | None:
    """Take an argument that may be left out: left out is null."""
    return None if argument is UNSET else argument


def encode_cursor(kind: str, value: int | str, id: str) -> str:
    """Write a position; ``kind`` names the list, so that no cursor is mistaken for one of another list."""
    return urlsafe_b64encode(orjson.dumps([kind, value, id])).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str | None, of: type[int] | type[str]) -> tuple[int | str, str] | None:
    """Read a position back, with its value of the type ``of``; None and ``""``, which some clients send first, stand for the start of the list.

    Raises:
        InvalidInputError: the cursor is none, or one of another list.
    """
    cursor = given(cursor)
    if not cursor:
        return None
    try:
        parts = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        parts = None
    match parts:
        case [str(found), value, str(id)] if found == kind and type(value) is of and _can_be_asked(value):
            return value, id
        case _:
            raise InvalidInputError(
                "This is not a cursor of this list: pass the endCursor of a page, or leave out `after`.", after=cursor
            )


def _can_be_asked(value: int | str) -> bool:
    """Tell whether Neo4j can hold a value: a cursor that somebody made up may have any."""
    return isinstance(value, str) or -(2**63) <= value < 2**63


def encode_moment(kind: str, at: int, id: str) -> str:
    """Write a position in a list that is ordered by time."""
    return encode_cursor(kind, at, id)


def decode_moment(kind: str, cursor: str | None) -> TimePosition | None:
    """Read a position in a list that is ordered by time.

    Raises:
        InvalidInputError: the cursor is none, or one of another list.
    """
    position = decode_cursor(kind, cursor, int)
    if position is None:
        return None
    at = int(position[0])
    if not EARLIEST <= at <= LATEST:
        raise InvalidInputError("This is not a cursor of this list: it names no time.", after=cursor)
    return TimePosition(at, position[1])


def check_first(first: int | None) -> int:
    """Check the size of a page; null means the default.

    Raises:
        InvalidInputError: it is negative or above the most that is answered at once.
    """
    if first is None:
        return DEFAULT_PAGE
    if not 0 <= first <= MAX_PAGE:
        raise InvalidInputError(f"`first` is between 0 and {MAX_PAGE}, not {first}.", first=first, maximum=MAX_PAGE)
    return first
