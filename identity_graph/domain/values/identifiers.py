"""Identifiers: the traces by which a person is recognised."""

from typing import NamedTuple

MAX_VALUE_LENGTH = 512
"""Characters that the value of an identifier may have at most."""


class Identifier(NamedTuple):
    """A usable identifier: its namespace is known to the rules and its value is normalised."""

    namespace: str
    value: str

    @property
    def key(self) -> str:
        """``namespace:value``, unique in the graph; keys compare by code point."""
        return f"{self.namespace}:{self.value}"

    @classmethod
    def from_key(cls, key: str) -> "Identifier":
        """Read a key back: the namespace ends at the first colon."""
        namespace, _, value = key.partition(":")
        return cls(namespace, value)


def namespace_of(key: str) -> str:
    """Read the namespace off a key."""
    return key.partition(":")[0]


class RawIdentifier(NamedTuple):
    """An identifier as a message brought it, before any rule was applied."""

    namespace: str
    value: str

    @property
    def text(self) -> str:
        """``namespace:value``, the form in which an event keeps it; a colon in the namespace, which none may hold, is ``%3A``."""
        return f"{self.namespace.replace(':', '%3A')}:{self.value}"

    @classmethod
    def from_text(cls, text: str) -> "RawIdentifier":
        """Read back what ``text`` gave."""
        namespace, _, value = text.partition(":")
        return cls(namespace.replace("%3A", ":"), value)


class IgnoredIdentifier(NamedTuple):
    """A value that a message brought and that is no identifier, or links nothing, with the reason.

    ``code`` is ``blocked``, ``invalid``, ``undeclared``, ``claimed``, or ``ambiguous_observation`` (the one case in which the
    value is an identifier all the same: it is seen, but this observation links it with nothing).
    """

    namespace: str
    value: str
    code: str
