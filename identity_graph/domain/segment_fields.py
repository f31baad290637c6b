"""The fields of a message, read with care: every one of them may be absent, null, empty or of a wrong type.

``null``, ``""`` and absent mean the same everywhere.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from identity_graph.domain import numbers
from identity_graph.domain.numbers import InexactNumberError

EMPTY: dict[str, Any] = {}
"""What an absent object reads as; never written to."""


class RejectionCode(StrEnum):
    """Why a message cannot be accepted; each has a page in ``docs/errors``. The last one is found on storing only."""

    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_TYPE = "unknown_type"
    INVALID_FIELD = "invalid_field"
    INVALID_TEXT = "invalid_text"
    INVALID_TIMESTAMP = "invalid_timestamp"
    MESSAGE_TOO_LARGE = "message_too_large"
    NO_IDENTIFIER = "no_identifier"
    TOO_MANY_IDENTIFIERS = "too_many_identifiers"
    REFUSED_BY_GRAPH = "refused_by_graph"


class Rejection(NamedTuple):
    """A message that cannot be accepted. The reason says what to change and holds no value of the message."""

    code: RejectionCode
    reason: str


class UnreadableError(Exception):
    """Ends the reading of a message from within; ``extract`` turns it into its rejection."""

    def __init__(self, code: RejectionCode, reason: str) -> None:
        super().__init__(reason)
        self.rejection = Rejection(code, reason)


def read_object(parent: dict[str, Any], name: str, path: str = "") -> dict[str, Any]:
    """Read a field that holds an object; an empty one when it is absent.

    Raises:
        UnreadableError: the field holds something else. ``path`` leads to the parent, with a dot at its end.
    """
    value = parent.get(name)
    if type(value) is dict:
        return value
    if value is None or value == "":
        return EMPTY
    raise wrong_type(path + name, "an object")


def read_id(value: Any, path: str) -> str:
    """Read an identifier, or the id of a message: a text, or a whole number; ``""`` when it is absent.

    Raises:
        UnreadableError: the value is of another type, or a number that may stand for several.
    """
    if value is None:
        return ""
    try:
        text = numbers.read_id(value)
    except InexactNumberError as error:
        raise UnreadableError(RejectionCode.INVALID_FIELD, f"{path} is {error}") from None
    if text is None:
        raise wrong_type(path, "a string or a number")
    return text


def read_name(value: Any, path: str) -> str:
    """Read what something is called, a number as its text; ``""`` when it is absent.

    Raises:
        UnreadableError: the value is of another type.
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is int or type(value) is float:
        return str(value).removesuffix(".0")
    raise wrong_type(path, "a string or a number")


def drop_absent(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is null or empty."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def wrong_type(path: str, wanted: str) -> UnreadableError:
    """Say what a field should hold."""
    return UnreadableError(RejectionCode.INVALID_FIELD, f"{path} must be {wanted}")
