"""The fields of a message, read with care: every one of them may be absent, null, empty or of a wrong type.

``null``, ``""`` and absent mean the same everywhere but among traits, where ``null`` deletes. A field of a wrong type says nothing: it is left out and counted, and
the message stays, unless what it said is needed.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from identity_graph.domain.values import numbers
from identity_graph.domain.values.identifiers import IgnoredIdentifier
from identity_graph.domain.values.numbers import InexactNumberError

EMPTY: dict[str, Any] = {}
"""What an absent object reads as; never written to."""


UNREADABLE = "unreadable_field"
"""The code under which a field that was left out is counted."""

_KINDS: dict[type, str] = {
    bool: "true or false",
    str: "a text",
    list: "an array",
    dict: "an object",
    type(None): "nothing",
}


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
    WRONG_CHECKSUM = "wrong_checksum"
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


class OddField(NamedTuple):
    """A field that was left out: what it held, and what to send instead. Neither holds a value of the message."""

    path: str
    held: str
    reason: str

    def as_ignored(self) -> IgnoredIdentifier:
        """Give it as what is kept with the event and counted: the field in the place of a namespace."""
        return IgnoredIdentifier(self.path, self.held, UNREADABLE)


class OddFields(list[OddField]):
    """The fields of a message that were left out, in its order."""

    def add(self, path: str, value: object, reason: str) -> None:
        """Leave a field out."""
        self.append(OddField(path, _kind_of(value), f"{path} {reason}"))


def read_object(parent: dict[str, Any], name: str, odd: OddFields, path: str = "") -> dict[str, Any]:
    """Read a field that holds an object; an empty one without. ``path`` leads to the parent, with a dot at its end."""
    value = parent.get(name)
    if type(value) is dict:
        return value
    if value is not None and value != "":
        odd.add(path + name, value, "must be an object")
    return EMPTY


def read_id(value: Any, path: str, odd: OddFields) -> str:
    """Read an identifier, or the id of a message: a text, or a whole number; ``""`` without one.

    Raises:
        UnreadableError: the number may stand for several: there was an id, and nobody can tell any more which.
    """
    if value is None:
        return ""
    try:
        text = numbers.read_id(value)
    except InexactNumberError as error:
        raise UnreadableError(RejectionCode.INVALID_FIELD, f"{path} is {error}") from None
    if text is None:
        odd.add(path, value, "must be a string or a number")
        return ""
    return text


def read_contact(value: Any, path: str, odd: OddFields) -> str:
    """Read an e-mail address or a phone number; ``""`` without one. A number that has lost digits is neither."""
    try:
        return read_id(value, path, odd)
    except UnreadableError as error:
        odd.add(path, value, error.rejection.reason.removeprefix(f"{path} "))
        return ""


def read_name(value: Any, path: str, odd: OddFields) -> str:
    """Read what something is called, a number as its text; ``""`` without."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is int or type(value) is float:
        return str(value).removesuffix(".0")
    odd.add(path, value, "must be a string or a number")
    return ""


def drop_absent(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is null or empty."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def drop_blank(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty; what is null stays, since it says that there is no such thing any more."""
    return {name: value for name, value in fields.items() if value != ""}


def _kind_of(value: object) -> str:
    return _KINDS.get(type(value), "a number")
