"""The errors of the collector.

IdentityGraphError
├── MalformedBodyError      the body of a request cannot be parsed
├── BodyTooLargeError       the body is larger than a request may be
├── BodyTimeoutError        the body does not arrive in time
├── NoRoomError             too many bodies without a key in the head come at once
├── TooFastError            a key, or an address, sends more events than it may
├── UnknownKeyError         the write key is missing or not valid
├── InvalidMessagesError    messages that were sent to be checked cannot be accepted
├── WrongSignatureError     a push is not signed with the account's token, or not sealed with its key
└── ReplayedError           a push is old, or says something else under the same nonce
"""

from identity_graph.errors import IdentityGraphError


class MalformedBodyError(IdentityGraphError):
    """The body of a request cannot be parsed."""

    code = "MALFORMED_BODY"


class BodyTooLargeError(IdentityGraphError):
    """The body is larger than a request may be, as it came or inflated."""

    code = "BODY_TOO_LARGE"


class BodyTimeoutError(IdentityGraphError):
    """The body does not arrive in time."""

    code = "BODY_TIMEOUT"


class NoRoomError(IdentityGraphError):
    """Too many bodies come at once whose heads hold no key."""

    code = "NO_ROOM"


class TooFastError(IdentityGraphError):
    """A key, or an address, sends more events than it may; ``retry_after`` among the facts are seconds."""

    code = "TOO_FAST"


class UnknownKeyError(IdentityGraphError):
    """The write key is missing or not valid."""

    code = "UNKNOWN_KEY"


class InvalidMessagesError(IdentityGraphError):
    """Messages that were sent to be checked cannot be accepted."""

    code = "INVALID_MESSAGES"


class WrongSignatureError(IdentityGraphError):
    """A push is not signed with the token of the account, or not sealed with its key."""

    code = "WRONG_SIGNATURE"


class ReplayedError(IdentityGraphError):
    """A push is too old, or says something else under a timestamp and nonce that came before."""

    code = "REPLAYED"
