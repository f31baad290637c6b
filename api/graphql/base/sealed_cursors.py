"""Cursors of lists whose positions hold identifiers: sealed for those who must not see values."""

from api.graphql.base.context import Info
from api.graphql.base.cursors import decode_cursor, encode_cursor, given


def write_sealed_cursor(info: Info, kind: str, value: int | str, id: str) -> str:
    """Write a position for who asks."""
    return info.context.write_handle(encode_cursor(kind, value, id))


def read_sealed_cursor(
    info: Info, kind: str, cursor: str | None, of: type[int] | type[str]
) -> tuple[int | str, str] | None:
    """Read a position back, sealed or not; None stands for the start of the list.

    Raises:
        InvalidInputError: the cursor is none, or one of another list.
    """
    cursor = given(cursor)
    return decode_cursor(kind, cursor and (info.context.read_handle(cursor) or "~"), of)
