"""Who acts: a key, a token, a command, or the service itself, with the scopes it has."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Scope(StrEnum):
    """What a key or a token is good for. No scope contains another one."""

    WRITE = "write"
    """Send events and observations."""

    READ = "read"
    """Read customers, journeys and statistics, without personal values."""

    PII = "pii"
    """See identifier values and personal traits as they are."""

    SEGMENTS = "segments"
    """Read and change segments, destinations, alerts and experiments."""

    RULES = "rules"
    """Change rules, the catalogue and what was resolved by them; retry dead letters."""

    PRIVACY = "privacy"
    """Record consent, and handle privacy requests."""

    ADMIN = "admin"
    """Manage keys, and read the audit log."""


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts. ``name`` is that of the key, or the subject of the token; ``address`` is where a request came from."""

    name: str
    kind: Literal["key", "token", "command", "service"]
    scopes: frozenset[Scope]
    key_id: str | None = None
    address: str | None = None

    @property
    def sees_personal_data(self) -> bool:
        """Identifier values and personal traits are shown as they are."""
        return Scope.PII in self.scopes


COMMAND = Principal("command", "command", ALL_SCOPES)
"""A person with the password of the database, who runs a command."""

SERVICE = Principal("service", "service", ALL_SCOPES)
"""What the service does by itself."""


def in_order(scopes: Iterable[Scope]) -> list[Scope]:
    """List scopes in the order in which they are documented."""
    given = frozenset(scopes)
    return [scope for scope in Scope if scope in given]
